/**
 * Images on disk: an OCI layout as a folder or a tar file, and what `docker save` writes. Nothing is unpacked, and
 * nothing outside of the archive is opened, whatever its links say.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
import { createReadStream, type Dirent, readdirSync, realpathSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { Readable } from 'node:stream'
import { texts } from '../loose.ts'
import { parseReference, referenceText } from '../reference.ts'
import { type ImageContent, type ImageProblem, ImageTrouble, LIMITS } from './content.ts'
import { safePath } from './layers.ts'
import { type Descriptor, descriptorOf, forPlatform, json, manifestOf } from './manifest.ts'
import { type Blobs, platformManifest, problemOf, readImage, sha256 } from './read.ts'
import { readTar } from './tar.ts'

export interface ArchivedImage {
  /** In full form; none where the archive names none. */
  readonly names: readonly string[]
  readonly content: ImageContent
}

/** The parts of an archive by their names in it. */
interface Parts {
  has(name: string): boolean
  small(name: string, limit: number): Promise<Uint8Array>
  stream(name: string): AsyncIterable<Uint8Array>
}

export async function readArchive(path: string, platform = 'linux/amd64'): Promise<{ readonly images: readonly ArchivedImage[]; readonly problems: readonly ImageProblem[] }> {
  const images: ArchivedImage[] = []
  const problems: ImageProblem[] = []
  try {
    const parts = statSync(path).isDirectory() ? folderParts(path) : await tarParts(path)
    const list = parts.has('/index.json') ? ociImages(path, parts, platform) : parts.has('/manifest.json') ? dockerImages(path, parts) : undefined
    if (list === undefined)
      throw new ImageTrouble(
        'UNSUPPORTED',
        'it holds neither index.json nor manifest.json',
        'Give a folder or tar file as docker save, skopeo copy oci-archive: or buildx --output type=oci write it.',
      )
    for await (const one of list) 'content' in one ? images.push(one) : problems.push(one)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    problems.push(code === 'ENOENT' || code === 'EACCES' ? { code: 'NOT_FOUND', message: `it cannot be read (${code})`, hint: 'Check the path.' } : problemOf(error))
  }
  return { images, problems }
}

async function* ociImages(path: string, parts: Parts, platform: string): AsyncGenerator<ArchivedImage | ImageProblem> {
  const blobs: Blobs = {
    retries: 0,
    small: (part, _kind, limit) => parts.small(blobPath(part.digest), limit),
    open: (layer) => parts.stream(blobPath(layer.digest)),
  }
  const index = manifestOf(json(await parts.small('/index.json', LIMITS.manifest), 'index.json'))
  if (index.is !== 'index') throw new ImageTrouble('BROKEN', 'index.json is no index', 'Write the archive again.')
  const named = index.manifests.filter(({ annotations }) => nameOf(annotations) !== undefined)
  // Without names the entries are the platforms of one image.
  for (const part of named.length > 0 ? named : [forPlatform(index.manifests, platform)]) {
    try {
      const first = manifestOf(json(await parts.small(blobPath(part.digest), LIMITS.manifest), 'a manifest'))
      const { manifest, digest } = await platformManifest({ manifest: first, digest: part.digest }, blobs, platform)
      const name = nameOf(part.annotations)
      const reference = name === undefined ? undefined : parseReference(name)
      const names = reference === undefined || !/[/:]/.test(name ?? '') ? [] : [referenceText(reference)]
      yield { names, content: await readImage(`${names[0] ?? path}@${digest}`, digest, manifest, blobs) }
    } catch (error) {
      yield problemOf(error)
    }
  }
}

function blobPath(digest: string): string {
  return `/blobs/${digest.replace(':', '/')}`
}

function nameOf(annotations: Descriptor['annotations']): string | undefined {
  const name = annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name']
  return typeof name === 'string' ? name : undefined
}

