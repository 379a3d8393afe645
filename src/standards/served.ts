/**
 * What the API server fills in before the checks run: the checks judge the pod it would store, not the file.
 * https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/defaults.go
 */
import { applyChange, entries, isNull, items, nodeAt, scalar } from '../tree.ts'
import type { Json, Node, Path } from '../types.ts'

export const APPARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/'

/** The template with defaults. Filled in values have no place. */
export function served(template: Node, isPod: boolean): Node {
  let root = template
  const set = (path: Path, value: Json): void => {
    root = applyChange(root, { op: 'set', path, value }).root ?? root
  }
  items(nodeAt(root, ['spec', 'volumes'])).forEach((volume, index) => {
    if (volume.is !== 'map' || volume.open) return
    const typed = [...volume.entries].some(([key, { node }]) => key !== 'name' && !isNull(node))
    if (!typed) set(['spec', 'volumes', index, 'emptyDir'], {})
  })
  if (!isPod) return root
  const hostNetwork = scalar(nodeAt(root, ['spec', 'hostNetwork'])) === true
  const annotations = entries(nodeAt(root, ['metadata', 'annotations']))
  for (const group of ['initContainers', 'containers'] as const) {
    items(nodeAt(root, ['spec', group])).forEach((container, index) => {
      const base = ['spec', group, index] as const
      if (hostNetwork) {
        items(nodeAt(container, ['ports'])).forEach((port, at) => {
          const own = scalar(nodeAt(port, ['containerPort']))
          const host = nodeAt(port, ['hostPort'])
          if (typeof own === 'number' && (isNull(host) || scalar(host) === 0)) set([...base, 'ports', at, 'hostPort'], own)
        })
      }
      const name = scalar(nodeAt(container, ['name']))
      const annotation = scalar(annotations.get(`${APPARMOR_ANNOTATION}${String(name)}`)?.node)
      const profile = typeof annotation === 'string' ? fromAnnotation(annotation) : undefined
      const path = ['securityContext', 'appArmorProfile']
      if (profile !== undefined && isNull(nodeAt(container, path))) set([...base, ...path], profile)
    })
  }
  return root
}

function fromAnnotation(text: string): Json | undefined {
  if (text === 'runtime/default') return { type: 'RuntimeDefault' }
  if (text === 'unconfined') return { type: 'Unconfined' }
  if (text.startsWith('localhost/')) return { type: 'Localhost', localhostProfile: text.slice('localhost/'.length) }
  return undefined
}
