/**
 * The layers of an image laid over one another, the topmost first: what an upper layer has, hides what a lower one
 * has at the same place, so nothing need be remembered but which places are taken.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md
 */
import { fileCapabilities } from './capability.ts'
import { FILLED_DEPTH, ImageTrouble, type LayerFacts, LIMITS } from './content.ts'
import { readTar, type TarEntry } from './tar.ts'

const ACCOUNT_FILES = new Set(['/etc/passwd', '/etc/group'])
/** Scripts with the name of the entry point that are kept until it is clear which one it is. */
const SCRIPTS = 16

export class Layers {
  /** Places that upper layers have, by a number made of the path. */
  readonly #taken = new Set<number>()
  /** Those of them that are no directories: nothing can lie below. */
  readonly #files = new Set<number>()
  readonly #removed = new Set<string>()
  readonly #opaque = new Set<string>()
  readonly #filled = new Set<string>()
  readonly #directories = new Map<string, LayerFacts['directories'][number]>()
  readonly #links = new Map<string, string>()
  readonly #capabilities = new Map<string, readonly string[]>()
  readonly #setuid = new Set<string>()
  readonly #texts = new Map<string, string>()
  readonly #script: string | undefined
  #entries = 0

  /** `command`: the first words of entry point and command, of which one may be a script. */
  constructor(command: string | undefined) {
    this.#script = command?.slice(command.lastIndexOf('/') + 1)
  }

