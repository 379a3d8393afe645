/** What a transform sees of a site: the template with pending changes laid over. */
import { entries, isNull, items, nodeAt, scalar } from './tree.ts'
import type { Container, ContainerGroup, Entry, Node, Path, Place, Pod, Site } from './types.ts'

export const CONTAINER_GROUPS = ['initContainers', 'containers', 'ephemeralContainers'] as const satisfies readonly ContainerGroup[]

/** Path from the object's root for a path of the template; undefined where the kind has no pod metadata. */
export function objectPath(site: Site, path: Path): Path | undefined {
  const [head, ...rest] = path
  if (head === 'spec') return [...site.spec, ...rest]
  return site.metadata === undefined ? undefined : [...site.metadata, ...rest]
}

/** `root` is the object with pending changes laid over; `site.root` is the object as written. */
export function podOf(site: Site, root: () => Node): Pod {
  const specOf = remembered(root, (object) => nodeAt(object, site.spec))
  const get = (path: Path): Node | undefined => {
    if (path[0] === 'spec') return present(nodeAt(specOf(), path, 1))
    return site.metadata === undefined ? undefined : present(nodeAt(nodeAt(root(), site.metadata), path, 1))
  }
  const containers: Container[] = []
  for (const group of CONTAINER_GROUPS) {
    items(nodeAt(site.root, [...site.spec, group])).forEach((node, index) => {
      if (node.is !== 'map') return
      const path = ['spec', group, index]
      const name = scalar(entries(node).get('name')?.node)
      const image = scalar(entries(node).get('image')?.node)
      const own = remembered(specOf, (spec) => nodeAt(spec, path, 1))
      containers.push({
        name: typeof name === 'string' ? name : `${group}[${index}]`,
        group,
        path,
        sidecar: group === 'initContainers' && scalar(entries(node).get('restartPolicy')?.node) === 'Always',
        // An image of blanks is filled in by a trigger or a controller.
        image: typeof image === 'string' && image.trim() !== '' ? image : undefined,
        get: (below) => present(nodeAt(own(), below)),
      })
    })
  }
  return { site, get, containers, object: (path) => present(nodeAt(site.root, path)), place: (path) => placeOf(site, path) }
}

/** The pod template of a site as one node: `metadata` where the kind has it, and `spec`. `object`: the root to read, default as written. */
export function templateOf(site: Site, object: Node = site.root): Node {
  const found = new Map<string, Entry>()
  const metadata = site.metadata === undefined ? undefined : nodeAt(object, site.metadata)
  const spec = nodeAt(object, site.spec)
  if (metadata !== undefined) found.set('metadata', { node: metadata })
  if (spec !== undefined) found.set('spec', { node: spec })
  return { is: 'map', entries: found, open: false }
}

/** A null value says nothing. */
function present(node: Node | undefined): Node | undefined {
  return isNull(node) ? undefined : node
}

/** Looked up once for each state of what it is looked up in: transforms ask for the same few places again and again. */
function remembered(from: () => Node | undefined, find: (node: Node | undefined) => Node | undefined): () => Node | undefined {
  let last: Node | undefined
  let found: Node | undefined
  return () => {
    const now = from()
    if (now !== last || now === undefined) {
      last = now
      found = find(now)
    }
    return found
  }
}

/** The place of the nearest written node at or above `path`, never above the object. A map entry is pointed at by its key. */
export function placeOf(site: Site, path: Path): Place {
  const full = objectPath(site, path) ?? []
  let node: Node | undefined = site.root
  let place: Place | undefined = site.root.at
  for (const step of full) {
    if (node?.is === 'map') {
      const entry = node.entries.get(String(step))
      if (entry === undefined) break
      place = entry.key ?? entry.node.at ?? place
      node = entry.node
    } else if (node?.is === 'list' && typeof step === 'number') {
      node = node.items[step]
      place = node?.at ?? place
    } else break
  }
  return place ?? { file: site.file, span: { start: 0, end: 0 } }
}
