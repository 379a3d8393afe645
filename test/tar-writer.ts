/** Writes tar archives and images for the tests: layers, an OCI layout, what `docker save` writes. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

export interface File {
  readonly name: string
  readonly type?: 'file' | 'directory' | 'link' | 'symlink' | 'device' | 'fifo'
  readonly content?: string | Uint8Array
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly link?: string
  /** PAX records. */
  readonly pax?: Readonly<Record<string, string | Uint8Array>>
  /** In the header, instead of the length of the content. */
  readonly size?: number
  /** The long name goes into a header of GNU tar. */
  readonly gnuName?: boolean
}

const FLAGS = { file: '0', link: '1', symlink: '2', device: '3', directory: '5', fifo: '6' } as const

function header(name: string, flag: string, size: number, { mode = 0o644, uid = 0, gid = 0, link = '' }: Partial<File>): Buffer {
  const block = Buffer.alloc(512)
  const octal = (value: number, at: number, length: number): void => {
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at)
  }
  block.write(name.slice(0, 100), 0)
  octal(mode, 100, 8)
  octal(uid, 108, 8)
  octal(gid, 116, 8)
  octal(size, 124, 12)
  octal(0, 136, 12)
  block.write('        ', 148)
  block.write(flag, 156)
  block.write(link.slice(0, 100), 157)
  block.write('ustar\u000000', 257, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

function padded(content: Uint8Array): Buffer {
  return Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}

function record(key: string, value: string | Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value as string), Buffer.from('\n')])
  let length = body.length + 1
  while (String(length).length + body.length !== length) length = String(length).length + body.length
  return Buffer.concat([Buffer.from(String(length)), body])
}

export function tarFile(file: File): Buffer {
  const content = Buffer.from((file.content ?? '') as string)
  const parts: Buffer[] = []
  if (file.pax !== undefined) {
    const body = Buffer.concat(Object.entries(file.pax).map(([key, value]) => record(key, value)))
    parts.push(header('pax', 'x', body.length, {}), padded(body))
  }
  if (file.gnuName === true) parts.push(header('././@LongLink', 'L', file.name.length + 1, {}), padded(Buffer.from(`${file.name}\0`)))
  parts.push(header(file.name, FLAGS[file.type ?? 'file'], file.size ?? content.length, file), padded(content))
  return Buffer.concat(parts)
}

export function tar(files: readonly File[]): Buffer {
  return Buffer.concat([...files.map(tarFile), Buffer.alloc(1024)])
}

/** The value of `security.capability`, version 2, permitted and effective. */
export function capability(...bits: readonly number[]): Uint8Array {
  const value = Buffer.alloc(20)
  value.writeUInt32LE(0x02000001, 0)
  for (const bit of bits) value.writeUInt32LE(value.readUInt32LE(4 + 8 * (bit >> 5)) + 2 ** (bit & 31), 4 + 8 * (bit >> 5))
  return value
}

export const dir = (name: string, more: Partial<File> = {}): File => ({ name, type: 'directory', mode: 0o755, ...more })
export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

export interface TestImage {
  readonly config: Readonly<Record<string, unknown>>
  /** Unpacked. */
  readonly layers: readonly Buffer[]
}

export interface Built {
  readonly blobs: ReadonlyMap<string, Buffer>
  readonly manifest: { readonly digest: string; readonly size: number; readonly bytes: Buffer }
}

/** Layers packed with gzip, or as `pack` does it. */
export function built({ config, layers }: TestImage, pack: (layer: Buffer) => Buffer = (layer) => gzipSync(layer, { level: 1 })): Built {
  const blobs = new Map<string, Buffer>()
  const put = (bytes: Buffer, mediaType: string): { digest: string; size: number; mediaType: string } => {
    blobs.set(digestOf(bytes), bytes)
    return { mediaType, digest: digestOf(bytes), size: bytes.length }
  }
  const parts = layers.map((layer) => put(pack(layer), 'application/vnd.oci.image.layer.v1.tar+gzip'))
  const part = put(
    Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config, rootfs: { type: 'layers', diff_ids: layers.map(digestOf) } })),
    'application/vnd.oci.image.config.v1+json',
  )
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: part, layers: parts }))
  const { digest, size } = put(bytes, 'application/vnd.oci.image.manifest.v1+json')
  return { blobs, manifest: { digest, size, bytes } }
}

/** Files of an OCI layout, by their names. */
export function ociLayout(images: readonly { readonly image: Built; readonly name?: string }[]): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>([['oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')]])
  const manifests = images.map(({ image, name }) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: image.manifest.digest,
    size: image.manifest.size,
    ...(name === undefined ? {} : { annotations: { 'org.opencontainers.image.ref.name': name } }),
  }))
  files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })))
  for (const { image } of images) for (const [digest, bytes] of image.blobs) files.set(`blobs/${digest.replace(':', '/')}`, bytes)
  return files
}

export function tarOf(files: ReadonlyMap<string, Buffer>): Buffer {
  return tar([...files].map(([name, content]) => ({ name, content })))
}
