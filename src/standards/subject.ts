/** A pod template as the checks look at it: annotations and spec, nothing else. */
import { nodeAt, scalar } from '../tree.ts'
import type { ContainerGroup, Node, Path } from '../types.ts'
import { served } from './served.ts'

/** The pod spec or one container. */
export interface Part {
  readonly container?: string
  readonly group?: ContainerGroup
  /** From the template. */
  readonly path: Path
  readonly node: Node | undefined
}

export interface Subject {
  readonly pod: Part
  readonly annotations: Part
  /** Init, main and ephemeral containers, in this order. */
  readonly containers: readonly Part[]
  /** `spec.os.name` is exactly `windows`; a node selector does not count. */
  readonly windows: boolean
  /** `spec.hostUsers` is exactly false. */
  readonly userNamespace: boolean
}

/** `isPod`: a Pod itself; for templates of other kinds the API server fills in less. */
export function subjectOf(template: Node, isPod: boolean, fillIn = true): Subject {
  const root = fillIn ? served(template, isPod) : template
  const spec = nodeAt(root, ['spec'])
  const containers: Part[] = []
  for (const group of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    const list = nodeAt(spec, [group])
    if (list?.is === 'opaque') containers.push({ container: group, group, path: ['spec', group], node: list })
    if (list?.is !== 'list') continue
    list.items.forEach((node, index) => {
      const name = scalar(nodeAt(node, ['name']))
      containers.push({ container: typeof name === 'string' ? name : `${group}[${index}]`, group, path: ['spec', group, index], node })
    })
  }
  return {
    pod: { path: ['spec'], node: spec },
    annotations: { path: ['metadata', 'annotations'], node: nodeAt(root, ['metadata', 'annotations']) },
    containers,
    windows: scalar(nodeAt(spec, ['os', 'name'])) === 'windows',
    userNamespace: scalar(nodeAt(spec, ['hostUsers'])) === false,
  }
}
