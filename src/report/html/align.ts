/** The two sides of a change beside each other. */
import { changedLines } from '../../text/diff.ts'
import type { Output } from '../../types.ts'

/** Zero-based lines; `undefined` where there is none on that side. */
export interface Pair {
  readonly before: number | undefined
  readonly after: number | undefined
}

/** One change. Between changes both sides are the same. */
export interface Aligned {
  /** The line before the change that it begins at. */
  readonly from: number
  readonly pairs: readonly Pair[]
}

export interface Sides {
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly changes: readonly Aligned[]
}

/** Beyond this, lines of a change are paired in order: comparing each with each would take too long. */
const COMPARED = 40_000

export function sidesOf({ source, text, edits }: Output): Sides {
  const before = linesOf(source.text)
  const after = linesOf(text)
  const beforeLine = lineCounter(source.text)
  const afterLine = lineCounter(text)
  const changes = changedLines(source.text, text, edits, 0).map(({ start, end, newStart, newEnd }) => {
    const [from, to] = [beforeLine(start), beforeLine(end)]
    const [newFrom, newTo] = [afterLine(newStart), afterLine(newEnd)]
    const moved = pairs(before.slice(from, to), after.slice(newFrom, newTo)).map((pair) => ({
      before: pair.before === undefined ? undefined : pair.before + from,
      after: pair.after === undefined ? undefined : pair.after + newFrom,
    }))
    return { from, pairs: moved }
  })
  return { before, after, changes }
}

function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** How many lines begin before a rising offset, which is the start of a line or the end of the text. */
function lineCounter(text: string): (offset: number) => number {
  let at = 0
  let line = 0
  return (offset) => {
    while (at < offset) {
      const next = text.indexOf('\n', at)
      at = next === -1 ? text.length : next + 1
      line++
    }
    return line
  }
}

/** Lines with the same key stand beside each other, in order; those between them one by one. */
export function pairs(before: readonly string[], after: readonly string[]): readonly Pair[] {
  const out: Pair[] = []
  let [i, j] = [0, 0]
  const upTo = (iEnd: number, jEnd: number): void => {
    while (i < iEnd || j < jEnd) out.push({ before: i < iEnd ? i++ : undefined, after: j < jEnd ? j++ : undefined })
  }
  for (const [a, b] of common(before.map(keyOf), after.map(keyOf))) {
    upTo(a, b)
    out.push({ before: i++, after: j++ })
  }
  upTo(before.length, after.length)
  return out
}

function keyOf(line: string): string {
  const text = line.trim()
  return /^(?:- )?[\w$"'./-]+\s*:/.exec(text)?.[0] ?? text
}

/** The longest common subsequence, as positions in both. */
function common(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] {
  if (a.length * b.length > COMPARED) return []
  const width = b.length + 1
  const lengths = new Uint32Array((a.length + 1) * width)
  const length = (i: number, j: number): number => lengths[i * width + j] as number
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) lengths[i * width + j] = a[i] === b[j] ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1))
  const found: (readonly [number, number])[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) found.push([i++, j++])
    else if (length(i + 1, j) >= length(i, j + 1)) i++
    else j++
  }
  return found
}