  /** The next lower layer, unpacked. May be called again for a layer that broke off. */
  async under(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const removed: string[] = []
    const opaque: string[] = []
    const taken: number[] = []
    const files: number[] = []
    let entries = 0
    const wants = (entry: TarEntry): number => {
      if (entry.type !== 'file') return 0
      const path = safePath(entry.name)
      if (ACCOUNT_FILES.has(path)) return LIMITS.file
      return this.#script !== undefined && path.endsWith(`/${this.#script}`) && entry.size > 0 && this.#texts.size < SCRIPTS ? LIMITS.script : 0
    }
    await readTar(chunks, wants, (entry, content) => {
      if (this.#entries + ++entries > LIMITS.entries)
        throw new ImageTrouble('LIMIT', `more than ${LIMITS.entries} files in the image`, 'State what is known of it in a file for --images.')
      const path = safePath(entry.name)
      const name = path.slice(path.lastIndexOf('/') + 1)
      if (name === '.wh..wh..opq') opaque.push(parentOf(path))
      else if (name.startsWith('.wh.')) removed.push(`${parentOf(path)}/${name.slice(4)}`.replace('//', '/'))
      else {
        const key = keyOf(path)
        const isShown = this.#isShown(path, key)
        taken.push(key)
        if (entry.type !== 'directory') files.push(key)
        if (isShown) this.#show(path, entry, content)
      }
    })
    // What a layer takes away or has, is so for the layers below it only.
    for (const one of removed) this.#removed.add(one)
    for (const one of opaque) this.#opaque.add(one)
    for (const key of taken) this.#taken.add(key)
    for (const key of files) this.#files.add(key)
    this.#entries += entries
  }

  #isShown(path: string, key: number): boolean {
    if (this.#taken.has(key) || this.#removed.has(path)) return false
    for (let above = parentOf(path); ; above = parentOf(above)) {
      if (this.#removed.has(above) || this.#opaque.has(above) || this.#files.has(keyOf(above))) return false
      if (above === '/') return true
    }
  }

  #show(path: string, entry: TarEntry, content: Uint8Array): void {
    if (entry.type === 'directory') {
      if ((entry.uid !== 0 || (entry.mode & 0o022) !== 0) && this.#directories.size < LIMITS.directories)
        this.#directories.set(path, { path, uid: entry.uid, gid: entry.gid, mode: entry.mode })
      return
    }
    if (entry.type === 'other') return
    for (let above = parentOf(path); above !== '/' && !this.#filled.has(above); above = parentOf(above)) if (depthOf(above) <= FILLED_DEPTH) this.#filled.add(above)
    if (entry.type === 'symlink') {
      if (this.#links.size < LIMITS.directories) this.#links.set(path, entry.link)
      return
    }
    if (entry.capability !== undefined) {
      const capabilities = fileCapabilities(entry.capability)
      if (capabilities.length > 0) this.#capabilities.set(path, capabilities)
    }
    if ((entry.mode & 0o4000) !== 0 && entry.uid === 0) this.#setuid.add(path)
    if (content.length > 0) this.#texts.set(path, new TextDecoder().decode(content))
  }

  /** `command` as for the constructor, `search` the folders of PATH. */
  finish(command: string | undefined, search: readonly string[]): LayerFacts {
    const script = command === undefined ? undefined : this.#scriptAt(command, search)
    return {
      users: users(this.#texts.get('/etc/passwd') ?? ''),
      groups: groups(this.#texts.get('/etc/group') ?? ''),
      directories: [...this.#directories.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
      filled: [...this.#filled].sort(),
      links: Object.fromEntries([...this.#links].filter(([path]) => depthOf(path) <= 3)),
      fileCapabilities: [...this.#capabilities].map(([path, capabilities]) => ({ path, capabilities })),
      setuid: [...this.#setuid].sort(),
      ...(script === undefined ? {} : { script }),
    }
  }

  #scriptAt(command: string, search: readonly string[]): LayerFacts['script'] {
    const places = command.startsWith('/') ? [command] : command.includes('/') ? [] : search.map((folder) => `${folder.replace(/\/$/, '')}/${command}`)
    for (const place of places) {
      const path = resolveLinks(place, this.#links)
      const text = this.#texts.get(path)
      if (text?.startsWith('#!')) return { path, text }
    }
    return undefined
  }
}

/** Inside the image, whatever the name in the archive says. */
export function safePath(name: string): string {
  const parts: string[] = []
  for (const part of name.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** The path with links of the image followed, each at most so often that a circle ends. */
export function resolveLinks(path: string, links: { get(path: string): string | undefined }): string {
  let now = safePath(path)
  for (let step = 0; step < 40; step++) {
    const parts = now.split('/').slice(1)
    let found: string | undefined
    for (let end = 1; end <= parts.length && found === undefined; end++) {
      const at = `/${parts.slice(0, end).join('/')}`
      const link = links.get(at)
      if (link !== undefined) found = safePath(`${link.startsWith('/') ? '' : `${parentOf(at)}/`}${link}/${parts.slice(end).join('/')}`)
    }
    if (found === undefined) return now
    now = found
  }
  return now
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')))
}

function depthOf(path: string): number {
  return path.split('/').length - 1
}

/** 53 bits of the path: two million of them meet by chance once in a few thousand images. */
function keyOf(path: string): number {
  let a = 0x811c9dc5
  let b = 0x9e3779b9
  for (let i = 0; i < path.length; i++) {
    const unit = path.charCodeAt(i)
    a = Math.imul(a ^ unit, 0x01000193)
    b = Math.imul(b ^ unit, 0x85ebca6b) ^ (b >>> 13)
  }
  return (a >>> 0) * 0x200000 + ((b >>> 0) & 0x1fffff)
}

function users(text: string): LayerFacts['users'] {
  const found = new Map<string, LayerFacts['users'][string]>()
  for (const line of text.split('\n')) {
    const [name = '', , uid = '', gid = '', , home = ''] = line.trim().split(':')
    if (/^[\w.-]+\$?$/.test(name) && /^\d+$/.test(uid) && /^\d+$/.test(gid) && !found.has(name)) found.set(name, { uid: Number(uid), gid: Number(gid), home })
  }
  return Object.fromEntries(found)
}

function groups(text: string): LayerFacts['groups'] {
  const found = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [name = '', , gid = ''] = line.trim().split(':')
    if (/^[\w.-]+$/.test(name) && /^\d+$/.test(gid) && !found.has(name)) found.set(name, Number(gid))
  }
  return Object.fromEntries(found)
}
