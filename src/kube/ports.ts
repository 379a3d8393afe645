/** Ports below 1024, which a process without root may bind only where the pod or the program is prepared for it. */
import { items } from '../tree.ts'
import type { About, Container, Pod } from '../types.ts'
import { commandWords, envOf } from './commands.ts'
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
  const moved = movedPorts(container, known)
  for (const port of known.ports?.value ?? []) if (!moved.from.has(port)) add(port, known.ports?.source ?? 'the image')
  for (const [port, because] of moved.to) add(port, because)
  for (const port of itemsAt(container, ['ports'])) add(numberOf(child(port, 'containerPort')), 'containerPort')
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'])
    for (const action of ['httpGet', 'tcpSocket', 'grpc']) {
      const state = stateAt(container, [probe, action, 'port'], 'integer')
      if (state.is === 'set') add(state.value, probe)
    }
  const unclear = (known.ports?.value.length ?? 0) > 0 && (moved.unclear || !isWholeList(container, ['ports']))
  return { ports: [...seen.keys()], because: [...seen.values()][0] ?? '', unclear }
}

function numberOf(node: ReturnType<typeof child>): number | undefined {
  return node?.is === 'value' && typeof node.value === 'number' ? node.value : undefined
}

/** Variables and flags that move a port of the image, as the author sets them. */
function movedPorts(container: Container, known: About): { from: ReadonlySet<number>; to: ReadonlyMap<number, string>; unclear: boolean } {
  const from = new Set<number>()
  const to = new Map<number, string>()
  let unclear = false
  const moves = known.movesPort?.value ?? {}
  const env = envOf(container)
  const words = commandWords(container)
  for (const [name, port] of Object.entries(moves)) {
    const variable = env.find((other) => other.name === name)
    const flag = name.startsWith('-') ? flagValue(words.map(({ text }) => text), name) : undefined
    const value = variable === undefined ? flag : variable.value
    if (variable !== undefined && value === undefined) unclear = true
    const number = /(\d+)$/.exec(value ?? '')?.[1]
    if (number === undefined) continue
    from.add(port)
    to.set(Number(number), name)
  }
  return { from, to, unclear }
}

/** The value of `--flag=value` or `--flag value`. */
export function flagValue(words: readonly string[], flag: string): string | undefined {
  for (const [index, word] of words.entries()) {
    if (word === flag) return words[index + 1]
    if (word.startsWith(`${flag}=`)) return word.slice(flag.length + 1)
  }
  return undefined
}

export type SysctlState = { readonly is: 'absent' | 'enough' } | { readonly is: 'blocked'; readonly why: string }

/** Whether the pod lets everyone bind `port` and up already, may be made to, or not. */
export function portSysctl(pod: Pod, port: number): SysctlState {
  const spec = specOf(pod)
  if (pod.site.allows === 'container') return { is: 'blocked', why: `${pod.site.object.kind} has no pod-level sysctls` }
  const network = stateAt(spec, ['hostNetwork'], 'boolean')
  if (network.is !== 'absent' && !(network.is === 'set' && !network.value))
    return { is: 'blocked', why: 'hostNetwork: true, where the port sysctl is refused' }
  const list = stateAt(spec, ['securityContext', 'sysctls'], 'list')
  if (list.is === 'absent') return { is: 'absent' }
  if (list.is !== 'set' || !isWholeList(spec, ['securityContext', 'sysctls'])) return { is: 'blocked', why: 'sysctls cannot be read' }
  const own = items(list.value).find((item) => textOf(child(item, 'name'))?.replaceAll('/', '.') === UNPRIVILEGED_PORT_START)
  if (own === undefined) return { is: 'absent' }
  const value = Number(textOf(child(own, 'value')))
  return value <= port ? { is: 'enough' } : { is: 'blocked', why: `${UNPRIVILEGED_PORT_START} is set to another value` }
}
