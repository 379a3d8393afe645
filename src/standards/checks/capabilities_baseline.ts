import { type Check, each, isIssue, issue, shown } from '../check.ts'

/** Compared as exact strings: `chown` and `CAP_CHOWN` are refused. */
export const ADDABLE_AT_BASELINE: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])

/** `capabilities.add` holds only what a container runtime grants by default, less NET_RAW. */
export default {
  id: 'capabilities_baseline',
  level: 'baseline',
  reason: 'non-default capabilities',
  revisions: [
    {
      from: 0,
      *test({ containers }) {
        const allowed = `unset or any of ${[...ADDABLE_AT_BASELINE].join(', ')}`
        for (const container of containers) {
          for (const item of each(container, ['securityContext', 'capabilities', 'add'], allowed)) {
            if (isIssue(item)) yield item
            else if (item.node.is === 'opaque') yield issue(container, item.path, 'unknown', shown(item.node), allowed)
            else if (!(item.node.is === 'value' && ADDABLE_AT_BASELINE.has(String(item.node.value)))) yield issue(container, item.path, 'fail', shown(item.node), allowed)
          }
        }
      },
    },
  ],
} satisfies Check
