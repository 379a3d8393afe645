/** Ports below 1024, which a process without root may bind only where the pod or the program is prepared for it. */
import { items } from '../tree.ts'
import type { About, Container, Pod } from '../types.ts'
import { envOf } from './commands.ts'
import { child, isWholeList, itemsAt, specOf, stateAt, textOf } from './fields.ts'

export const UNPRIVILEGED_PORT_START = 'net.ipv4.ip_unprivileged_port_start'

export interface LowPorts {
  readonly ports: readonly number[]
  /** Where the first one was seen, for people. */
  readonly because: string
  /** A record lists a low port, and what the manifest says about ports cannot be read. */
  readonly unclear: boolean
}

export function lowPorts(container: Container, known: About): LowPorts {
  const seen = new Map<number, string>()
  const add = (port: number | undefined, because: string): void => {
    if (port !== undefined && port > 0 && port < 1024 && !seen.has(port)) seen.set(port, because)
  }
  for (const port of known.ports?.value ?? []) add(port, known.ports?.source ?? 'the image')
  for (const port of itemsAt(container, ['ports'])) add(numberOf(child(port, 'containerPort')), 'containerPort')
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'])
    for (const action of ['httpGet', 'tcpSocket', 'grpc']) {
      const state = stateAt(container, [probe, action, 'port'], 'integer')
      if (state.is === 'set') add(state.value, probe)
    }
  const unclear = (known.ports?.value.length ?? 0) > 0 && (movesUnseen(container, known) || !isWholeList(container, ['ports']))
  return { ports: [...seen.keys()], because: [...seen.values()][0] ?? '', unclear }
}

function numberOf(node: ReturnType<typeof child>): number | undefined {
  return node?.is === 'value' && typeof node.value === 'number' ? node.value : undefined
}

/** A variable that moves a port of the image is set, and its value is taken from elsewhere. */
function movesUnseen(container: Container, known: About): boolean {
  const moves = known.movesPort?.value ?? {}
  return envOf(container).some(({ name, value }) => value === undefined && name in moves)
}

export type SysctlState = { readonly is: 'absent' | 'enough' } | { readonly is: 'blocked'; readonly why: string }

/** Whether the pod lets everyone bind `port` and up already, may be made to, or not. */
export function portSysctl(pod: Pod, port: number): SysctlState {
  const spec = specOf(pod)
  if (pod.site.allows === 'container') return { is: 'blocked', why: `${pod.site.object.kind} has no pod-level sysctls` }
  const network = stateAt(spec, ['hostNetwork'], 'boolean')
  if (network.is !== 'absent' && !(network.is === 'set' && !network.value)) return { is: 'blocked', why: 'hostNetwork: true, where the port sysctl is refused' }
  const list = stateAt(spec, ['securityContext', 'sysctls'], 'list')
  if (list.is === 'absent') return { is: 'absent' }
  if (list.is !== 'set' || !isWholeList(spec, ['securityContext', 'sysctls'])) return { is: 'blocked', why: 'sysctls cannot be read' }
  const own = items(list.value).find((item) => textOf(child(item, 'name'))?.replaceAll('/', '.') === UNPRIVILEGED_PORT_START)
  if (own === undefined) return { is: 'absent' }
  const value = Number(textOf(child(own, 'value')))
  return value <= port ? { is: 'enough' } : { is: 'blocked', why: `${UNPRIVILEGED_PORT_START} is set to another value` }
}
