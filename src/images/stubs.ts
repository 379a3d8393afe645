/** Commented entries for images that nothing is known of, to be filled in by hand. Every byte of the file stays. */
import { parseReference } from '../evidence/reference.ts'
import { lineBreakNear, nextLine } from '../text/lines.ts'
import type { ListedImage } from './list.ts'

const HEAD = `# What podharden cannot know by itself. Take the # away where you know; what is left out stays unknown.
# docker run --rm --entrypoint id IMAGE shows uid and gid of an image, docker diff CONTAINER what it wrote.
`

/** The text with what is missing, or why it cannot be added. `added` is 0 where everything stands there already. */
export function withStubs(text: string, images: readonly ListedImage[]): { readonly text: string; readonly added: number } | { readonly mistake: string } {
  const end = text === '' ? '\n' : lineBreakNear(text, 0)
  const stubs = [...byName(images)].filter(([name]) => !isMentioned(text, name))
  if (stubs.length === 0) return { text, added: 0 }
  const place = placeFor(text)
  if (place === undefined) return { mistake: 'images: is not written as a block list, so nothing can be added to it' }
  const lines = stubs.flatMap(([name, list]) => stub(name, list).map((line) => place.indent + line))
  const before = text.slice(0, place.at)
  const block = [...(place.isNew ? [...(text === '' ? HEAD.trimEnd().split('\n') : []), 'images:'] : []), ...lines].join(end)
  const gap = before === '' || before.endsWith('\n') ? '' : end
  return { text: `${before}${gap}${block}${end}${text.slice(place.at)}`, added: stubs.length }
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

function isMentioned(text: string, name: string): boolean {
  const escaped = name.replace(/[.+*?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^[\\s#-]*image:\\s*["']?${escaped}(?=["'\\s:@*]|$)`, 'm').test(text)
}

/** After the last line of `images:`, or at the end where there is no such key. Undefined: its list is in brackets. */
function placeFor(text: string): { readonly at: number; readonly indent: string; readonly isNew: boolean } | undefined {
  const key = /^images[ \t]*:(.*)$/m.exec(text)
  if (key === null) return { at: text.length, indent: '  ', isNew: true }
  const value = (key[1] ?? '').replace(/(^|\s)#.*/, '').trim()
  if (value !== '' && value !== '~' && value !== 'null') return undefined
  let at = nextLine(text, key.index)
  let indent = '  '
  let isFirst = true
  for (let start = at; start < text.length; start = nextLine(text, start)) {
    const line = text.slice(start, nextLine(text, start)).trimEnd()
    // What follows in the first column is the next key, or a comment on it.
    if (/^[^\s-]/.test(line) || line.startsWith('---')) break
    if (line === '') continue
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
