import { type Check, each, isIssue, type Issue, issue, look, shown } from '../check.ts'
import type { Subject } from '../subject.ts'

/** Names by the version from which they are allowed. Exact, with dots. */
const SAFE: readonly (readonly [from: number, names: readonly string[]])[] = [
  [0, ['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start']],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [29, ['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes']],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
  [37, ['net.ipv4.tcp_slow_start_after_idle', 'net.ipv4.tcp_notsent_lowat']],
]

/** The names that a version allows. */
export function safeSysctls(minor: number): readonly string[] {
  return SAFE.filter(([from]) => from <= minor).flatMap(([, names]) => names)
}

function* test({ pod }: Subject, names: readonly string[]): Iterable<Issue> {
  const allowed = `only ${names.join(', ')}`
  for (const item of each(pod, ['securityContext', 'sysctls'], allowed)) {
    if (isIssue(item)) {
      yield item
      continue
    }
    const found = look(item.node, ['name'])
    const path = [...item.path, 'name']
    if (found.is === 'opaque') yield issue(pod, path, 'unknown', shown(found.node), allowed)
    else if (found.is === 'absent' || !(found.node.is === 'value' && names.includes(String(found.node.value))))
      yield issue(pod, path, 'fail', found.is === 'absent' ? 'not set' : shown(found.node), allowed)
  }
}

/** Only sysctls of the safe list; values are not looked at. */
export default {
  id: 'sysctls',
  level: 'baseline',
  reason: 'forbidden sysctls',
  revisions: SAFE.map(([from]) => ({ from, test: (subject: Subject) => test(subject, safeSysctls(from)) })),
} satisfies Check
