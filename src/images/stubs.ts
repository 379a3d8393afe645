/** Commented entries for images that nothing is known of, to be filled in by hand. Every byte of the file stays. */
import type { Config } from '../config/keys.ts'
import { configOf } from '../config/read.ts'
import { parseReference } from '../evidence/reference.ts'
import { lineBreakNear, nextLine } from '../text/lines.ts'
import type { ListedImage } from './list.ts'

const HEAD = `# What podharden cannot know by itself. Take the # away where you know; what is left out stays unknown.
# docker run --rm --entrypoint id IMAGE shows uid and gid of an image, docker diff CONTAINER what it wrote.
`

/** The text with what is missing, or why it cannot be added. `added` is 0 where everything stands there already. */
export function withStubs(text: string, images: readonly ListedImage[]): { readonly text: string; readonly added: number } | { readonly mistake: string } {
  const end = text === '' ? '\n' : lineBreakNear(text, 0)
  const stubs = [...byName(images)].filter(([name, list]) => !isMentioned(text, name, list))
  if (stubs.length === 0) return { text, added: 0 }
  const place = placeFor(text)
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

/** Without the lines where things stand. */
function unplaced(config: Config): string {
  return JSON.stringify(config, (key, value) => (key === 'source' ? undefined : value))
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

/** After the last line of `images:`, or at the end where there is no such key. Undefined: its list is in brackets. */
function placeFor(text: string): { readonly at: number; readonly indent: string; readonly isNew: boolean } | undefined {
  const key = /^(["']?)images\1[ \t]*:(.*)$/m.exec(text)
  if (key === null) {
    const marker = /^\.\.\.[ \t]*\r?$/m.exec(text)
    return { at: marker?.index ?? text.length, indent: '  ', isNew: true }
  }
  const value = (key[2] ?? '').replace(/(^|\s)#.*/, '').trim()
  if (value !== '' && value !== '~' && value !== 'null') return undefined
  let at = nextLine(text, key.index)
  let indent = '  '
  let isFirst = true
  for (let start = at; start < text.length; start = nextLine(text, start)) {
    const line = text.slice(start, nextLine(text, start)).trimEnd()
    if (/^[^\s#-]/.test(line) || line.startsWith('---')) break
    // A comment in the first column may be on the next item, or on the next key.
    if (line === '' || line.startsWith('#')) continue
    if (isFirst && /^\s*-/.test(line)) indent = /^\s*/.exec(line)?.[0] ?? ''
    if (!/^\s*#/.test(line)) isFirst = false
    at = nextLine(text, start)
  }
  return { at, indent, isNew: false }
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
