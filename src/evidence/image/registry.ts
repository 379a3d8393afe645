/** Images of a registry: https://github.com/opencontainers/distribution-spec/blob/main/spec.md */
import type { Reference } from '../reference.ts'
import { readCached, writeCached } from './cache.ts'
import type { ImageContent } from './content.ts'
import { type Credentials, credentialsFor } from './credentials.ts'
import { json, manifestOf } from './manifest.ts'
import { checked, platformManifest, readImage, sha256 } from './read.ts'
import { Remote, type RemoteOptions } from './remote.ts'

export interface RegistryOptions extends RemoteOptions {
  /** docker's `config.json`; undefined: everything is asked for anonymously. */
  readonly dockerConfig?: string
  /** Folder of facts by digest; undefined: nothing is kept. */
  readonly cache?: string
  /** Default `linux/amd64`. */
  readonly platform?: string
}

/** Problems come as an `ImageTrouble`. */
export class Registry {
  readonly #options: RegistryOptions
  /** `registry scope` → Authorization. */
  readonly #tokens = new Map<string, string>()
  readonly #credentials = new Map<string, Promise<Credentials | undefined>>()
  readonly #reads = new Map<string, Promise<ImageContent>>()

  constructor(options: RegistryOptions) {
    this.#options = options
  }

  async image(reference: Reference): Promise<ImageContent> {
    const slash = reference.repository.indexOf('/')
    const host = reference.repository.slice(0, slash)
    const repository = reference.repository.slice(slash + 1)
    const remote = new Remote(host, repository, this.#options, this.#tokens, () => this.#credentialsOf(host))
    // A digest says which bytes are meant; a tag beside it is for people.
    const bytes = await remote.manifest(reference.digest ?? reference.tag ?? 'latest')
    if (reference.digest !== undefined) checked(bytes, reference.digest)
    const first = { manifest: manifestOf(json(bytes, 'the manifest')), digest: reference.digest ?? sha256(bytes) }
    const platform = this.#options.platform ?? 'linux/amd64'
    const { manifest, digest } = await platformManifest(first, remote, platform)
    const name = `${reference.repository}@${digest}`
    const running = this.#reads.get(name)
    if (running !== undefined) return running
    const read = this.#read(name, digest, manifest, remote)
    this.#reads.set(name, read)
    return read
  }

  async #read(name: string, digest: string, manifest: Parameters<typeof readImage>[2], remote: Remote): Promise<ImageContent> {
    const { cache } = this.#options
    const known = cache === undefined ? undefined : readCached(cache, digest)
    if (known !== undefined) return { ...known, name }
    const content = await readImage(name, digest, manifest, remote)
    if (cache !== undefined && content.layers !== undefined) writeCached(cache, content)
    return content
  }

  #credentialsOf(host: string): Promise<Credentials | undefined> {
    const known = this.#credentials.get(host) ?? credentialsFor(host, this.#options.dockerConfig)
    this.#credentials.set(host, known)
    return known
  }
}
