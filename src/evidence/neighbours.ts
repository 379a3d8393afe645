/** What other manifests of the tree say of an image: the user they run it as, and what it writes with a read-only root. */
import { load } from 'js-yaml'
import type { About, Fact, ImageAnswers } from '../types.ts'
import { record } from './loose.ts'
import { parseReference } from './reference.ts'

interface Place {
  readonly file: string
  readonly line: number
}

interface Seen {
  /** uid → gid and the first place. */
  readonly users: Map<number, Place & { readonly gid: number | null }>
  /** Mount paths of own emptyDir volumes beside a read-only root. */
  readonly paths: Map<string, Place>
  readOnly: Place | undefined
}

/** Our own number for images that nothing is known of says nothing of them. */
const NO_EVIDENCE = 10001
/** Documents above this are data, in UTF-16 units. */
const LIMIT = 256 * 1024
const DEPTH = 14

export class NeighbourFiles {
  readonly #images = new Map<string, Seen>()

  /** One document. `line` is the one-based line it begins at. */
  add(file: string, text: string, line: () => number): void {
    if (text.length > LIMIT || !/image["']?[ \t]*:/.test(text) || !/runAsUser["']?[ \t]*:[ \t]*["']?[1-9]|readOnlyRootFilesystem["']?[ \t]*:[ \t]*true/.test(text)) return
    const value = parsed(text)
    const start = line()
    const lineOf = (pattern: RegExp): number => {
      const at = text.search(pattern)
      return at === -1 ? start : start + text.slice(0, at).split('\n').length - 1
    }
    this.#visit(value, file, lineOf, DEPTH)
  }

  finish(): ImageAnswers {
    return { of: (image) => answer(this.#images.get(keyOf(image) ?? '')) }
  }

  #visit(value: unknown, file: string, lineOf: (pattern: RegExp) => number, depth: number): void {
    if (typeof value !== 'object' || value === null || depth === 0) return
    if (Array.isArray(value)) for (const item of value) this.#visit(item, file, lineOf, depth - 1)
    else {
      const map = record(value)
      if (Array.isArray(map.containers)) this.#pod(map, file, lineOf)
      else for (const child of Object.values(map)) this.#visit(child, file, lineOf, depth - 1)
    }
  }

  #pod(spec: Readonly<Record<string, unknown>>, file: string, lineOf: (pattern: RegExp) => number): void {
    const containers = [spec.initContainers, spec.containers].filter(Array.isArray).flat().map(record)
    const volumes = (Array.isArray(spec.volumes) ? spec.volumes : []).map(record)
    for (const container of containers) {
      const key = typeof container.image === 'string' ? keyOf(container.image) : undefined
      if (key === undefined) continue
      const own = record(container.securityContext)
      // What the pod says is meant for one image only where there is one container.
      const context = containers.length === 1 ? { ...record(spec.securityContext), ...own } : own
      const uid = context.runAsUser
      const seen = this.#seen(key)
      // Where others of the pod have the same number it may be theirs.
      const isOwn = containers.every((other) => other === container || record(other.securityContext).runAsUser !== uid)
      if (typeof uid === 'number' && uid > 0 && uid !== NO_EVIDENCE && isOwn && !seen.users.has(uid))
        seen.users.set(uid, { file, line: lineOf(new RegExp(`runAsUser["']?[ \\t]*:[ \\t]*${uid}\\b`)), gid: typeof context.runAsGroup === 'number' ? context.runAsGroup : null })
      // Another program of the same image writes elsewhere.
      if (own.readOnlyRootFilesystem !== true || container.command !== undefined) continue
      const place = { file, line: lineOf(/readOnlyRootFilesystem["']?[ \t]*:[ \t]*true/) }
      seen.readOnly ??= place
      for (const mount of (Array.isArray(container.volumeMounts) ? container.volumeMounts : []).map(record)) {
        const { name, mountPath } = mount
        const isShared = containers.some(
          (other) => other !== container && (Array.isArray(other.volumeMounts) ? other.volumeMounts : []).some((one: unknown) => record(one).name === name),
        )
        if (
          typeof mountPath === 'string' &&
          !isShared &&
          mount.readOnly !== true &&
          volumes.some((volume) => volume.name === name && 'emptyDir' in volume) &&
          !seen.paths.has(mountPath)
        )
          seen.paths.set(mountPath, place)
      }
    }
  }

  #seen(key: string): Seen {
    const known = this.#images.get(key)
    if (known !== undefined) return known
    const fresh: Seen = { users: new Map(), paths: new Map(), readOnly: undefined }
    this.#images.set(key, fresh)
    return fresh
  }
}

function parsed(text: string): unknown {
  try {
    return /^\s*[{[]/.test(text) ? JSON.parse(text) : load(text.replace(/^---[^\n]*\n/, ''))
  } catch {
    return undefined
  }
}

/** Same name and same family of tags: `1.27.3-alpine` and `1.27.4-alpine` hold the same account. */
function keyOf(image: string): string | undefined {
  const reference = parseReference(image)
  if (reference === undefined) return undefined
  const family = reference.tag?.replace(/^v(?=\d)/, '').replace(/^(\d+\.\d+)(?:\.\d+)+/, '$1') ?? (reference.digest === undefined ? 'latest' : reference.digest)
  return `${reference.repository}:${family}`
}

/** Manifests that disagree say nothing. */
function answer(seen: Seen | undefined): About {
  if (seen === undefined) return {}
  const [user, another] = seen.users
  const fact = <T>(value: T, source: string): Fact<T> => ({ value, grade: 'likely', source })
  const at = ({ file, line }: Place): string => `${file}:${line}`
  const [path] = seen.paths
  return {
    ...(user === undefined || another !== undefined
      ? {}
      : { user: fact({ name: '', uid: user[0], gid: user[1].gid }, `the same image runs as it at ${at(user[1])}`), runsAsNonRoot: fact('with-uid' as const, at(user[1])) }),
    ...(seen.readOnly === undefined
      ? {}
      : {
          pathsElsewhere: fact([...seen.paths.keys()], `the same image runs with a read-only root at ${at(path?.[1] ?? seen.readOnly)}`),
        }),
  }
}
