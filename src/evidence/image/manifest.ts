/** Manifests, indexes and configurations: https://github.com/opencontainers/image-spec */
import { type ImageConfig, ImageTrouble, LIMITS } from './content.ts'
import { record, texts } from '../loose.ts'

export interface Descriptor {
  readonly digest: string
  readonly mediaType: string
  readonly size: number
  readonly annotations: Readonly<Record<string, unknown>>
  /** `linux/amd64`, where it says one. */
  readonly platform: string | undefined
}

export type Manifest =
  | { readonly is: 'image'; readonly config: Descriptor; readonly layers: readonly Descriptor[] }
  | { readonly is: 'index'; readonly manifests: readonly Descriptor[] }

const HINT = 'Push the image again with a current tool.'

export function json(bytes: Uint8Array, what: string): Readonly<Record<string, unknown>> {
  try {
    return record(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    throw new ImageTrouble('BROKEN', `${what} is not JSON`, HINT)
  }
}

export function manifestOf(value: Readonly<Record<string, unknown>>): Manifest {
  if (Array.isArray(value.manifests)) return { is: 'index', manifests: value.manifests.map(descriptorOf) }
  if (value.schemaVersion === 1 || value.fsLayers !== undefined)
    throw new ImageTrouble('UNSUPPORTED', 'the manifest is of the first version, which registries gave up in 2021', HINT)
  if (value.config === undefined || !Array.isArray(value.layers)) throw new ImageTrouble('UNSUPPORTED', 'this is no container image', 'Name an image that a container can run.')
  if (value.layers.length > LIMITS.layers) throw new ImageTrouble('LIMIT', `the image has ${value.layers.length} layers; at most ${LIMITS.layers} are read`, HINT)
  return { is: 'image', config: descriptorOf(value.config), layers: value.layers.map(descriptorOf) }
}

export function descriptorOf(value: unknown): Descriptor {
  const { digest, mediaType, size, annotations, platform } = record(value)
  if (typeof digest !== 'string' || !/^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/.test(digest))
    throw new ImageTrouble('BROKEN', 'a descriptor has no digest that can be checked', HINT)
  const { os, architecture } = record(platform)
  return {
    digest,
    mediaType: typeof mediaType === 'string' ? mediaType : '',
    size: typeof size === 'number' ? size : 0,
    annotations: record(annotations),
    platform: typeof os === 'string' ? `${os}/${String(architecture)}` : undefined,
  }
}

/** The one for the platform, else the first for Linux; attestations are none. */
export function forPlatform(manifests: readonly Descriptor[], platform: string): Descriptor {
  const images = manifests.filter((one) => one.platform !== 'unknown/unknown')
  const found =
    images.find((one) => one.platform === platform) ?? images.find((one) => one.platform?.startsWith('linux/') === true) ?? images.find((one) => one.platform === undefined)
  if (found === undefined) throw new ImageTrouble('UNSUPPORTED', `the image has no variant for ${platform}`, 'Windows images are not read.')
  return found
}

export function configOf(value: Readonly<Record<string, unknown>>): ImageConfig {
  const config = record(value.config)
  const env: Record<string, string> = {}
  for (const one of texts(config.Env)) if (one.includes('=')) env[one.slice(0, one.indexOf('='))] = one.slice(one.indexOf('=') + 1)
  return {
    user: typeof config.User === 'string' ? config.User.trim() : '',
    volumes: Object.keys(record(config.Volumes)).filter((path) => path.startsWith('/')),
    ports: Object.keys(record(config.ExposedPorts))
      .flatMap((port) => /^(\d+)(?:\/tcp)?$/.exec(port)?.[1] ?? [])
      .map(Number),
    env,
    entrypoint: texts(config.Entrypoint),
    cmd: texts(config.Cmd),
  }
}
