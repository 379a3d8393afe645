/**
 * Pods share nothing with their node: no host namespaces, paths or ports, and no probes of other hosts.
 *
 * Fields:  spec.hostNetwork, hostPID, hostIPC; spec.volumes[*].hostPath; containers[*].ports[*].hostPort;
 *          windowsOptions.hostProcess; host of httpGet and tcpSocket in probes and hooks; at the restricted
 *          level also the types of all volumes
 * Wanted:  absent, false, 0 or empty; volumes of the types configMap, csi, downwardAPI, emptyDir, ephemeral,
 *          image, persistentVolumeClaim, projected, secret
 * Leaves:  all of it: taking it away changes what the pod does. One review per cause, one for a whole host agent
 * Source:  https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
 */
import { hasComment, override, removals, written } from '../src/kube/override.ts'
import { agentReview } from '../src/kube/agents.ts'
import { type HostItem, hostItems, unusableNamespaces } from '../src/kube/hostaccess.ts'
import { listed } from '../src/kube/left.ts'
import { isHostAgent } from '../src/kube/signs.ts'
import { review, unusable } from '../src/kube/speaking.ts'
import type { Pod, ReviewProposal, Transform } from '../src/types.ts'

interface Cause {
  readonly kinds: readonly HostItem['kind'][]
  readonly key: string
  readonly field: string
  readonly message: string
  readonly todo: string
}

const CAUSES: readonly Cause[] = [
  {
    kinds: ['namespace'],
    key: 'namespaces',
    field: 'hostNetwork',
    message: 'shares namespaces with the node',
    todo: 'Delete the field if the pod only needs its own network and processes; a Service reaches it by name. With hostNetwork, dnsPolicy: ClusterFirstWithHostNet goes too.',
  },
  {
    kinds: ['host-process'],
    key: 'host-process',
    field: 'securityContext.windowsOptions.hostProcess',
    message: 'runs as a process of the Windows node',
    todo: 'Nothing but another program can help; it belongs in a namespace at the privileged level.',
  },
  {
    kinds: ['host-path'],
    key: 'host-path',
    field: 'volumes.hostPath',
    message: 'uses directories of the node',
    todo: 'Scratch space: emptyDir. Data: a claim (a local PersistentVolume keeps it on the node). Files of the node have no replacement; such a workload belongs in a namespace at the privileged level.',
  },
  {
    kinds: ['volume-type'],
    key: 'volume-types',
    field: 'volumes',
    message: 'uses volume types that the restricted level does not allow',
    todo: 'Put the storage behind a PersistentVolume and mount a claim; replace gitRepo by an init container that clones into an emptyDir.',
  },
  {
    kinds: ['host-port'],
    key: 'host-ports',
    field: 'ports.hostPort',
    message: 'opens ports on the node',
    todo: 'Delete hostPort and reach the pod through a Service, or leave it if clients use the address of the node.',
  },
  {
    kinds: ['probe-host'],
    key: 'probe-hosts',
    field: 'host',
    message: 'probes or hooks name a host',
    todo: 'Delete host, so that the kubelet asks the pod itself; a server that listens on 127.0.0.1 only has to listen on all addresses first.',
  },
]

const id = 'forbid-host-access'

export default {
  id,
  title: 'Pods share nothing with their node',
  level: 'baseline',
  docs: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline',
  fields: [],
  overrides: [
    'spec.hostNetwork',
    'spec.hostPID',
    'spec.hostIPC',
    'spec.containers.*.ports',
    'spec.containers.*.livenessProbe',
    'spec.containers.*.readinessProbe',
    'spec.containers.*.startupProbe',
    'spec.containers.*.lifecycle',
    'spec.initContainers.*.ports',
    'spec.initContainers.*.livenessProbe',
    'spec.initContainers.*.readinessProbe',
    'spec.initContainers.*.startupProbe',
    'spec.initContainers.*.lifecycle',
    'spec.ephemeralContainers.*.ports',
    'spec.ephemeralContainers.*.livenessProbe',
    'spec.ephemeralContainers.*.readinessProbe',
    'spec.ephemeralContainers.*.startupProbe',
    'spec.ephemeralContainers.*.lifecycle',
  ],
  *plan(pod, context) {
    for (const { field, state } of unusableNamespaces(pod)) yield unusable(state, ['spec'], `pod.${field}`, field)
    const agents = pod.containers.filter((container) => isHostAgent(pod, container, context))
    if (agents.length > 0) {
      yield agentReview(pod, agents, context)
      return
    }
    const items = hostItems(pod, context.options.level !== 'baseline')
    for (const cause of CAUSES) yield* reviewCause(pod, cause, items)
  },
  *override(pod) {
    const spaces = written(pod, ['spec'], [['hostNetwork'], ['hostPID'], ['hostIPC']], (value) => value === true)
    const [first, ...rest] = spaces
    if (first !== undefined)
      yield override(id, {
        key: 'namespaces',
        at: first,
        field: String(first.at(-1)),
        message: `namespaces of its own: no ${listed(spaces.map((path) => String(path.at(-1))))}`,
        changes: [{ op: 'set', path: first, value: false }, ...rest.map((path) => ({ op: 'set' as const, path, value: false }))],
        risk: 'Other addresses, ports and process lists than before: who reached it at the address of the node needs a Service.',
      })
    for (const container of pod.containers) {
      const ports = hostItems(pod, false).filter(
        (item) => item.container === container.name && (item.kind === 'host-port' || item.kind === 'probe-host') && !hasComment(pod, item.at),
      )
      const paths = ports.flatMap(({ kind, at }) => (kind === 'host-port' ? [at, ...written(pod, at.slice(0, -1), [['hostIP']], (value) => value !== null)] : [at]))
      const [head, ...others] = removals(pod, paths)
      if (head === undefined) continue
      yield override(id, {
        key: container.name,
        container,
        at: head.path,
        field: ports.some(({ kind }) => kind === 'host-port') ? 'ports.hostPort' : 'probe host',
        message: `without ${listed(ports.map(({ text }) => text))}`,
        changes: [head, ...others],
        risk: 'Who used the port of the node needs a Service; a probe goes to the address of the pod, so a server on loopback only fails it.',
      })
    }
  },
} satisfies Transform

function* reviewCause(pod: Pod, cause: Cause, items: readonly HostItem[]): Iterable<ReviewProposal> {
  const onNetwork = items.some(({ text }) => text === 'hostNetwork: true')
  const kinds = cause.key === 'namespaces' && onNetwork ? [...cause.kinds, 'host-port'] : cause.kinds
  if (cause.key === 'host-ports' && onNetwork) return
  const found = items.filter(({ kind }) => kinds.includes(kind))
  const [first, ...rest] = found
  if (first === undefined) return
  const containers = [...new Set(found.flatMap(({ container }) => container ?? []))]
  const one = containers.length === 1 && found.every(({ container }) => container !== undefined) ? containers[0] : undefined
  yield review({
    key: cause.key,
    ...(one === undefined || pod.containers.length === 0 ? {} : { container: one }),
    at: first.at,
    field: first.kind === 'namespace' ? (first.at[1] as string) : cause.field,
    severity: 'decide',
    reason: 'author-chose',
    message: `${cause.message}: ${listed(found.map(({ text }) => text))}`,
    todo: cause.todo,
    related: rest.map(({ text, at }) => ({ message: text, at })),
  })
}
