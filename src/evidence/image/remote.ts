/** One repository of a registry: tokens, redirects, tries. https://github.com/opencontainers/distribution-spec/blob/main/spec.md */
import { record } from '../loose.ts'
import { bytesOf, collect } from './body.ts'
import { ImageTrouble, LIMITS } from './content.ts'
import type { Credentials } from './credentials.ts'
import type { Blobs } from './read.ts'

export interface RemoteOptions {
  /** Milliseconds without an answer, or without a byte. Default 30 000. */
  readonly timeout?: number
  /** Of a request that failed for a reason that may pass. Default 3. */
  readonly retries?: number
  /** Milliseconds before the first further try; doubles. Default 500. */
  readonly backoff?: number
  readonly signal?: AbortSignal
}

const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

const LONGEST_WAIT = 30_000

export class Remote implements Blobs {
  readonly retries: number
  readonly #base: string
  readonly #host: string
  readonly #repository: string
  readonly #options: RemoteOptions
  readonly #tokens: Map<string, string>
  readonly #credentials: () => Promise<Credentials | undefined>

  constructor(host: string, repository: string, options: RemoteOptions, tokens: Map<string, string>, credentials: () => Promise<Credentials | undefined>) {
    this.retries = options.retries ?? 3
    this.#host = host
    this.#repository = repository
    this.#options = options
    this.#tokens = tokens
    this.#credentials = credentials
    // As docker does: without TLS only on this machine.
    this.#base = `${isLocal(host) ? 'http' : 'https'}://${host === 'docker.io' ? 'registry-1.docker.io' : host}/v2/${repository}`
  }

