/**
 * Headers of a tar stream, one after the other, with the content of the few files that are wanted. Nothing is
 * unpacked and no more than one header and one wanted file is held in memory. Our own reader, because the value
 * of `security.capability` is binary and tar libraries give PAX values as text.
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13
 */
import { ImageTrouble, LIMITS } from './content.ts'

export interface TarEntry {
  /** As written, not yet made safe. */
  readonly name: string
  readonly type: 'file' | 'directory' | 'link' | 'symlink' | 'other'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly link: string
  /** Value of `SCHILY.xattr.security.capability`. */
  readonly capability: Uint8Array | undefined
  /** Where the content begins in the stream. */
  readonly offset: number
}

const BLOCK = 512
const HINT = 'Push the image again, or leave it out.'

/** `wants`: at most this many bytes of the content are kept for `take`; 0 passes over it. */
export async function readTar(chunks: AsyncIterable<Uint8Array>, wants: (entry: TarEntry) => number, take: (entry: TarEntry, content: Uint8Array) => void): Promise<void> {
  const input = new Bytes(chunks)
  let extended: Extended = {}
  let globals: Extended = {}
  for (;;) {
    const header = await input.block()
    if (header === undefined || header.every((byte) => byte === 0)) break
    if (!isHeader(header)) throw new ImageTrouble('BROKEN', 'this is no tar archive', HINT)
    const flag = String.fromCharCode(header[156] ?? 0)
    const size = number(header, 124, 12)
    if (flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K') {
      if (size > LIMITS.header) throw new ImageTrouble('LIMIT', `a header of ${size} bytes in a tar archive; at most ${LIMITS.header} are read`, HINT)
      const body = await input.take(size)
      await input.skip(padding(size))
      if (flag === 'g') globals = { ...globals, ...pax(body) }
      else if (flag === 'x') extended = { ...extended, ...pax(body) }
      else if (flag === 'L') extended = { ...extended, path: text(body, 0, body.length) }
      else extended = { ...extended, linkpath: text(body, 0, body.length) }
      continue
    }
    // An old sparse file has further blocks with its map before the content.
    if (flag === 'S') for (let more = header[482] === 1; more; ) more = (await input.need())[504] === 1
    const entry = entryOf(header, flag, size, { ...globals, ...extended }, input.position)
    extended = {}
    const wanted = Math.min(wants(entry), entry.size)
    const content = wanted > 0 ? await input.take(wanted) : EMPTY
    await input.skip(entry.size - content.length + padding(entry.size))
    take(entry, content)
  }
  // The digest is over all bytes, also those after the end mark.
  await input.drain()
}

const EMPTY = new Uint8Array(0)

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

interface Extended {
  readonly path?: string
  readonly linkpath?: string
  readonly size?: number
  readonly uid?: number
  readonly gid?: number
  readonly capability?: Uint8Array
  readonly sparseName?: string
}

function entryOf(header: Uint8Array, flag: string, size: number, extended: Extended, offset: number): TarEntry {
  const isUstar = text(header, 257, 5) === 'ustar' && header[262] === 0
  const prefix = isUstar ? text(header, 345, 155) : ''
  const short = text(header, 0, 100)
  const name = extended.sparseName ?? extended.path ?? (prefix === '' ? short : `${prefix}/${short}`)
  if (name.length > LIMITS.name) throw new ImageTrouble('LIMIT', `a name of ${name.length} characters in a tar archive`, HINT)
  const isOld = flag === '\0' || flag === ''
  return {
    name,
    type:
      flag === '5' || (isOld && name.endsWith('/'))
        ? 'directory'
        : flag === '0' || flag === '7' || flag === 'S' || isOld
          ? 'file'
          : flag === '1'
            ? 'link'
            : flag === '2'
              ? 'symlink'
              : 'other',
    mode: number(header, 100, 8) & 0o7777,
    uid: extended.uid ?? number(header, 108, 8),
    gid: extended.gid ?? number(header, 116, 8),
    // Links have no content, whatever their header says.
    size: flag === '1' || flag === '2' || flag === '3' || flag === '4' || flag === '5' || flag === '6' ? 0 : (extended.size ?? size),
    link: extended.linkpath ?? text(header, 157, 100),
    capability: extended.capability,
    offset,
  }
}

