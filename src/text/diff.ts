/** Unified diffs made from the edits, not by comparing texts: https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html */
import type { Edit, Source } from '../types.ts'
import { editedSpans } from './edits.ts'
import { lineStart, nextLine } from './lines.ts'

const CONTEXT = 3

/** `edits` ordered as by `orderEdits`. Empty when there is nothing to show. Applies with `git apply` and `patch -p1`. */
export function unifiedDiff(source: Source, text: string, edits: readonly Edit[]): string {
  // The mark is part of the first line; it must be in the diff where that line is.
  const mark = source.bom ? '\uFEFF' : ''
  const before = splitLines(mark + source.text)
  const after = splitLines(mark + text)
  const changes = changedLines(source.text, text, edits).map((change) => trimmed(change, before, after))
  if (changes.length === 0) return ''
  const name = (prefix: string): string => quotedName(`${prefix}/${source.path}`)
  const out = [`diff --git ${name('a')} ${name('b')}\n`, `--- ${tabbed(name('a'))}\n`, `+++ ${tabbed(name('b'))}\n`]
  for (const group of grouped(changes)) out.push(hunk(group, before, after))
  return out.join('')
}

/** Zero-based half-open line ranges, before and after. */
interface Change {
  readonly from: number
  readonly to: number
  readonly newFrom: number
  readonly newTo: number
}

function changedLines(original: string, text: string, edits: readonly Edit[]): readonly Change[] {
  const spans = editedSpans(edits)
  const oldLine = lineCounter(original)
  const newLine = lineCounter(text)
  const merged: Change[] = []
  edits.forEach((edit, i) => {
    const span = spans[i] as { start: number; end: number }
    // Whole lines put at the start of a line leave the lines around them as they are.
    const whole = edit.start === edit.end && lineStart(original, edit.start) === edit.start && edit.text.endsWith('\n')
    const from = oldLine(edit.start)
    const to = whole ? from : from + lineTouch(original, edit.start, edit.end)
    const newFrom = newLine(span.start)
    const newTo = whole ? newFrom + countBreaks(edit.text) : newFrom + lineTouch(text, span.start, span.end)
    const last = merged.at(-1)
    if (last !== undefined && from <= last.to) merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, to), newFrom: last.newFrom, newTo: Math.max(last.newTo, newTo) }
    else merged.push({ from, to, newFrom, newTo })
  })
  return merged
}

/** Takes equal lines off both ends of a change. */
function trimmed(change: Change, before: readonly string[], after: readonly string[]): Change {
  let { from, to, newFrom, newTo } = change
  while (from < to && newFrom < newTo && before[from] === after[newFrom]) {
    from++
    newFrom++
  }
  while (to > from && newTo > newFrom && before[to - 1] === after[newTo - 1]) {
    to--
    newTo--
  }
  return { from, to, newFrom, newTo }
}

/** Number of lines that a span lies on; a span that ends at a line start does not touch that line. */
function lineTouch(text: string, start: number, end: number): number {
  const last = end > start && text[end - 1] === '\n' ? end - 1 : end
  return countBreaks(text.slice(lineStart(text, start), nextLine(text, last))) || 1
}

function countBreaks(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++
  return count + (text.length > 0 && !text.endsWith('\n') ? 1 : 0)
}

/** Line number of rising offsets. */
function lineCounter(text: string): (offset: number) => number {
  let at = 0
  let line = 0
  return (offset) => {
    for (let next = text.indexOf('\n', at); next !== -1 && next < offset; next = text.indexOf('\n', at)) {
      at = next + 1
      line++
    }
    return line
  }
}

function splitLines(text: string): readonly string[] {
  const lines = text.split('\n')
  const last = lines.pop() as string
  const whole = lines.map((line) => `${line}\n`)
  return last === '' ? whole : [...whole, last]
}

function grouped(changes: readonly Change[]): readonly (readonly Change[])[] {
  const groups: Change[][] = []
  for (const change of changes) {
    const last = groups.at(-1)
    const previous = last?.at(-1)
    if (last !== undefined && previous !== undefined && change.from - previous.to <= 2 * CONTEXT) last.push(change)
    else groups.push([change])
  }
  return groups
}

function hunk(changes: readonly Change[], before: readonly string[], after: readonly string[]): string {
  const first = changes[0] as Change
  const last = changes.at(-1) as Change
  const start = Math.max(0, first.from - CONTEXT)
  const end = Math.min(before.length, last.to + CONTEXT)
  const newStart = first.newFrom - (first.from - start)
  const newEnd = last.newTo + (end - last.to)
  const body: string[] = []
  const add = (sign: string, lines: readonly string[]): void => {
    for (const line of lines) body.push(line.endsWith('\n') ? sign + line : `${sign}${line}\n\\ No newline at end of file\n`)
  }
  let at = start
  for (const change of changes) {
    add(' ', before.slice(at, change.from))
    add('-', before.slice(change.from, change.to))
    add('+', after.slice(change.newFrom, change.newTo))
    at = change.to
  }
  add(' ', before.slice(at, end))
  return `@@ -${range(start, end)} +${range(newStart, newEnd)} @@\n${body.join('')}`
}

function range(start: number, end: number): string {
  const length = end - start
  return length === 1 ? String(start + 1) : `${length === 0 ? start : start + 1},${length}`
}

/** As git does: names with control characters, quotes or bytes beyond ASCII are C-quoted. https://git-scm.com/docs/git-config#Documentation/git-config.txt-corequotePath */
export function quotedName(name: string): string {
  if (/^[\x20-\x7e]*$/.test(name) && !/["\\]/.test(name)) return name
  const escapes: Readonly<Record<number, string>> = { 7: 'a', 8: 'b', 9: 't', 10: 'n', 11: 'v', 12: 'f', 13: 'r', 34: '"', 92: '\\' }
  const bytes = [...new TextEncoder().encode(name)]
  const body = bytes.map((byte) => (escapes[byte] !== undefined ? `\\${escapes[byte]}` : byte < 32 || byte > 126 ? `\\${byte.toString(8).padStart(3, '0')}` : String.fromCharCode(byte)))
  return `"${body.join('')}"`
}

/** A name with blanks needs a tab behind it, or `patch` cuts it at the blank. */
function tabbed(name: string): string {
  return name.includes(' ') && !name.startsWith('"') ? `${name}\t` : name
}
