/** New emptyDir volumes: their names, their shape, and the changes that add them. */
import type { Change, Container, Pod } from '../types.ts'
import { child } from './fields.ts'
import { cleanPath, mountsOf, volumesOf } from './mounts.ts'

const LABEL_LIMIT = 63

/** A short name for the path: `/tmp` is `tmp`, `/var/cache/nginx` is `cache-nginx`. */
export function volumeName(path: string): string {
  const parts = cleanPath(path)
    .split('/')
    .filter((part) => part !== '')
  const rest = parts.length > 1 && ['var', 'opt', 'usr', 'home', 'srv', 'mnt'].includes(parts[0] as string) ? parts.slice(1) : parts
  return label(rest.slice(-2).join('-')) || 'writable'
}

/** As a DNS label, and never one that the ServiceAccount controller takes for its own. */
function label(text: string): string {
  const clean = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, LABEL_LIMIT)
    .replace(/-+$/, '')
  return clean.startsWith('kube-api-access') ? `vol-${clean}`.slice(0, LABEL_LIMIT).replace(/-+$/, '') : clean
}

/** Hands out volume names for one proposal: what the pod has, what mounts refer to, and what was handed out before. */
export class VolumeNames {
  readonly #taken: Set<string>
  readonly #spare: string[]

  constructor(pod: Pod) {
    const volumes = volumesOf(pod)
    const mounted = new Set(pod.containers.flatMap((container) => mountsOf(container).map(({ volume }) => volume)))
    this.#taken = new Set([...volumes.map(({ name }) => name), ...mounted])
    const unseen = pod.containers.some((container) => {
      const mounts = container.get(['volumeMounts'])
      return mounts !== undefined && (mounts.is !== 'list' || mounts.open || mounts.items.length !== mountsOf(container).length)
    })
    this.#spare = unseen ? [] : volumes.filter(({ name, kind, source }) => kind === 'emptyDir' && !mounted.has(name) && isPlain(source)).map(({ name }) => name)
  }

  /** An emptyDir that is declared and that nobody mounts; the best fitting name first. */
  spare(wish: string): string | undefined {
    const index = Math.max(0, this.#spare.indexOf(wish))
    return this.#spare.splice(index, 1)[0]
  }

  fresh(wish: string, container: Container): string {
    const tail = label(container.name)
    const room = LABEL_LIMIT - tail.length - 1
    const second = room > 0 ? `${wish.slice(0, room)}-${tail}` : wish
    for (let count = 1; ; count++) {
      const name = count === 1 ? wish : count === 2 ? second : `${second.slice(0, LABEL_LIMIT - 1 - String(count - 1).length)}-${count - 1}`
      if (this.#taken.has(name)) continue
      this.#taken.add(name)
      return name
    }
  }
}

/** Not a special medium: huge pages are no place for files. */
function isPlain(source: ReturnType<typeof child>): boolean {
  return child(source, 'medium') === undefined
}

/** The container's own volume of many paths, from an earlier change: an emptyDir mounted by it alone, always with a subPath. */
function manyPathsVolume(pod: Pod, container: Container): string | undefined {
  const own = mountsOf(container)
  return volumesOf(pod).find(
    ({ name, kind }) =>
      kind === 'emptyDir' &&
      /^writable(-|$)/.test(name) &&
      own.some(({ volume }) => volume === name) &&
      own.every(({ volume, subPath }) => volume !== name || subPath) &&
      pod.containers.every((other) => other === container || mountsOf(other).every(({ volume }) => volume !== name)),
  )?.name
}

/** Three paths or more share one volume, each in a directory of its own. `total`: how many the container needs in all. */
export function emptyDirs(pod: Pod, container: Container, paths: readonly string[], total: number, names: VolumeNames): readonly Change[] {
  if (paths.length === 0) return []
  const earlier = manyPathsVolume(pod, container)
  // A volume that is made where it is mounted is mounted once.
  const isApart = pod.site.volumesInPlace === true
  if (!isApart && (earlier !== undefined || total >= 3)) {
    const name = earlier ?? names.spare('writable') ?? names.fresh('writable', container)
    const isNew = earlier === undefined && !volumesOf(pod).some((volume) => volume.name === name)
    const parts = subPaths(paths, usedSubPaths(container, name))
    return [...(isNew ? [volume(name)] : []), ...paths.map((path, index) => mount(container, name, path, parts[index]))]
  }
  return paths.flatMap((path) => {
    const wish = volumeName(path)
    const spare = names.spare(wish)
    const name = spare ?? names.fresh(wish, container)
    return [...(spare === undefined ? [volume(name)] : []), mount(container, name, path)]
  })
}

function usedSubPaths(container: Container, name: string): readonly string[] {
  return mountsOf(container)
    .filter((one) => one.volume === name)
    .map((one) => volumeName(one.path))
}

function subPaths(paths: readonly string[], used: readonly string[]): readonly string[] {
  const taken = new Set(used)
  return paths.map((path) => {
    const wish = volumeName(path)
    let name = wish
    for (let count = 2; taken.has(name); count++) name = `${wish}-${count}`
    taken.add(name)
    return name
  })
}

function volume(name: string): Change {
  return { op: 'append', path: ['spec', 'volumes'], value: { name, emptyDir: {} }, key: 'name' }
}

function mount(container: Container, name: string, mountPath: string, subPath?: string): Change {
  const value = subPath === undefined ? { name, mountPath } : { name, mountPath, subPath }
  return { op: 'append', path: [...container.path, 'volumeMounts'], value, key: 'mountPath' }
}

/** The pod has no volume on the node's own disk yet: a new one changes how it is drained. */
export function isFirstLocalVolume(pod: Pod): boolean {
  return !volumesOf(pod).some(({ kind }) => kind === 'emptyDir' || kind === 'hostPath')
}

export const LOCAL_STORAGE_NOTE = 'The pod now has local storage: kubectl drain asks for --delete-emptydir-data, and the Cluster Autoscaler may keep its node.'
