import { accepts, type Check, type Issue } from '../check.ts'
import type { Subject } from '../subject.ts'

export function* maskedProc({ containers }: Subject): Iterable<Issue> {
  for (const container of containers) yield* accepts(container, ['securityContext', 'procMount'], (value) => value === 'Default', 'unset or Default')
}

/** /proc keeps its masks. From v1.35 a pod in a user namespace of its own may unmask it. */
export default {
  id: 'procMount',
  level: 'baseline',
  reason: 'procMount',
  revisions: [
    { from: 0, test: maskedProc },
    { from: 35, test: (subject) => (subject.userNamespace ? [] : maskedProc(subject)) },
  ],
} satisfies Check