  async manifest(which: string): Promise<Uint8Array> {
    return collect(await this.#get(`${this.#base}/manifests/${which}`, MANIFESTS), LIMITS.manifest, 'the manifest', this.#timeout)
  }

  async small(part: { readonly digest: string; readonly mediaType: string }, kind: 'manifest' | 'config', limit: number): Promise<Uint8Array> {
    const path = kind === 'manifest' ? 'manifests' : 'blobs'
    return collect(await this.#get(`${this.#base}/${path}/${part.digest}`, kind === 'manifest' ? MANIFESTS : '*/*'), limit, `the ${kind}`, this.#timeout)
  }

  async *open(layer: { readonly digest: string }): AsyncGenerator<Uint8Array> {
    yield* bytesOf(await this.#get(`${this.#base}/blobs/${layer.digest}`, '*/*'), `layer ${layer.digest}`, this.#timeout)
  }

  get #timeout(): number {
    return this.#options.timeout ?? 30_000
  }

  async #get(url: string, accept: string): Promise<Response> {
    let wait = this.#options.backoff ?? 500
    for (let left = this.retries; ; left--) {
      let trouble: ImageTrouble
      try {
        const response = await this.#authorized(url, accept)
        if (response.ok) return response
        await response.body?.cancel()
        trouble = this.#refused(response, url)
        if (response.status !== 429 && response.status < 500) throw trouble
        const after = Number(response.headers.get('retry-after'))
        if (after > 0) wait = Math.min(after * 1000, LONGEST_WAIT)
      } catch (error) {
        if (error instanceof ImageTrouble && error.problem.code !== 'NETWORK' && error.problem.code !== 'TIMEOUT') throw error
        trouble = error instanceof ImageTrouble ? error : networkTrouble(this.#host, error)
        if (this.#options.signal?.aborted === true) throw trouble
      }
      if (left <= 0) throw trouble
      await new Promise((next) => setTimeout(next, wait))
      wait *= 2
    }
  }

  #refused({ status }: Response, url: string): ImageTrouble {
    const what = `${this.#host}/${this.#repository}`
    if (status === 401 || status === 403)
      return new ImageTrouble('UNAUTHORIZED', `${what} is refused by the registry (${status})`, `Log in with docker login ${this.#host}, or check the name.`)
    if (status === 404)
      return new ImageTrouble(
        'NOT_FOUND',
        `${what}: the registry has no ${/\/(manifests|blobs)\/([^/]+)$/.exec(url)?.slice(1).join(' ') ?? 'such image'}`,
        'Check the name and the tag.',
      )
    return new ImageTrouble('NETWORK', `${what}: the registry answers ${status}`, 'Try again later.')
  }

  async #authorized(url: string, accept: string): Promise<Response> {
    const key = `${this.#host}/${this.#repository}`
    const first = await this.#follow(url, { accept, ...headerOf(this.#tokens.get(key)) })
    if (first.status !== 401) return first
    const challenge = first.headers.get('www-authenticate') ?? ''
    await first.body?.cancel()
    const authorization = await this.#authorization(challenge)
    if (authorization === undefined) return first
    this.#tokens.set(key, authorization)
    return this.#follow(url, { accept, ...headerOf(authorization) })
  }

  /** https://distribution.github.io/distribution/spec/auth/token/ */
  async #authorization(challenge: string): Promise<string | undefined> {
    const credentials = await this.#credentials()
    const basic = credentials === undefined || credentials.user === '' ? undefined : `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`
    if (/^basic\b/i.test(challenge)) return basic
    if (!/^bearer\b/i.test(challenge)) return undefined
    const part = (name: string): string | undefined => new RegExp(`\\b${name}="([^"]*)"`).exec(challenge)?.[1]
    const realm = part('realm')
    if (realm === undefined || !URL.canParse(realm)) return undefined
    const url = new URL(realm)
    if (url.protocol !== 'https:' && !isLocal(url.host))
      throw new ImageTrouble('UNAUTHORIZED', `${this.#host} sends to a token server without TLS (${url.host})`, 'Do not send a password there.')
    const scope = part('scope') ?? `repository:${this.#repository}:pull`
    const service = part('service')
    const token = credentials?.identityToken
    let response: Response
    if (token !== undefined) {
      const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token, client_id: 'podharden', scope, ...(service === undefined ? {} : { service }) })
      response = await this.#fetch(url, { method: 'POST', body: form })
    } else {
      url.searchParams.set('scope', scope)
      if (service !== undefined) url.searchParams.set('service', service)
      response = await this.#fetch(url, { headers: headerOf(basic) })
    }
    if (!response.ok) {
      await response.body?.cancel()
      if (response.status >= 500 || response.status === 429) throw new ImageTrouble('NETWORK', `the token server of ${this.#host} answers ${response.status}`, 'Try again later.')
      throw new ImageTrouble(
        'UNAUTHORIZED',
        `${this.#host}/${this.#repository}: the token server refuses the credentials (${response.status})`,
        `Log in with docker login ${this.#host}.`,
      )
    }
    const answer = record(JSON.parse(new TextDecoder().decode(await collect(response, LIMITS.file, 'the token', this.#timeout))))
    const access = answer.token ?? answer.access_token
    return typeof access === 'string' ? `Bearer ${access}` : undefined
  }

  /** Follows redirects itself: credentials stay with the registry, and nothing goes back to plain HTTP. */
  async #follow(start: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    let url = new URL(start)
    const { origin } = url
    for (let hops = 0; hops < 6; hops++) {
      const { authorization: _own, ...bare } = headers
      const response = await this.#fetch(url, { headers: url.origin === origin ? headers : bare, redirect: 'manual' })
      const location = response.headers.get('location')
      if (response.status < 300 || response.status >= 400 || location === null) return response
      await response.body?.cancel()
      const next = new URL(location, url)
      if (next.protocol !== 'https:' && url.protocol === 'https:')
        throw new ImageTrouble('UNSUPPORTED', `${this.#host} redirects to plain HTTP`, 'The registry must serve its layers over TLS.')
      url = next
    }
    throw new ImageTrouble('BROKEN', `${this.#host} redirects without end`, 'Try again later.')
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(new ImageTrouble('TIMEOUT', `${url.host} does not answer within ${this.#timeout} ms`, 'Try again later.')), this.#timeout)
    const signals = this.#options.signal === undefined ? [limit.signal] : [limit.signal, this.#options.signal]
    try {
      // The time runs until the headers are there; the body has a limit of its own.
      return await fetch(url, { ...init, signal: AbortSignal.any(signals) })
    } finally {
      clearTimeout(timer)
    }
  }
}

function headerOf(authorization: string | undefined): Readonly<Record<string, string>> {
  return authorization === undefined ? {} : { authorization }
}

function isLocal(host: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(host)
}

function networkTrouble(host: string, error: unknown): ImageTrouble {
  if (error instanceof ImageTrouble) return error
  const cause = (error as { readonly cause?: { readonly code?: string; readonly message?: string } }).cause
  return new ImageTrouble('NETWORK', `${host} cannot be reached (${cause?.code ?? cause?.message ?? (error as Error).message})`, 'Check the name, the network and the certificate.')
}
