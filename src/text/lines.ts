/** Questions about lines. Only LF ends a line here; a CR before it belongs to the line break. */

/** Offset of the first character of the line that holds `offset`. */
export function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1
}

/** Offset behind the line break of the line that holds `offset`, or the end of the text. */
export function nextLine(text: string, offset: number): number {
  const at = text.indexOf('\n', offset)
  return at === -1 ? text.length : at + 1
}

/** Offset of the line break (CR LF or LF) that ends the line that holds `offset`, or the end of the text. */
export function lineEnd(text: string, offset: number): number {
  const at = text.indexOf('\n', offset)
  if (at === -1) return text.length
  return at > offset && text[at - 1] === '\r' ? at - 1 : at
}

/** Zero-based column in UTF-16 units. */
export function columnAt(text: string, offset: number): number {
  return offset - lineStart(text, offset)
}

/** Number of blanks at the start of the line that begins at `start`. */
export function indentAt(text: string, start: number): number {
  let at = start
  while (text.charCodeAt(at) === 32) at++
  return at - start
}

/** Nothing but blanks, tabs and a line break from `start` to the end of its line. */
export function isBlankFrom(text: string, start: number): boolean {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 10) return true
    if (code !== 32 && code !== 9 && code !== 13) return false
  }
  return true
}

/** The line break to copy at `offset`: that of the line before, else of the next one, else LF. */
export function lineBreakNear(text: string, offset: number): '\n' | '\r\n' {
  const before = offset === 0 ? -1 : text.lastIndexOf('\n', offset - 1)
  const at = before !== -1 ? before : text.indexOf('\n', offset)
  return at > 0 && text[at - 1] === '\r' ? '\r\n' : '\n'
}

/** One-based line and column of rising or random offsets, the line table made on first use. */
export function positions(text: string): (offset: number) => { readonly line: number; readonly column: number } {
  let starts: number[] | undefined
  return (offset) => {
    if (starts === undefined) {
      starts = [0]
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    }
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] as number) + 1 }
  }
}
