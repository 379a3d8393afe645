import type { Check, Issue } from '../check.ts'
import type { Subject } from '../subject.ts'
import { inherited } from '../inherited.ts'
import { isFilter } from './seccompProfile_baseline.ts'

const test = (subject: Subject): Iterable<Issue> => inherited(subject, ['securityContext', 'seccompProfile', 'type'], isFilter, 'RuntimeDefault or Localhost, here or for the pod')

/** A filter of system calls for every container. Windows pods are exempt from v1.25. */
export default {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  reason: 'seccompProfile',
  revisions: [
    { from: 19, overrides: ['seccompProfile_baseline'], test },
    { from: 25, overrides: ['seccompProfile_baseline'], test: (subject) => (subject.windows ? [] : test(subject)) },
  ],
} satisfies Check
