/** Bytes to text, so strictly that writing unchanged text gives the same bytes. Needs nothing of Node. */
import type { Problem, Source } from './types.ts'

/** Largest file that is read, in bytes. A V8 string ends at 512 MB, and the tree of a text is ten times its size. */
export const SIZE_LIMIT = 256 * 1024 * 1024

const BOM = [0xef, 0xbb, 0xbf]
const LF = 0x0a
/** Refuses what is no UTF-8, and takes nothing away. */
const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function isProblem(result: Source | Problem): result is Problem {
  return 'code' in result
}

/**
 * Strict UTF-8, with one byte order mark taken off and remembered. What could not be written back to the same
 * bytes, or whose lines we would count otherwise than Kubernetes' parser, is a problem. U+0085, U+2028 and U+2029
 * are text here; whoever parses decides about them.
 */
export function decode(path: string, bytes: Uint8Array): Source | Problem {
  if (bytes.length > SIZE_LIMIT) return tooLarge(path, bytes.length)
  const wide = wideEncoding(bytes)
  if (wide !== undefined) {
    return { code: 'ENCODING', file: path, message: `${wide}; only UTF-8 is read`, hint: 'Convert the file to UTF-8, for example with iconv.' }
  }
  const bom = BOM.every((byte, i) => bytes[i] === byte)
  const text = strictText(bom ? bytes.subarray(BOM.length) : bytes)
  if (text === undefined) {
    const line = firstBadLine(bytes)
    return { code: 'NOT_UTF8', file: path, line, message: `not UTF-8: line ${line} holds a byte that is part of no character`, hint: 'Save the file as UTF-8.' }
  }
  const lone = loneReturn(text)
  if (lone !== undefined) {
    return {
      code: 'LINE_BREAKS',
      file: path,
      line: lone,
      message: 'a carriage return without line feed (old Macintosh line break)',
      hint: 'Convert the line breaks to LF or CR LF, for example with `tr "\\r" "\\n"`.',
    }
  }
  return { path, text, bom }
}

export function tooLarge(path: string, size: number): Problem {
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MB`
  return { code: 'TOO_LARGE', file: path, message: `${megabytes(size)}; files up to ${megabytes(SIZE_LIMIT)} are read`, hint: 'Split the file.' }
}

/** Begins like UTF-16 or UTF-32, in either order of bytes. */
export function startsWide(bytes: Uint8Array): boolean {
  return hasWideMark(bytes) || bytes.subarray(0, 4).includes(0)
}

function hasWideMark([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
}

function wideEncoding(bytes: Uint8Array): string | undefined {
  if (hasWideMark(bytes)) return 'UTF-16'
  return bytes.includes(0) ? 'holds NUL bytes, so it is UTF-16, UTF-32 or no text' : undefined
}

function strictText(bytes: Uint8Array): string | undefined {
  try {
    return STRICT.decode(bytes)
  } catch {
    return undefined
  }
}

/** No character of more than one byte holds a line feed, so every line can be judged alone. */
function firstBadLine(bytes: Uint8Array): number {
  let start = 0
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(LF, start)
    if (end === -1 || strictText(bytes.subarray(start, end)) === undefined) return line
    start = end + 1
  }
}

/** The line that a carriage return ends alone; such a line counts as one. */
function loneReturn(text: string): number | undefined {
  if (!text.includes('\r')) return undefined
  const at = text.search(/\r(?!\n)/)
  return at === -1 ? undefined : text.slice(0, at).split('\n').length
}
