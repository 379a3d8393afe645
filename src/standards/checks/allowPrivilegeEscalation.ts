import { type Check, type Issue, issue, look, shown } from '../check.ts'
import type { Subject } from '../subject.ts'

function* test({ containers }: Subject): Iterable<Issue> {
  const path = ['securityContext', 'allowPrivilegeEscalation']
  for (const container of containers) {
    const found = look(container.node, path)
    if (found.is === 'absent') yield issue(container, path, 'fail', 'not set', 'false')
    else if (found.is === 'opaque') yield issue(container, path, 'unknown', shown(found.node), 'false')
    else if (!(found.node.is === 'value' && found.node.value === false)) yield issue(container, path, 'fail', shown(found.node), 'false')
  }
}

/** Exactly false in every container. Windows pods are exempt from v1.25. */
export default {
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  reason: 'allowPrivilegeEscalation != false',
  revisions: [
    { from: 8, test },
    { from: 25, test: (subject) => (subject.windows ? [] : test(subject)) },
  ],
} satisfies Check
