/** A layer's bytes as they come, checked against its digest, limited, and unpacked. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { ImageTrouble, LIMITS } from './content.ts'

const HINT = 'Push the image again, or state what is known of it in a file for --images.'

export interface Layer {
  readonly digest: string
  readonly mediaType: string
}

/** The unpacked bytes. Ends with a problem when the bytes are not those of the digest. */
export async function* unpacked(layer: Layer, packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const count = { packed: 0, unpacked: 0 }
  const checked = withDigest(layer, packed, count)
  for await (const chunk of decompressed(layer, checked)) {
    count.unpacked += chunk.length
    const most = count.unpacked > LIMITS.suspicious && count.unpacked > count.packed * LIMITS.ratio ? LIMITS.suspicious : LIMITS.unpacked
    if (count.unpacked > most) throw new ImageTrouble('LIMIT', `layer ${layer.digest} unpacks to more than ${most / 1024 ** 3} GiB from ${count.packed} bytes`, HINT)
    yield chunk
  }
}

async function* withDigest({ digest }: Layer, chunks: AsyncIterable<Uint8Array>, count: { packed: number }): AsyncGenerator<Uint8Array> {
  const [algorithm = '', wanted] = digest.split(':')
  const hash = algorithm === 'sha256' || algorithm === 'sha512' ? createHash(algorithm) : undefined
  for await (const chunk of chunks) {
    count.packed += chunk.length
    if (count.packed > LIMITS.packed) throw new ImageTrouble('LIMIT', `layer ${digest} is larger than ${LIMITS.packed / 1024 ** 3} GiB`, HINT)
    hash?.update(chunk)
    yield chunk
  }
  if (hash !== undefined && hash.digest('hex') !== wanted) throw new ImageTrouble('DIGEST_MISMATCH', `layer ${digest} has other bytes than its digest says`, HINT)
}

/** Enough for the magic number, and for the frame header of zstd. */
const HEAD = 18

/** Told by the first bytes: archives of docker give no media type. */
async function* decompressed(layer: Layer, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array(0)
  while (head.length < HEAD) {
    const { done, value } = await iterator.next()
    if (done === true) break
    head = head.length === 0 ? value : joined(head, value)
  }
  const all = chained(head, iterator)
  if (head[0] === 0x1f && head[1] === 0x8b) yield* gunzipped(layer, all)
  else if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) yield* unzstd(layer, all)
  else yield* all
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

async function* chained(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head
  for (;;) {
    const { done, value } = await rest.next()
    if (done === true) return
    yield value
  }
}

async function* gunzipped({ digest }: Layer, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(chunks, { objectMode: true, highWaterMark: 1 })
  const gunzip = createGunzip({ chunkSize: 16 * 1024 })
  // An error of the source must reach whoever reads the result.
  source.on('error', (error) => gunzip.destroy(error))
  source.pipe(gunzip)
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array
  } catch (error) {
    if (error instanceof ImageTrouble) throw error
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (code === 'Z_BUF_ERROR') throw new ImageTrouble('TRUNCATED', `layer ${digest} ends too early`, HINT)
    if (code.startsWith('Z_')) throw new ImageTrouble('BROKEN', `layer ${digest} cannot be unpacked (${code})`, HINT)
    throw error
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}

/** What zstd may ask for to look back into; the highest level of the usual tools takes 128 MiB. */
const WINDOW = 128 * 1024 * 1024

async function* unzstd({ digest }: Layer, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import('fzstd')
  const ready: Uint8Array[] = []
  const stream = new Decompress((chunk) => ready.push(chunk))
  let isFirst = true
  const push = (piece: Uint8Array, last: boolean): readonly Uint8Array[] => {
    try {
      stream.push(piece, last)
    } catch (error) {
      throw new ImageTrouble('BROKEN', `layer ${digest} cannot be unpacked (zstd: ${error instanceof Error ? error.message : 'broken'})`, HINT)
    }
    return ready.splice(0)
  }
  for await (const chunk of chunks) {
    if (isFirst && windowOf(chunk) > WINDOW) throw new ImageTrouble('LIMIT', `layer ${digest} takes more than ${WINDOW} bytes of memory to unpack (zstd)`, HINT)
    isFirst = false
    // Small pieces, so that zeros do not become gigabytes before anybody can say stop.
    for (let at = 0; at < chunk.length; at += 4096) yield* push(chunk.subarray(at, at + 4096), false)
  }
  yield* push(new Uint8Array(0), true)
}

/** https://datatracker.ietf.org/doc/html/rfc8878#section-3.1.1.1 */
function windowOf(frame: Uint8Array): number {
  const descriptor = frame[4] ?? 0
  const isSingle = (descriptor & 0x20) !== 0
  if (!isSingle) {
    const window = frame[5] ?? 0
    const base = 2 ** (10 + (window >> 3))
    return base + (base / 8) * (window & 7)
  }
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0
  const length = [1, 2, 4, 8][descriptor >> 6] ?? 1
  let size = 0
  for (let i = length - 1; i >= 0; i--) size = size * 256 + (frame[5 + dictionary + i] ?? 0)
  return length === 2 ? size + 256 : size
}
