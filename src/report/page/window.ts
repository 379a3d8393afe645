/** Which rows of a long list of equal rows stand in the document. */

export interface Window {
  readonly from: number
  readonly to: number
}

/** Rows before and behind what is seen, so that a fast turn of the wheel shows no gap. */
const BEYOND = 10

export function windowOf(top: number, height: number, row: number, count: number): Window {
  const from = Math.max(0, Math.min(count, Math.floor(top / row)) - BEYOND)
  return { from, to: Math.min(count, Math.ceil((top + height) / row) + BEYOND) }
}

/** Where to scroll so that a row is seen; the same `top` where it is seen already. */
export function topFor(index: number, top: number, height: number, row: number): number {
  const at = index * row
  if (at < top) return at
  return at + row > top + height ? at + row - height : top
}
