/** What a transform sees of a site: the template with pending changes laid over. */
import { entries, isNull, items, nodeAt, scalar } from './tree.ts'
import type { Container, ContainerGroup, Node, Path, Place, Pod, Site } from './types.ts'

export const CONTAINER_GROUPS = ['initContainers', 'containers', 'ephemeralContainers'] as const satisfies readonly ContainerGroup[]

/** Path from the object's root for a path of the template; undefined where the kind has no pod metadata. */
export function objectPath(site: Site, path: Path): Path | undefined {
  const [head, ...rest] = path
  if (head === 'spec') return [...site.spec, ...rest]
  return site.metadata === undefined ? undefined : [...site.metadata, ...rest]
}

/** `root` is the object with pending changes laid over; `site.root` is the object as written. */
export function podOf(site: Site, root: () => Node): Pod {
  const get = (path: Path): Node | undefined => {
    const full = objectPath(site, path)
    const node = full === undefined ? undefined : nodeAt(root(), full)
    return isNull(node) ? undefined : node
  }
  const containers: Container[] = []
  for (const group of CONTAINER_GROUPS) {
    items(nodeAt(site.root, [...site.spec, group])).forEach((node, index) => {
      if (node.is !== 'map') return
      const path = ['spec', group, index]
      const name = scalar(entries(node).get('name')?.node)
      const image = scalar(entries(node).get('image')?.node)
      containers.push({
        name: typeof name === 'string' ? name : `${group}[${index}]`,
        group,
        path,
        sidecar: group === 'initContainers' && scalar(entries(node).get('restartPolicy')?.node) === 'Always',
        image: typeof image === 'string' ? image : undefined,
        get: (below) => get([...path, ...below]),
      })
    })
  }
  return {
    site,
    get,
    containers,
    object: (path) => {
      const node = nodeAt(site.root, path)
      return isNull(node) ? undefined : node
    },
    place: (path) => placeOf(site, path),
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
