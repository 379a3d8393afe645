import { accepts, type Check, type Issue } from '../check.ts'
import type { Subject } from '../subject.ts'

function* test({ pod, containers }: Subject): Iterable<Issue> {
  for (const part of [pod, ...containers])
    yield* accepts(part, ['securityContext', 'runAsUser'], (value) => typeof value === 'number' && value !== 0, 'unset or a number other than 0')
}

/** No user 0 where a user is named. From v1.35 not asked of a pod in a user namespace of its own. */
export default {
  id: 'runAsUser',
  level: 'restricted',
  reason: 'runAsUser=0',
  revisions: [
    { from: 23, test },
    { from: 35, test: (subject) => (subject.userNamespace ? [] : test(subject)) },
  ],
} satisfies Check
