/**
 * Kubernetes' parser accepts quoted text and flow collections that continue at or left of their parent's
 * column, and tabs as blanks inside flow; ours does not. A shadow text of the same length, in which line
 * breaks and indentation inside quotes and brackets (and comments inside brackets) are blanks, reads the
 * same and keeps every offset. Only the parser sees it.
 */

/** The shadow, or undefined when it would be the text itself. */
export function shadowOf(text: string): string | undefined {
  const out: string[] = []
  let depth = 0
  let changed = false
  let at = 0
  const copy = (length: number): void => {
    out.push(text.slice(at, at + length))
    at += length
  }
  const blank = (length: number): void => {
    out.push(' '.repeat(length))
    at += length
    changed = true
  }
  while (at < text.length) {
    const char = text[at] as string
    if (char === '#' && startsToken(text, at)) {
      const end = endOfLine(text, at)
      if (depth > 0) blank(end - at)
      else copy(end - at)
    } else if ((char === '"' || char === "'") && (startsToken(text, at) || (depth > 0 && /[{[,:]/.test(text[at - 1] ?? '')))) {
      const end = endOfQuotes(text, at, char)
      if (end === undefined) return undefined
      const inside = text.slice(at, end)
      const flat = inside.replace(/\r?\n[ \t]*/g, (part) => ' '.repeat(part.length))
      changed ||= flat !== inside
      out.push(flat)
      at = end
    } else if ((char === '{' || char === '[') && (depth > 0 || startsToken(text, at))) {
      depth++
      copy(1)
    } else if ((char === '}' || char === ']') && depth > 0) {
      depth--
      copy(1)
    } else if (depth > 0 && (char === '\n' || char === '\r' || char === '\t')) {
      const length = /^[\r\n\t ]+/.exec(text.slice(at, at + 4096))?.[0].length ?? 1
      blank(length)
    } else if (depth === 0 && (char === '|' || char === '>') && startsToken(text, at) && /^[|>][-+\d]*[ \t]*(?:#.*)?\r?$/.test(text.slice(at, endOfLine(text, at)))) {
      copy(endOfBlockScalar(text, at) - at)
    } else copy(1)
  }
  return changed ? out.join('') : undefined
}

function startsToken(text: string, at: number): boolean {
  return at === 0 || /[\s]/.test(text[at - 1] as string)
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end
}

function endOfQuotes(text: string, start: number, quote: string): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at++
    else if (text[at] === quote) {
      if (quote === "'" && text[at + 1] === "'") at++
      else return at + 1
    }
  }
  return undefined
}

/** Lines more indented than the line that opened the scalar, and blank lines between them. */
function endOfBlockScalar(text: string, at: number): number {
  const lineBegin = text.lastIndexOf('\n', at) + 1
  const indent = /^ */.exec(text.slice(lineBegin, at))?.[0].length ?? 0
  let end = endOfLine(text, at)
  while (end < text.length) {
    const next = end + 1
    const stop = endOfLine(text, next)
    const line = text.slice(next, stop)
    if (line.trim() !== '' && (/^ */.exec(line)?.[0].length ?? 0) <= indent) break
    if (next > text.length) break
    end = stop
    if (stop === text.length) break
  }
  return end
}
