/** Files of a tree, read; and the bytes to write back. */
import { Buffer } from 'node:buffer'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { decode, SIZE_LIMIT, startsWide, tooLarge } from './decode.ts'
import { errnoOf, errnoText, nextStep } from './errno.ts'
import type { Problem, Source } from './types.ts'

/** The bytes of `text` in the file of `source`: UTF-8, with its byte order mark where it had one. */
export function encode(source: Pick<Source, 'bom'>, text: string): Buffer {
  return Buffer.from(source.bom ? `\uFEFF${text}` : text, 'utf8')
}

/**
 * Cheap test before decoding: false means that no pod spec can be found in these bytes. Wide encodings are let
 * through, so that they are reported instead of looking clean.
 */
export function mayHoldPods(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.includes('ontainers') || buffer.includes('securityContext') || startsWide(bytes)
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
