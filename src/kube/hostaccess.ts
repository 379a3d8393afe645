/** Where a pod reaches for the node, and volumes that the restricted level does not allow. */
import { VOLUME_TYPES } from '../standards/checks/restrictedVolumes.ts'
import type { Container, Node, Path, Pod } from '../types.ts'
import { child, itemsAt, specOf, type State, stateAt, textOf, valueAt } from './fields.ts'
import { volumesOf } from './mounts.ts'

export interface HostItem {
  readonly kind: 'namespace' | 'host-process' | 'host-path' | 'host-port' | 'probe-host' | 'volume-type'
  /** The field and its value, for people. */
  readonly text: string
  readonly at: Path
  readonly container?: string
  readonly comment?: string
}

/** What the restricted level allows; anything else, and any type to come, is refused. */
const RESTRICTED_VOLUMES: ReadonlySet<string> = new Set([...VOLUME_TYPES, 'volumeClaimTemplate'])

const PROBES: readonly Path[] = [['livenessProbe'], ['readinessProbe'], ['startupProbe'], ['lifecycle', 'postStart'], ['lifecycle', 'preStop']]

/** Everything of the pod, in the order of the standard. `restricted`: volume types too. */
export function hostItems(pod: Pod, restricted: boolean): readonly HostItem[] {
  return [...namespaces(pod), ...hostProcess(pod), ...volumeItems(pod, restricted), ...pod.containers.flatMap((container) => [...ports(container), ...probeHosts(container)])]
}

function namespaces(pod: Pod): readonly HostItem[] {
  return ['hostNetwork', 'hostPID', 'hostIPC'].flatMap((field) =>
    valueAt(specOf(pod), [field], 'boolean') === true ? [{ kind: 'namespace' as const, text: `${field}: true`, at: ['spec', field] }] : [],
  )
}

/** Host namespace fields that are there and cannot be used. */
export function unusableNamespaces(pod: Pod): readonly { readonly field: string; readonly state: Extract<State<unknown>, { is: 'opaque' | 'wrong' }> }[] {
  return ['hostNetwork', 'hostPID', 'hostIPC'].flatMap((field) => {
    const state = stateAt(specOf(pod), [field], 'boolean')
    return state.is === 'opaque' || state.is === 'wrong' ? [{ field, state }] : []
  })
}

function hostProcess(pod: Pod): readonly HostItem[] {
  const path = ['securityContext', 'windowsOptions', 'hostProcess']
  const text = 'windowsOptions.hostProcess: true'
  const own = pod.containers.filter((container) => valueAt(container, path, 'boolean') === true)
  return [
    ...(valueAt(specOf(pod), path, 'boolean') === true ? [{ kind: 'host-process' as const, text, at: ['spec', ...path] }] : []),
    ...own.map((container) => ({ kind: 'host-process' as const, text, at: [...container.path, ...path], container: container.name })),
  ]
}

function volumeItems(pod: Pod, restricted: boolean): readonly HostItem[] {
  return volumesOf(pod).flatMap((volume): readonly HostItem[] => {
    if (RESTRICTED_VOLUMES.has(volume.kind)) return []
    if (volume.kind === 'hostPath') {
      const path = textOf(child(volume.source, 'path'))
      return [{ kind: 'host-path' as const, text: `hostPath ${path ?? '?'} (volume ${volume.name})`, at: ['spec', 'volumes', volume.index, 'hostPath'] }]
    }
    return restricted ? [{ kind: 'volume-type' as const, text: `${volume.kind} (volume ${volume.name})`, at: ['spec', 'volumes', volume.index, volume.kind] }] : []
  })
}

function ports(container: Container): readonly HostItem[] {
  return itemsAt(container, ['ports']).flatMap((port: Node, index) => {
    const node = child(port, 'hostPort')
    if (node === undefined || (node.is === 'value' && node.value === 0)) return []
    const value = node.is === 'value' ? String(node.value) : '?'
    return [{ kind: 'host-port' as const, text: `hostPort: ${value}`, at: [...container.path, 'ports', index, 'hostPort'], container: container.name }]
  })
}

function probeHosts(container: Container): readonly HostItem[] {
  return PROBES.flatMap((probe) =>
    ['httpGet', 'tcpSocket'].flatMap((action) => {
      const path = [...probe, action, 'host']
      const host = valueAt(container, path, 'string')
      return host === undefined || host === ''
        ? []
        : [{ kind: 'probe-host' as const, text: `${probe.join('.')}.${action}.host: ${host}`, at: [...container.path, ...path], container: container.name }]
    }),
  )
}
