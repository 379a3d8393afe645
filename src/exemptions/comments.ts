/** Comments that speak of a part of the object: which part each one means. */
import type { Comment, Node, Path } from '../types.ts'

/** A part of an object, by the path from its root; empty for all of it. */
export interface Part {
  readonly path: Path
  /** The very value, also where `path` is the map around it. */
  readonly exact: Path
}

/**
 * What a comment stands on or above. On a line with content it is the value before it, on a line of its own the one
 * below. A key with a plain value speaks for the map that it is in: a comment behind `image: x` means the container.
 * Undefined where nothing of the object stands there.
 */
export function partOf(comment: Comment, root: Node): Part | undefined {
  const { start, end } = comment.at.span
  let best: (Part & { readonly offset: number }) | undefined
  const isNearer = (offset: number): boolean =>
    comment.inline ? offset < start && (best === undefined || offset > best.offset) : offset >= end && (best === undefined || offset < best.offset)
  // Of several that begin at one place the outermost comes first and stays. A list is meant by its key, its first item by the place.
  const visit = (node: Node, path: Path, ofMap: Path): void => {
    if (node.at !== undefined && node.is !== 'list' && isNearer(node.at.span.start)) best = { offset: node.at.span.start, path: node.is === 'map' ? path : ofMap, exact: path }
    if (node.is === 'map')
      for (const [name, { key, node: child, inherited }] of node.entries) {
        if (inherited === true) continue
        const below = [...path, name]
        const isPlain = child.is !== 'map' && child.is !== 'list'
        if (key !== undefined && isNearer(key.span.start)) best = { offset: key.span.start, path: isPlain ? path : below, exact: below }
        visit(child, below, path)
      }
    if (node.is === 'list') for (const [i, child] of node.items.entries()) visit(child, [...path, i], ofMap)
  }
  visit(root, [], [])
  return best
}
