/** One image from wherever its parts come: an archive, a folder, a registry. */
import { createHash } from 'node:crypto'
import { type ImageConfig, type ImageContent, type ImageProblem, ImageTrouble, LIMITS } from './content.ts'
import { Layers } from './layers.ts'
import { configOf, type Descriptor, forPlatform, json, type Manifest, manifestOf } from './manifest.ts'
import { type Layer, unpacked } from './unpack.ts'

/** Where the parts of an image are had by their digests. */
export interface Blobs {
  /** The whole of a small part; at most `limit` bytes. */
  small(part: Descriptor, kind: 'manifest' | 'config', limit: number): Promise<Uint8Array>
  open(layer: Layer): AsyncIterable<Uint8Array>
  /** How often a layer that broke off is begun again. */
  readonly retries: number
}

/** Through indexes down to the manifest of the platform. */
export async function platformManifest(
  first: { readonly manifest: Manifest; readonly digest: string },
  blobs: Blobs,
  platform: string,
): Promise<{ readonly manifest: Extract<Manifest, { is: 'image' }>; readonly digest: string }> {
  let { manifest, digest } = first
  for (let depth = 0; manifest.is === 'index'; depth++) {
    if (depth === 4) throw new ImageTrouble('BROKEN', 'the image is an index of indexes without end', 'Push the image again.')
    const next = forPlatform(manifest.manifests, platform)
    manifest = manifestOf(json(checked(await blobs.small(next, 'manifest', LIMITS.manifest), next.digest), 'a manifest'))
    digest = next.digest
  }
  return { manifest, digest }
}

export async function readImage(name: string, digest: string, parts: { readonly config: Descriptor; readonly layers: readonly Layer[] }, blobs: Blobs): Promise<ImageContent> {
  const config = configOf(json(checked(await blobs.small(parts.config, 'config', LIMITS.config), parts.config.digest), 'the configuration'))
  const command = commandOf(config)
  const layers = new Layers(command)
  for (const layer of [...parts.layers].reverse()) {
    const problem = await readLayer(layers, layer, blobs)
    if (problem !== undefined) return { name, digest, config, problems: [{ ...problem, message: `${name}: ${problem.message}; only its configuration was used` }] }
  }
  return { name, digest, config, layers: layers.finish(command, (config.env.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin').split(':')), problems: [] }
}

async function readLayer(layers: Layers, layer: Layer, blobs: Blobs): Promise<ImageProblem | undefined> {
  if (/foreign|nondistributable/.test(layer.mediaType))
    return { code: 'UNSUPPORTED', message: `layer ${layer.digest} is not kept with the image`, hint: 'Windows images are not read.' }
  for (let left = blobs.retries; ; left--) {
    try {
      await layers.under(unpacked(layer, blobs.open(layer)))
      return undefined
    } catch (error) {
      const problem = problemOf(error)
      if (left <= 0 || (problem.code !== 'NETWORK' && problem.code !== 'TRUNCATED' && problem.code !== 'TIMEOUT')) return problem
    }
  }
}

export function problemOf(error: unknown): ImageProblem {
  if (error instanceof ImageTrouble) return error.problem
  const { code, message } = error as NodeJS.ErrnoException
  return { code: 'NETWORK', message: `it could not be read (${code ?? message})`, hint: 'Try again.' }
}

/** The first word that is no init program: what a shell or `tini` is told to start. */
function commandOf({ entrypoint, cmd }: ImageConfig): string | undefined {
  const words = [...entrypoint, ...cmd]
  return words.find((word) => !word.startsWith('-') && !/(?:^|\/)(?:tini|dumb-init|env|exec|sh|bash|ash|catatonit)$/.test(word))?.split(/\s/)[0]
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

export function checked(bytes: Uint8Array, digest: string): Uint8Array {
  const [algorithm = 'sha256', wanted] = digest.split(':')
  if (createHash(algorithm).update(bytes).digest('hex') !== wanted)
    throw new ImageTrouble('DIGEST_MISMATCH', `${digest} has other bytes than its digest says`, 'Push the image again.')
  return bytes
}