/** `manifest.json` of docker save: the layers as files of the archive, checked against the digests of the configuration. */
async function* dockerImages(path: string, parts: Parts): AsyncGenerator<ArchivedImage | ImageProblem> {
  const list: unknown = JSON.parse(new TextDecoder().decode(await parts.small('/manifest.json', LIMITS.manifest)))
  for (const one of Array.isArray(list) ? list : []) {
    try {
      const { Config: configName, RepoTags: tags, Layers: files } = one as Readonly<Record<string, unknown>>
      const bytes = await parts.small(safePath(String(configName)), LIMITS.config)
      const digest = sha256(bytes)
      const { rootfs } = json(bytes, 'the configuration') as { readonly rootfs?: { readonly diff_ids?: unknown } }
      const ids = texts(rootfs?.diff_ids)
      const layers = texts(files).map((file, i) => ({ file, digest: /^blobs\/sha256\/([0-9a-f]{64})$/.exec(file)?.[1], id: ids[i] }))
      const byDigest = new Map(layers.map(({ file, digest: own, id }) => [own === undefined ? (id ?? file) : `sha256:${own}`, file]))
      const blobs: Blobs = { retries: 0, small: async () => bytes, open: (layer) => parts.stream(safePath(byDigest.get(layer.digest) ?? '')) }
      const names = texts(tags)
        .flatMap((tag) => parseReference(tag) ?? [])
        .map(referenceText)
      const config = descriptorOf({ digest })
      yield {
        names,
        content: await readImage(`${names[0] ?? path}@${digest}`, digest, { config, layers: [...byDigest.keys()].map((key) => ({ digest: key, mediaType: '' })) }, blobs),
      }
    } catch (error) {
      yield problemOf(error)
    }
  }
}

function missing(name: string): ImageTrouble {
  return new ImageTrouble('TRUNCATED', `${name.slice(1)} is not in the archive`, 'Write the archive again, with all layers.')
}

function tooLarge(name: string, size: number, limit: number): ImageTrouble {
  return new ImageTrouble('LIMIT', `${name.slice(1)} has ${size} bytes; at most ${limit} are read`, 'Write the archive again.')
}

function folderParts(folder: string): Parts {
  const root = realpathSync(folder)
  const entries = new Set(readdirSync(root, { withFileTypes: true }).map(({ name }: Dirent) => `/${name}`))
  const inside = (name: string): string => {
    let real: string
    try {
      real = realpathSync(join(root, name))
    } catch {
      throw missing(name)
    }
    if (!real.startsWith(root + sep)) throw new ImageTrouble('BROKEN', `${name.slice(1)} leads out of the folder`, 'Write the layout again without links.')
    return real
  }
  return {
    has: (name) => entries.has(name),
    async small(name, limit) {
      const file = await open(inside(name), 'r')
      try {
        const { size } = await file.stat()
        if (size > limit) throw tooLarge(name, size, limit)
        return await file.readFile()
      } finally {
        await file.close()
      }
    },
    stream: (name) => createReadStream(inside(name)),
  }
}

/** Only where its parts lie is remembered. */
async function tarParts(path: string): Promise<Parts> {
  const places = new Map<string, { readonly offset: number; readonly size: number } | { readonly link: string }>()
  const head = Buffer.alloc(2)
  const file = await open(path, 'r')
  try {
    await file.read(head, 0, 2, 0)
  } finally {
    await file.close()
  }
  if (head[0] === 0x1f && head[1] === 0x8b) throw new ImageTrouble('UNSUPPORTED', 'the archive is packed with gzip', 'Unpack it first: gunzip FILE.')
  await readTar(
    createReadStream(path),
    () => 0,
    (entry) => {
      if (places.size >= 100_000) throw new ImageTrouble('LIMIT', 'the archive has more than 100000 parts', 'Write an archive of single images.')
      const name = safePath(entry.name)
      if (entry.type === 'file') places.set(name, { offset: entry.offset, size: entry.size })
      else if (entry.type === 'symlink') places.set(name, { link: safePath(`${name.slice(0, name.lastIndexOf('/'))}/${entry.link}`) })
      else if (entry.type === 'link') places.set(name, { link: safePath(entry.link) })
    },
  )
  const placeOf = (name: string, depth = 8): { readonly offset: number; readonly size: number } => {
    const place = places.get(name)
    if (place === undefined || depth === 0) throw missing(name)
    return 'link' in place ? placeOf(place.link, depth - 1) : place
  }
  const stream = (name: string): AsyncIterable<Uint8Array> => {
    const { offset, size } = placeOf(name)
    return size === 0 ? Readable.from([]) : createReadStream(path, { start: offset, end: offset + size - 1 })
  }
  return {
    has: (name) => places.has(name),
    async small(name, limit) {
      const { size } = placeOf(name)
      if (size > limit) throw tooLarge(name, size, limit)
      const chunks: Uint8Array[] = []
      if (size > 0) for await (const chunk of stream(name)) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
    stream,
  }
}
