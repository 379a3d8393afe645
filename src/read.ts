/** Bytes to text and back, so strictly that writing unchanged text gives the same bytes. */
import { Buffer, isUtf8 } from 'node:buffer'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { errnoOf, errnoText, nextStep } from './errno.ts'
import type { Problem, Source } from './types.ts'

/** Largest file that is read, in bytes. A V8 string ends at 512 MB, and the tree of a text is ten times its size. */
export const SIZE_LIMIT = 256 * 1024 * 1024

const BOM = Buffer.from([0xef, 0xbb, 0xbf])
const LF = 0x0a

export function isProblem(result: Source | Problem): result is Problem {
  return 'code' in result
}

/**
 * Strict UTF-8, with one byte order mark taken off and remembered. What could not be written back to the same
 * bytes, or whose lines we would count otherwise than Kubernetes' parser, is a problem. U+0085, U+2028 and U+2029
 * are text here; whoever parses decides about them.
 */
export function decode(path: string, bytes: Uint8Array): Source | Problem {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.length > SIZE_LIMIT) return tooLarge(path, buffer.length)
  const wide = wideEncoding(buffer)
  if (wide !== undefined) {
    return { code: 'ENCODING', file: path, message: `${wide}; only UTF-8 is read`, hint: 'Convert the file to UTF-8, for example with iconv.' }
  }
  if (!isUtf8(buffer)) {
    const line = firstBadLine(buffer)
    return { code: 'NOT_UTF8', file: path, line, message: `not UTF-8: line ${line} holds a byte that is part of no character`, hint: 'Save the file as UTF-8.' }
  }
  const bom = buffer.subarray(0, BOM.length).equals(BOM)
  const text = buffer.toString('utf8', bom ? BOM.length : 0)
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

/** The bytes of `text` in the file of `source`: UTF-8, with its byte order mark where it had one. */
export function encode(source: Pick<Source, 'bom'>, text: string): Buffer {
  const body = Buffer.from(text, 'utf8')
  return source.bom ? Buffer.concat([BOM, body]) : body
}

/**
 * Cheap test before decoding: false means that no pod spec can be found in these bytes. Wide encodings are let
 * through, so that they are reported instead of looking clean.
 */
export function mayHoldPods(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.includes('ontainers') || buffer.includes('securityContext')) return true
  return startsWide(buffer)
}

/** The file system calls used here; tests put failures in. */
export interface ReadIo {
  statSync(path: string): { readonly size: number; isFile(): boolean }
  readFileSync(path: string): Uint8Array
}

/** One file below the root. The size is asked before a byte is read; a pipe is never opened. */
export function readSource(root: string, path: string, io: ReadIo = fs): Source | Problem {
  // Every file is wanted, so there is always an answer.
  return readWanted(root, path, () => true, io) as Source | Problem
}

/** The same, or undefined for a file whose bytes are not `wanted`: what is not decoded cannot be broken either. */
export function readWanted(root: string, path: string, wanted: (bytes: Uint8Array) => boolean, io: ReadIo = fs): Source | Problem | undefined {
  const full = join(root, path)
  try {
    const status = io.statSync(full)
    if (!status.isFile()) return { code: 'NOT_A_FILE', file: path, message: 'not a regular file', hint: 'Name a file or a folder of files.' }
    if (status.size > SIZE_LIMIT) return tooLarge(path, status.size)
    const bytes = io.readFileSync(full)
    return wanted(bytes) ? decode(path, bytes) : undefined
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { code: 'NOT_FOUND', file: path, message: 'no such file', hint: 'Check the path, then run again.' }
    return { code: 'UNREADABLE', file: path, message: `cannot be read: ${errnoText(error)}`, hint: nextStep(error) }
  }
}

function tooLarge(path: string, size: number): Problem {
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MB`
  return { code: 'TOO_LARGE', file: path, message: `${megabytes(size)}; files up to ${megabytes(SIZE_LIMIT)} are read`, hint: 'Split the file.' }
}

function startsWide(buffer: Buffer): boolean {
  const mark = buffer.length >= 2 ? buffer.readUInt16BE(0) : 0x2020
  return mark === 0xfffe || mark === 0xfeff || buffer.subarray(0, 4).includes(0)
}

function wideEncoding(buffer: Buffer): string | undefined {
  if (buffer.length >= 2 && [0xfffe, 0xfeff].includes(buffer.readUInt16BE(0))) return 'UTF-16'
  return buffer.includes(0) ? 'holds NUL bytes, so it is UTF-16, UTF-32 or no text' : undefined
}

/** No character of more than one byte holds a line feed, so every line can be judged alone. */
function firstBadLine(buffer: Buffer): number {
  let start = 0
  for (let line = 1; ; line++) {
    const end = buffer.indexOf(LF, start)
    if (end === -1 || !isUtf8(buffer.subarray(start, end))) return line
    start = end + 1
  }
}

/** The line that a carriage return ends alone; such a line counts as one. */
function loneReturn(text: string): number | undefined {
  if (!text.includes('\r')) return undefined
  const at = text.search(/\r(?!\n)/)
  return at === -1 ? undefined : text.slice(0, at).split('\n').length
}
