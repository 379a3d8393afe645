/**
 * Anchors, aliases and merge keys: one node in several places. A node is edited at its own place when every
 * place wants the same; else each place that differs gets text of its own, where YAML allows that.
 */
import { sameNode } from '../../tree.ts'
import type { Node, Path } from '../../types.ts'
import { listLayout, mapLayout } from './layout.ts'

/** One use of a node through an alias or a merge key. */
export interface Use {
  readonly wanted: Node | undefined
  readonly path: Path
}

export interface Sharing {
  /** What a node's own place wants it to be. */
  readonly own: ReadonlyMap<Node, Node>
  /** Own places whose change would also change a place that wants something else: with the number of those. */
  readonly conflicts: ReadonlyMap<Node, { readonly own: Path; readonly places: number }>
}

/** Walks the document along its own text; aliases and inherited entries are uses of what is walked elsewhere. */
export function findSharing(root: Node, wanted: Node, hidden: ReadonlySet<Node>): Sharing {
  const own = new Map<Node, Node>()
  const paths = new Map<Node, Path>()
  const uses = new Map<Node, Use[]>()
  const use = (node: Node, wantedThere: Node | undefined, path: Path): void => {
    const list = uses.get(node)
    if (list === undefined) uses.set(node, [{ wanted: wantedThere, path }])
    else list.push({ wanted: wantedThere, path })
  }
  const walk = (node: Node, want: Node | undefined, path: Path): void => {
    if (want === undefined || own.has(node)) return
    own.set(node, want)
    paths.set(node, path)
    if (node.is === 'map') {
      const layout = mapLayout(node)
      for (const [key, entry] of node.entries) {
        const next = want.is === 'map' ? want.entries.get(key)?.node : undefined
        const alias = layout?.pairs.find((pair) => pair.key === key)?.slot.alias === true
        if (entry.inherited === true || alias) use(entry.node, next, [...path, key])
        else walk(entry.node, next, [...path, key])
      }
    } else if (node.is === 'list') {
      const layout = listLayout(node)
      node.items.forEach((item, i) => {
        const next = want.is === 'list' ? want.items[i] : undefined
        if (layout?.items[i]?.slot.alias === true) use(item, next, [...path, i])
        else walk(item, next, [...path, i])
      })
    }
  }
  walk(root, wanted, [])
  const conflicts = new Map<Node, { readonly own: Path; readonly places: number }>()
  for (const node of new Set([...uses.keys(), ...hidden])) {
    const here = own.get(node) ?? node
    if (here === node) continue
    // A place that wants the node as it was would change along with the anchor; so would one that nobody can see.
    const unwilling = (uses.get(node) ?? []).filter((place) => place.wanted !== undefined && !sameNode(place.wanted, here) && sameNode(place.wanted, node)).length
    const places = unwilling + (hidden.has(node) ? 1 : 0)
    if (places > 0) conflicts.set(node, { own: paths.get(node) ?? [], places })
  }
  return { own, conflicts }
}

/** Entries that a map written as `<<: *anchor` must repeat to read as `wanted`; undefined when a merge cannot say it. */
export function entriesBesideMerge(source: Node, wanted: Node): readonly string[] | undefined {
  if (source.is !== 'map' || wanted.is !== 'map') return undefined
  for (const key of source.entries.keys()) if (!wanted.entries.has(key)) return undefined
  return [...wanted.entries.keys()].filter((key) => !sameNode(source.entries.get(key)?.node, wanted.entries.get(key)?.node))
}
