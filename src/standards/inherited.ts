/** Fields that pod and container both have: the container's counts, but a bad one at the pod is a failure of its own. */
import { type Found, type Issue, issue, look, shown } from './check.ts'
import type { Subject } from './subject.ts'

/** `path` below the pod spec and below a container alike. Every container needs a good value, its own or the pod's. */
export function* inherited({ pod, containers }: Subject, path: readonly string[], good: (value: unknown) => boolean, allowed: string): Iterable<Issue> {
  const isGood = (found: Found): boolean => found.is === 'there' && found.node.is === 'value' && good(found.node.value)
  const shared = look(pod.node, path)
  if (shared.is === 'there' && !isGood(shared)) yield issue(pod, path, 'fail', shown(shared.node), allowed)
  const silent = []
  for (const container of containers) {
    const own = look(container.node, path)
    if (own.is === 'absent') silent.push(container)
    else if (own.is === 'opaque') yield issue(container, path, 'unknown', shown(own.node), allowed)
    else if (!isGood(own)) yield issue(container, path, 'fail', shown(own.node), allowed)
  }
  if (silent.length === 0 || shared.is === 'there') return
  if (shared.is === 'opaque') yield issue(pod, path, 'unknown', shown(shared.node), allowed)
  else for (const container of silent) yield issue(container, path, 'fail', 'not set, nor for the pod', allowed)
}
