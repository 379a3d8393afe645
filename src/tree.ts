/**
 * The neutral tree and its reference semantics: what a change means, independent of any text.
 * Every language's edits are tested against `applyChange`.
 */
import type { Change, Entry, Json, ListNode, MapNode, Node, Path, Scalar } from './types.ts'

/** The node at `path`, `undefined` when absent. Stops at an opaque node and returns it. A null value is a node. `from`: steps of the path that lead to `root` already. */
export function nodeAt(root: Node | undefined, path: Path, from = 0): Node | undefined {
  let node = root
  for (let i = from; i < path.length; i++) {
    const step = path[i] as string | number
    if (node === undefined) return undefined
    if (node.is === 'opaque') return node
    if (node.is === 'map') {
      const entry = node.entries.get(String(step))
      if (entry === undefined && node.open) return { is: 'opaque', why: 'unsupported', text: '' }
      node = entry?.node
    } else if (node.is === 'list' && typeof step === 'number') node = node.items[step]
    else return undefined
  }
  return node
}

export function isNull(node: Node | undefined): boolean {
  return node === undefined || (node.is === 'value' && node.value === null)
}

/** The value of a scalar node; undefined for anything else. */
export function scalar(node: Node | undefined): Scalar | undefined {
  return node?.is === 'value' ? node.value : undefined
}

export function items(node: Node | undefined): readonly Node[] {
  return node?.is === 'list' ? node.items : []
}

export function entries(node: Node | undefined): ReadonlyMap<string, Entry> {
  return node?.is === 'map' ? node.entries : new Map()
}

export function fromJson(value: Json): Node {
  if (Array.isArray(value)) return { is: 'list', items: value.map(fromJson), open: false }
  if (value !== null && typeof value === 'object') {
    const map = new Map<string, Entry>()
    for (const [key, child] of Object.entries(value as { readonly [key: string]: Json | undefined })) {
      if (child !== undefined) map.set(key, { node: fromJson(child) })
    }
    return { is: 'map', entries: map, open: false }
  }
  return { is: 'value', value: value as Scalar }
}

/** Plain value of a node. Opaque nodes become undefined, and so do maps and lists nested deeper than anyone writes by hand. */
export function toJson(node: Node | undefined, depth = 200): Json | undefined {
  if (node === undefined || node.is === 'opaque' || depth === 0) return undefined
  if (node.is === 'value') return node.value
  if (node.is === 'list') return node.items.map((item) => toJson(item, depth - 1) ?? null)
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, toJson(entry.node, depth - 1) ?? null]))
}

/**
 * Same meaning: maps without regard to order, scalars by value, opaque by text. Equal references are
 * equal without looking inside.
 */
export function sameNode(a: Node | undefined, b: Node | undefined): boolean {
  return difference(a, b, undefined) === undefined
}

/**
 * The first path at which two nodes differ, undefined when they mean the same. `seen` remembers pairs already
 * compared, so that nodes which stand in many places (anchors) are looked into once.
 */
export function difference(a: Node | undefined, b: Node | undefined, seen: Map<Node, Set<Node>> | undefined): Path | undefined {
  return differs(a, b, seen)?.reverse()
}

/** The path is made from its end, and only when there is a difference. */
function differs(a: Node | undefined, b: Node | undefined, seen: Map<Node, Set<Node>> | undefined): (string | number)[] | undefined {
  if (a === b) return undefined
  if (a === undefined || b === undefined || a.is !== b.is) return []
  if (a.is === 'value') return a.value === (b as typeof a).value ? undefined : []
  if (a.is === 'opaque') return a.text === (b as typeof a).text && a.why === (b as typeof a).why ? undefined : []
  if (seen !== undefined) {
    const partners = seen.get(a) ?? new Set<Node>()
    if (partners.has(b)) return undefined
    partners.add(b)
    seen.set(a, partners)
  }
  if (a.is === 'list') {
    const other = b as ListNode
    const length = Math.max(a.items.length, other.items.length)
    for (let i = 0; i < length; i++) {
      const at = differs(a.items[i], other.items[i], seen)
      if (at !== undefined) {
        at.push(i)
        return at
      }
    }
    return undefined
  }
  const other = b as MapNode
  for (const [key, entry] of a.entries) {
    const at = differs(entry.node, other.entries.get(key)?.node, seen)
    if (at !== undefined) {
      at.push(key)
      return at
    }
  }
  for (const key of other.entries.keys()) if (!a.entries.has(key)) return [key]
  return undefined
}

