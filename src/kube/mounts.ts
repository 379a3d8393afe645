/** Volumes of a pod and mounts of a container, with cleaned paths. */
import { items } from '../tree.ts'
import type { Container, Node, Pod } from '../types.ts'
import { child, isWholeList, specOf, textOf, valueAt } from './fields.ts'

export interface Volume {
  readonly name: string
  /** The key of its source; a volume without one is an emptyDir. `volumeClaimTemplate` for a template of the object. */
  readonly kind: string
  readonly source: Node | undefined
  /** In `spec.volumes`; -1 for a claim template. */
  readonly index: number
}

export interface Mount {
  readonly volume: string
  /** Cleaned; `/var/run` reads as `/run`. */
  readonly path: string
  readonly readOnly: boolean
  readonly subPath: boolean
  readonly index: number
}

/** `/tmp/../srv//x/` is `/srv/x`. */
export function tidyPath(path: string): string {
  if (/^(?:\/[^/.][^/]*)+$/.test(path)) return path
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** For comparing: tidy, and `/var/run` as `/run`, to which it is a link in nearly every image. */
export function cleanPath(path: string): string {
  return tidyPath(path).replace(/^\/var(\/run(?:\/|$))/, '$1')
}

export function isAtOrAbove(above: string, path: string): boolean {
  return above === path || above === '/' || path.startsWith(`${above}/`)
}

/** Nodes are never changed, so what was read from one stays true of it. */
function onceFor<T>(read: (node: Node) => readonly T[]): (node: Node | undefined) => readonly T[] {
  const known = new WeakMap<Node, readonly T[]>()
  return (node) => {
    if (node === undefined) return []
    let list = known.get(node)
    if (list === undefined) {
      list = read(node)
      known.set(node, list)
    }
    return list
  }
}

const templates = onceFor((node): readonly Volume[] =>
  items(node).flatMap((item) => {
    const name = textOf(child(child(item, 'metadata'), 'name'))
    return name === undefined ? [] : [{ name, kind: 'volumeClaimTemplate', source: undefined, index: -1 }]
  }),
)

const declared = onceFor((node) => items(node).flatMap((item, index) => volumeOf(item, index) ?? []))

function volumeOf(node: Node, index: number): Volume | undefined {
  const name = textOf(child(node, 'name'))
  if (node.is !== 'map' || name === undefined) return undefined
  for (const key of node.entries.keys()) {
    if (key === 'name') continue
    const source = child(node, key)
    if (source !== undefined) return { name, kind: key, source, index }
  }
  return { name, kind: 'emptyDir', source: undefined, index }
}

/** A claim template stands before a volume of the same name, as for the controller. */
export function volumesOf(pod: Pod): readonly Volume[] {
  const claims = templates(pod.object(['spec', 'volumeClaimTemplates']))
  const volumes = declared(specOf(pod).get(['volumes']))
  return claims.length === 0 ? volumes : [...claims, ...volumes]
}

export function mountsOf(container: Container): readonly Mount[] {
  return mounts(container.get(['volumeMounts']))
}

const mounts = onceFor((list): readonly Mount[] =>
  items(list).flatMap((node, index) => {
    const volume = textOf(child(node, 'name'))
    const path = textOf(child(node, 'mountPath'))
    if (volume === undefined || path === undefined) return []
    const readOnly = child(node, 'readOnly')
    const subPath = child(node, 'subPath') !== undefined || child(node, 'subPathExpr') !== undefined
    return [{ volume, path: cleanPath(path), readOnly: readOnly?.is === 'value' && readOnly.value === true, subPath, index }]
  }),
)

/** Kinds whose files no container may write, whatever the mount says. */
const READ_ONLY_KINDS: ReadonlySet<string> = new Set(['configMap', 'secret', 'downwardAPI', 'projected', 'image'])

export function isWritable(mount: Mount, volume: Volume | undefined): boolean {
  return !mount.readOnly && (volume === undefined || !READ_ONLY_KINDS.has(volume.kind))
}

/** Both lists can be read in full, so a new entry cannot collide with one that is out of sight. */
export function canAddVolumes(pod: Pod, container: Container): boolean {
  return (
    isWholeList(specOf(pod), ['volumes']) &&
    isWholeList(container, ['volumeMounts']) &&
    mountsOf(container).length === (valueAt(container, ['volumeMounts'], 'list')?.items.length ?? 0)
  )
}
