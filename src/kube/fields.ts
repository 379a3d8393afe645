/** Reading single fields: said nothing, said something, cannot be known, or has a type Kubernetes refuses. */
import { isNull } from '../tree.ts'
import type { Container, ListNode, MapNode, Node, Path, Pod, Reader } from '../types.ts'

export type State<T> =
  | { readonly is: 'absent' }
  | { readonly is: 'set'; readonly value: T; readonly comment?: string }
  /** Something is there, but it cannot be read. `path` is where reading stopped, relative to the reader. */
  | { readonly is: 'opaque'; readonly path: Path; readonly text: string }
  /** Kubernetes refuses the type: nothing here counts as set. */
  | { readonly is: 'wrong'; readonly path: Path; readonly text: string }

interface Types {
  boolean: boolean
  integer: number
  string: string
  list: ListNode
  map: MapNode
}

const ABSENT = { is: 'absent' } as const

function typed(node: Node, type: keyof Types): unknown {
  if (type === 'list') return node.is === 'list' ? node : undefined
  if (type === 'map') return node.is === 'map' ? node : undefined
  if (node.is !== 'value') return undefined
  if (type === 'integer') return Number.isInteger(node.value) ? node.value : undefined
  return typeof node.value === type ? node.value : undefined
}

function describe(node: Node): string {
  if (node.is === 'value') return node.quoted === true ? `"${String(node.value)}"` : (node.raw ?? String(node.value))
  return node.is === 'opaque' ? node.text : `a ${node.is}`
}

/** The field at `path`. Parents count too: a `securityContext` that is a list makes every field below it wrong. */
export function stateAt<T extends keyof Types>(reader: Reader, path: Path, type: T): State<Types[T]> {
  const first = reader.get(path.slice(0, 1))
  let node: Node | undefined = first
  for (let depth = 1; ; depth++) {
    if (node === undefined || isNull(node)) return ABSENT
    if (node.is === 'opaque') return { is: 'opaque', path: path.slice(0, depth), text: node.text }
    if (depth === path.length) break
    const step = path[depth] as string | number
    if (node.is === 'map') {
      const entry = node.entries.get(String(step))
      if (entry === undefined) return node.open ? { is: 'opaque', path: path.slice(0, depth), text: '' } : ABSENT
      node = entry.node
    } else if (node.is === 'list' && typeof step === 'number') node = node.items[step]
    else return { is: 'wrong', path: path.slice(0, depth), text: describe(node) }
  }
  const value = typed(node, type) as Types[T] | undefined
  if (value === undefined) return { is: 'wrong', path, text: describe(node) }
  const comment = node.is === 'value' ? node.comment : undefined
  return comment === undefined ? { is: 'set', value } : { is: 'set', value, comment }
}

const specReaders = new WeakMap<Pod, Reader>()

/** The pod spec as a reader of its own, so that pods and containers are asked the same way. */
export function specOf(pod: Pod): Reader {
  let reader = specReaders.get(pod)
  if (reader === undefined) {
    reader = { get: (path) => pod.get(['spec', ...path]) }
    specReaders.set(pod, reader)
  }
  return reader
}

/** The container or the pod spec as the author wrote it, without pending changes. */
export function asWritten(pod: Pod, container?: Container): Reader {
  const prefix = container === undefined ? pod.site.spec : [...pod.site.spec, ...container.path.slice(1)]
  return { get: (path) => pod.object([...prefix, ...path]) }
}

/** The set value, or undefined for anything else. */
export function valueAt<T extends keyof Types>(reader: Reader, path: Path, type: T): Types[T] | undefined {
  const state = stateAt(reader, path, type)
  return state.is === 'set' ? state.value : undefined
}

/** Items of a list field; an unreadable or absent list has none. */
export function itemsAt(reader: Reader, path: Path): readonly Node[] {
  return valueAt(reader, path, 'list')?.items ?? []
}

/** A list that can be read in full: every item is there to be seen. Absent counts. */
export function isWholeList(reader: Reader, path: Path): boolean {
  const state = stateAt(reader, path, 'list')
  return state.is === 'absent' || (state.is === 'set' && !state.value.open && state.value.items.every((item) => item.is !== 'opaque'))
}

/** A child of a map node; undefined when absent, null, or when `node` is no map. */
export function child(node: Node | undefined, key: string): Node | undefined {
  if (node?.is !== 'map') return undefined
  const found = node.entries.get(key)?.node
  return isNull(found) ? undefined : found
}

export function textOf(node: Node | undefined): string | undefined {
  return node?.is === 'value' && typeof node.value === 'string' ? node.value : undefined
}
