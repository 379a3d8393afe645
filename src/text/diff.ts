/** Unified diffs made from the edits, not by comparing texts: https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html */
import type { Edit, Source } from '../types.ts'
import { editedSpans } from './edits.ts'
import { lineStart, nextLine } from './lines.ts'

const CONTEXT = 3

/** `edits` ordered as by `orderEdits`. Empty when there is nothing to show. Applies with `git apply` and `patch -p1`. */
export function unifiedDiff(source: Source, text: string, edits: readonly Edit[]): string {
  // The mark is part of the first line; it must be in the diff where that line is.
  const mark = source.bom ? '\uFEFF' : ''
  const before = counted(mark + source.text)
  const after = counted(mark + text)
  const changes = changedLines(before.text, after.text, edits, mark.length)
  if (changes.length === 0) return ''
  const name = (prefix: string): string => quotedName(`${prefix}/${source.path}`)
  const out = [`diff --git ${name('a')} ${name('b')}\n`, `--- ${tabbed(name('a'))}\n`, `+++ ${tabbed(name('b'))}\n`]
  for (const group of grouped(changes, before.text)) out.push(hunk(group, before, after))
  return out.join('')
}

/** Whole lines, by offsets: `start` and `end` before the edits, `newStart` and `newEnd` after them. */
export interface Change {
  readonly start: number
  readonly end: number
  readonly newStart: number
  readonly newEnd: number
}

/** The whole lines that `edits` touch. `shift`: what stands before both texts that the edits do not count. */
export function changedLines(before: string, after: string, edits: readonly Edit[], shift: number): readonly Change[] {
  const spans = editedSpans(edits)
  const merged: Change[] = []
  edits.forEach((edit, i) => {
    const span = spans[i] as { readonly start: number; readonly end: number }
    const [start, end, newStart, newEnd] = [edit.start + shift, edit.end + shift, span.start + shift, span.end + shift] as const
    const from = lineStart(before, start)
    const blanks = before.slice(from, start)
    // Lines put behind the blanks of a line, ending in the same blanks: as good as whole lines before it.
    const back = start === end && blanks.trim() === '' && edit.text.endsWith(`\n${blanks}`) ? blanks.length : undefined
    // A span that ends where a line starts, before and after, does not touch that line.
    const to = back !== undefined ? from : lineStart(before, end) === end && lineStart(after, newEnd) === newEnd ? end : nextLine(before, end)
    const change: Change =
      back !== undefined
        ? { start: from, end: to, newStart: newStart - back, newEnd: newEnd - back }
        : { start: from, end: to, newStart: newStart - (start - from), newEnd: newEnd + (to - end) }
    const last = merged.at(-1)
    if (last !== undefined && change.start <= last.end) {
      // Behind the later edit every offset has moved by what both edits moved it.
      const end = Math.max(last.end, change.end)
      merged[merged.length - 1] = { ...last, end, newEnd: end + change.newEnd - change.end }
    } else merged.push(change)
  })
  return merged.map((change) => trimmed(change, before, after)).filter(({ start, end, newStart, newEnd }) => start < end || newStart < newEnd)
}

/** Takes equal lines off both ends of a change. */
function trimmed(change: Change, before: string, after: string): Change {
  let { start, end, newStart, newEnd } = change
  while (start < end && newStart < newEnd) {
    const line = before.slice(start, Math.min(end, nextLine(before, start)))
    const other = after.slice(newStart, Math.min(newEnd, nextLine(after, newStart)))
    if (line !== other) break
    start += line.length
    newStart += other.length
  }
  while (start < end && newStart < newEnd) {
    const line = before.slice(Math.max(start, lineStart(before, end - 1)), end)
    const other = after.slice(Math.max(newStart, lineStart(after, newEnd - 1)), newEnd)
    if (line !== other) break
    end -= line.length
    newEnd -= other.length
  }
  return { start, end, newStart, newEnd }
}

/** Changes whose context would meet go into one hunk. */
function grouped(changes: readonly Change[], before: string): readonly (readonly Change[])[] {
  const groups: Change[][] = []
  for (const change of changes) {
    const last = groups.at(-1)
    const previous = last?.at(-1)
    if (last !== undefined && previous !== undefined && linesBetween(before, previous.end, change.start) <= 2 * CONTEXT) last.push(change)
    else groups.push([change])
  }
  return groups
}

function linesBetween(text: string, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to && count <= 2 * CONTEXT; at = nextLine(text, at)) count++
  return count
}

interface Counted {
  readonly text: string
  /** Zero-based number of the line that starts at a rising offset. */
  line(offset: number): number
}

function counted(text: string): Counted {
  let at = 0
  let line = 0
  return {
    text,
    line: (offset) => {
      for (let next = text.indexOf('\n', at); next !== -1 && next < offset; next = text.indexOf('\n', at)) {
        at = next + 1
        line++
      }
      return line
    },
  }
}

function hunk(changes: readonly Change[], before: Counted, after: Counted): string {
  const first = changes[0] as Change
  const last = changes.at(-1) as Change
  let start = first.start
  for (let i = 0; i < CONTEXT && start > 0; i++) start = lineStart(before.text, start - 1)
  let end = last.end
  for (let i = 0; i < CONTEXT && end < before.text.length; i++) end = nextLine(before.text, end)
  const body: string[] = []
  const counts = { old: 0, new: 0 }
  const add = (sign: ' ' | '-' | '+', text: string, from: number, to: number): void => {
    for (let at = from; at < to; ) {
      const next = nextLine(text, at)
      const line = text.slice(at, next)
      body.push(line.endsWith('\n') ? sign + line : `${sign}${line}\n\\ No newline at end of file\n`)
      if (sign !== '+') counts.old++
      if (sign !== '-') counts.new++
      at = next
    }
  }
  let at = start
  for (const change of changes) {
    add(' ', before.text, at, change.start)
    add('-', before.text, change.start, change.end)
    add('+', after.text, change.newStart, change.newEnd)
    at = change.end
  }
  add(' ', before.text, at, end)
  const oldLine = before.line(start)
  const newLine = after.line(first.newStart - (first.start - start))
  return `@@ -${range(oldLine, counts.old)} +${range(newLine, counts.new)} @@\n${body.join('')}`
}

function range(start: number, length: number): string {
  return length === 1 ? String(start + 1) : `${length === 0 ? start : start + 1},${length}`
}

/** As git does: names with control characters, quotes or bytes beyond ASCII are C-quoted. https://git-scm.com/docs/git-config#Documentation/git-config.txt-corequotePath */
export function quotedName(name: string): string {
  if (/^[\x20-\x7e]*$/.test(name) && !/["\\]/.test(name)) return name
  const escapes: Readonly<Record<number, string>> = { 7: 'a', 8: 'b', 9: 't', 10: 'n', 11: 'v', 12: 'f', 13: 'r', 34: '"', 92: '\\' }
  const bytes = [...new TextEncoder().encode(name)]
  const body = bytes.map((byte) =>
    escapes[byte] !== undefined ? `\\${escapes[byte]}` : byte < 32 || byte > 126 ? `\\${byte.toString(8).padStart(3, '0')}` : String.fromCharCode(byte),
  )
  return `"${body.join('')}"`
}

/** A name with blanks needs a tab behind it, or `patch` cuts it at the blank. */
function tabbed(name: string): string {
  return name.includes(' ') && !name.startsWith('"') ? `${name}\t` : name
}
