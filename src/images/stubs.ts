/** Commented entries for images that nothing is known of, to be filled in by hand. Every byte of the file stays. */
import { placeFor, unplaced } from '../config/place.ts'
import { configOf } from '../config/read.ts'
import { parseReference } from '../evidence/reference.ts'
import { lineBreakNear } from '../text/lines.ts'
import type { ListedImage } from './list.ts'

const HEAD = `# What podharden cannot know by itself. Take the # away where you know; what is left out stays unknown.
# docker run --rm --entrypoint id IMAGE shows uid and gid of an image, docker diff CONTAINER what it wrote.
`

/** The text with what is missing, or why it cannot be added. `added` is 0 where everything stands there already. */
export function withStubs(text: string, images: readonly ListedImage[]): { readonly text: string; readonly added: number } | { readonly mistake: string } {
  const end = text === '' ? '\n' : lineBreakNear(text, 0)
  const stubs = [...byName(images)].filter(([name, list]) => !isMentioned(text, name, list))
  if (stubs.length === 0) return { text, added: 0 }
  const place = placeFor(text, 'images')
  if (place === undefined) return { mistake: 'images: is not written as a block list, so nothing can be added to it' }
  const lines = stubs.flatMap(([name, list]) => stub(name, list).map((line) => place.indent + line))
  const before = text.slice(0, place.at)
  const block = [...(place.isNew ? [...(text === '' ? HEAD.trimEnd().split('\n') : []), 'images:'] : []), ...lines].join(end)
  const gap = before === '' || before.endsWith('\n') ? '' : end
  const result = `${before}${gap}${block}${end}${text.slice(place.at)}`
  // Comments must change nothing of what the file says.
  const [said, says] = [text, result].map((one) => configOf('', one))
  const isSame = said !== undefined && says !== undefined && 'config' in said && 'config' in says && unplaced(said.config) === unplaced(says.config)
  return isSame ? { text: result, added: stubs.length } : { mistake: 'the file is written in a way that nothing could be added to' }
}

/** One entry for all tags of a repository. */
function byName(images: readonly ListedImage[]): ReadonlyMap<string, readonly ListedImage[]> {
  const found = new Map<string, ListedImage[]>()
  for (const image of images) {
    if (image.missing.length === 0 || parseReference(image.image) === undefined) continue
    const name = image.image.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
    const list = found.get(name)
    if (list === undefined) found.set(name, [image])
    else list.push(image)
  }
  return found
}

/** With the name alone, with any tag, or with each of the tags that are used; in a comment too. */
function isMentioned(text: string, name: string, images: readonly ListedImage[]): boolean {
  const mentioned = new Set([...text.matchAll(/^[\s#-]*image:\s*["']?([^"'\s#]+)/gm)].map(([, value]) => value))
  return mentioned.has(name) || mentioned.has(`${name}:*`) || mentioned.has(`${name}*`) || images.every(({ image }) => mentioned.has(image))
}

function stub(name: string, images: readonly ListedImage[]): readonly string[] {
  const missing = new Set(images.flatMap((image) => image.missing))
  const uses = images.flatMap((image) => image.uses)
  const first = uses[0]
  const more = uses.length > 1 ? ` and ${uses.length - 1} more` : ''
  return [
    ...(first === undefined ? [] : [`# ${first.file}:${first.line} ${first.kind}/${first.name}${more}`]),
    `# - image: ${name}`,
    ...(missing.has('user') ? ['#   uid:', '#   gid:'] : []),
    ...(missing.has('writablePaths') ? ['#   writablePaths: []'] : []),
  ].map((line) => line.replace(/[\u0000-\u001f\u007f]/g, '?'))
}
