import type { Check, Issue } from '../check.ts'
import type { Subject } from '../subject.ts'
import { inherited } from '../inherited.ts'

const test = (subject: Subject): Iterable<Issue> => inherited(subject, ['securityContext', 'runAsNonRoot'], (value) => value === true, 'true, here or for the pod')

/** True for every container, false nowhere. From v1.35 not asked of a pod in a user namespace of its own. */
export default {
  id: 'runAsNonRoot',
  level: 'restricted',
  reason: 'runAsNonRoot != true',
  revisions: [
    { from: 0, test },
    { from: 35, test: (subject) => (subject.userNamespace ? [] : test(subject)) },
  ],
} satisfies Check
