/** Edits between two texts, line by line: for states of which neither was made from the other. */
import type { Edit } from '../types.ts'

/** Beyond this many cells the lines between the first and the last difference are replaced as a whole. */
const CELLS = 4_000_000

/** Whole lines, in order, never overlapping. Applied to `before` they give `after`. */
export function difference(before: string, after: string): readonly Edit[] {
  const [old, now] = [linesOf(before), linesOf(after)]
  let head = 0
  while (head < old.length && head < now.length && old[head] === now[head]) head++
  let tail = 0
  while (tail < old.length - head && tail < now.length - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++
  const [left, right] = [old.slice(head, old.length - tail), now.slice(head, now.length - tail)]
  const start = length(old.slice(0, head))
  if (left.length === 0 && right.length === 0) return []
  if (left.length * right.length > CELLS) return [{ start, end: start + length(left), text: right.join('') }]
  return edits(left, right, start)
}

function linesOf(text: string): readonly string[] {
  return text.split(/(?<=\n)/).filter((line) => line !== '')
}

function length(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0)
}

/** By the longest common run of lines. https://en.wikipedia.org/wiki/Longest_common_subsequence */
function edits(left: readonly string[], right: readonly string[], offset: number): readonly Edit[] {
  const width = right.length + 1
  const best = new Uint32Array((left.length + 1) * width)
  for (let i = left.length - 1; i >= 0; i--)
    for (let j = right.length - 1; j >= 0; j--)
      best[i * width + j] = left[i] === right[j] ? (best[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(best[(i + 1) * width + j] ?? 0, best[i * width + j + 1] ?? 0)
  const found: Edit[] = []
  let [i, j, at] = [0, 0, offset]
  let open: { start: number; end: number; text: string } | undefined
  while (i < left.length || j < right.length) {
    const isSame = i < left.length && j < right.length && left[i] === right[j]
    if (isSame) {
      if (open !== undefined) found.push(open)
      open = undefined
      at += (left[i] as string).length
      i++
      j++
      continue
    }
    open ??= { start: at, end: at, text: '' }
    if (j >= right.length || (i < left.length && (best[(i + 1) * width + j] ?? 0) >= (best[i * width + j + 1] ?? 0))) {
      at += (left[i] as string).length
      open.end = at
      i++
    } else open.text += right[j++]
  }
  if (open !== undefined) found.push(open)
  return found
}