/** A change that cannot be applied: something stands in the way that must not be overwritten. */
export interface Clash {
  readonly clash: 'opaque' | 'wrong-type' | 'different-value'
  readonly path: Path
}

export type Applied = { readonly root: Node; readonly clash?: never } | ({ readonly root?: never } & Clash)

/**
 * `root` with one change made. Missing and null parents become maps; a parent of another type, or one
 * that cannot be read, is a clash. Setting what is already set, removing what is absent and appending
 * an equal keyed item leave the root as it is (the same reference).
 */
export function applyChange(root: Node, change: Change): Applied {
  switch (change.op) {
    case 'set':
      return update(root, change.path, 0, (old) => {
        const next = fromJson(change.value)
        return old !== undefined && sameNode(old, next) ? old : next
      })
    case 'remove':
      return nodeAt(root, change.path) === undefined ? { root } : update(root, change.path, 0, () => undefined)
    case 'append':
      return update(root, change.path, 0, (old) => {
        if (old !== undefined && old.is === 'opaque') return { clash: 'opaque', path: change.path }
        if (old !== undefined && old.is !== 'list' && !isNull(old)) return { clash: 'wrong-type', path: change.path }
        const list: ListNode = old?.is === 'list' ? old : { is: 'list', items: [], open: false }
        const item = fromJson(change.value)
        if (change.key !== undefined) {
          const name = scalar(nodeAt(item, [change.key]))
          const twin = list.items.find((other) => scalar(nodeAt(other, [change.key as string])) === name)
          if (twin !== undefined) return sameNode(twin, item) ? list : { clash: 'different-value', path: change.path }
        }
        return { ...list, items: [...list.items, item] }
      })
  }
}

type Updated = Node | undefined | Clash

function isClash(value: Updated): value is Clash {
  return value !== undefined && 'clash' in value
}

function update(node: Node, path: Path, depth: number, change: (old: Node | undefined) => Updated): Applied {
  const result = walk(node, path, depth, change)
  if (isClash(result)) return result
  return { root: result ?? { is: 'value', value: null } }
}

function walk(node: Node | undefined, path: Path, depth: number, change: (old: Node | undefined) => Updated): Updated {
  if (depth === path.length) return change(node)
  if (node !== undefined && node.is === 'opaque') return { clash: 'opaque', path: path.slice(0, depth) }
  const step = path[depth] as string | number
  if (typeof step === 'number') {
    if (node?.is !== 'list' || node.items[step] === undefined) return { clash: 'wrong-type', path: path.slice(0, depth) }
    const next = walk(node.items[step], path, depth + 1, change)
    if (isClash(next)) return next
    if (next === node.items[step]) return node
    const items = node.items.slice()
    if (next === undefined) items.splice(step, 1)
    else items[step] = next
    return { ...node, items }
  }
  if (node !== undefined && node.is !== 'map' && !isNull(node)) return { clash: 'wrong-type', path: path.slice(0, depth) }
  const map: MapNode = node?.is === 'map' ? node : { is: 'map', entries: new Map(), open: false }
  const old = map.entries.get(step)
  if (old === undefined && map.open) return { clash: 'opaque', path: path.slice(0, depth) }
  const next = walk(old?.node, path, depth + 1, change)
  if (isClash(next)) return next
  if (next === old?.node && old !== undefined) return node
  const copy = new Map(map.entries)
  if (next === undefined) copy.delete(step)
  else copy.set(step, old?.key === undefined || old.inherited ? { node: next } : { key: old.key, node: next })
  return { ...map, entries: copy }
}
