/** Where an item may be added to a list of `podharden.yaml` without touching another byte of it. */
import { nextLine } from '../text/lines.ts'
import type { Config } from './keys.ts'

/** After the last line of a list, or at the end where there is no such key. Undefined: its list is in brackets. */
export function placeFor(text: string, name: string): { readonly at: number; readonly indent: string; readonly isNew: boolean } | undefined {
  const key = new RegExp(`^(["']?)${name}\\1[ \\t]*:(.*)$`, 'm').exec(text)
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

/** Without the lines where things stand. */
export function unplaced(config: Config): string {
  return JSON.stringify(config, (key, value) => (key === 'source' ? undefined : value))
}
