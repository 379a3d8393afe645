import { type Check, each, isIssue, type Issue, issue, look, shown } from '../check.ts'
import type { Subject } from '../subject.ts'

export const ADDABLE_AT_RESTRICTED = 'NET_BIND_SERVICE'

function* test({ containers }: Subject): Iterable<Issue> {
  const path = ['securityContext', 'capabilities']
  for (const container of containers) {
    const drop = look(container.node, [...path, 'drop'])
    if (drop.is === 'absent') yield issue(container, [...path, 'drop'], 'fail', 'not set', 'a list that holds ALL')
    else if (drop.is === 'opaque') yield issue(container, [...path, 'drop'], 'unknown', shown(drop.node), 'a list that holds ALL')
    else if (drop.node.is !== 'list') yield issue(container, [...path, 'drop'], 'fail', shown(drop.node), 'a list that holds ALL')
    else if (!drop.node.items.some((item) => item.is === 'value' && item.value === 'ALL')) {
      const unseen = drop.node.open || drop.node.items.some((item) => item.is === 'opaque')
      yield issue(container, [...path, 'drop'], unseen ? 'unknown' : 'fail', drop.node.items.map(shown).join(', ') || 'an empty list', 'a list that holds ALL')
    }
    for (const item of each(container, [...path, 'add'], `unset or ${ADDABLE_AT_RESTRICTED}`)) {
      if (isIssue(item)) yield item
      else if (item.node.is === 'opaque') yield issue(container, item.path, 'unknown', shown(item.node), ADDABLE_AT_RESTRICTED)
      else if (!(item.node.is === 'value' && item.node.value === ADDABLE_AT_RESTRICTED))
        yield issue(container, item.path, 'fail', shown(item.node), `unset or ${ADDABLE_AT_RESTRICTED}`)
    }
  }
}

/** Every container drops ALL, by this very word, and adds at most NET_BIND_SERVICE. Windows pods are exempt from v1.25. */
export default {
  id: 'capabilities_restricted',
  level: 'restricted',
  reason: 'unrestricted capabilities',
  revisions: [
    { from: 22, overrides: ['capabilities_baseline'], test },
    { from: 25, overrides: ['capabilities_baseline'], test: (subject) => (subject.windows ? [] : test(subject)) },
  ],
} satisfies Check