/** The sum of its bytes, with its own field as spaces. */
function isHeader(header: Uint8Array): boolean {
  let sum = 0
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : (header[i] ?? 0)
  return sum === number(header, 148, 8)
}

const decoder = new TextDecoder()

function text(bytes: Uint8Array, start: number, length: number): string {
  let end = start
  while (end < start + length && bytes[end] !== 0) end++
  return end === start ? '' : decoder.decode(bytes.subarray(start, end))
}

/** Octal digits, or binary where the first bit is set. */
function number(bytes: Uint8Array, start: number, length: number): number {
  if (((bytes[start] ?? 0) & 0x80) !== 0) {
    let value = (bytes[start] ?? 0) & 0x7f
    for (let i = start + 1; i < start + length; i++) value = value * 256 + (bytes[i] ?? 0)
    return Number.isSafeInteger(value) ? value : 0
  }
  let value = 0
  for (let i = start; i < start + length; i++) {
    const digit = (bytes[i] ?? 0) - 48
    if (digit >= 0 && digit < 8) value = value * 8 + digit
    else if (value > 0) break
  }
  return value
}

/** `LENGTH KEY=VALUE\n`, the length in bytes of the whole record. */
function pax(body: Uint8Array): Extended {
  let found: Extended = {}
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(32, at)
    const length = space === -1 ? Number.NaN : Number(decoder.decode(body.subarray(at, space)))
    if (!Number.isInteger(length) || length < 5 || at + length > body.length) throw new ImageTrouble('BROKEN', 'an extended header of a tar archive cannot be read', HINT)
    const equals = body.indexOf(61, space)
    const key = decoder.decode(body.subarray(space + 1, equals))
    const value = body.subarray(equals + 1, at + length - 1)
    const plain = (): string => decoder.decode(value)
    if (key === 'path') found = { ...found, path: plain() }
    else if (key === 'linkpath') found = { ...found, linkpath: plain() }
    else if (key === 'size' || key === 'uid' || key === 'gid') found = { ...found, [key]: Number(plain()) || 0 }
    else if (key === 'GNU.sparse.name') found = { ...found, sparseName: plain() }
    else if (key === 'SCHILY.xattr.security.capability') found = { ...found, capability: value.slice() }
    at += length
  }
  return found
}

/** Bytes of a stream in the pieces that are asked for. */
class Bytes {
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest: Uint8Array = EMPTY
  position = 0

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  async #more(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next()
      if (done === true) return false
      this.#rest = value
    }
    return true
  }

  /** Undefined at the end of the stream. */
  async block(): Promise<Uint8Array | undefined> {
    return this.#rest.length > 0 || (await this.#more()) ? this.need() : undefined
  }

  need(): Promise<Uint8Array> | Uint8Array {
    if (this.#rest.length < BLOCK) return this.take(BLOCK)
    const block = this.#rest.subarray(0, BLOCK)
    this.#rest = this.#rest.subarray(BLOCK)
    this.position += BLOCK
    return block
  }

  async take(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length)
    let filled = 0
    while (filled < length) {
      if (!(await this.#more())) throw this.#tooShort()
      const piece = this.#rest.subarray(0, length - filled)
      bytes.set(piece, filled)
      filled += piece.length
      this.#rest = this.#rest.subarray(piece.length)
    }
    this.position += length
    return bytes
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      if (!(await this.#more())) throw this.#tooShort()
      const gone = Math.min(left, this.#rest.length)
      this.#rest = this.#rest.subarray(gone)
      left -= gone
    }
    this.position += length
  }

  #tooShort(): ImageTrouble {
    return this.position === 0 ? new ImageTrouble('BROKEN', 'this is no tar archive', HINT) : new ImageTrouble('TRUNCATED', 'a tar archive ends in the middle of a file', HINT)
  }

  async drain(): Promise<void> {
    this.#rest = EMPTY
    while (await this.#more()) this.#rest = EMPTY
  }
}
