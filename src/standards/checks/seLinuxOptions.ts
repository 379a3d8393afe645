import { accepts, type Check, type Issue } from '../check.ts'
import type { Subject } from '../subject.ts'

const TYPES = ['container_t', 'container_init_t', 'container_kvm_t'] as const
/** With what v1.31 added. */
export const CONTAINER_TYPES: readonly string[] = [...TYPES, 'container_engine_t']

function* test({ pod, containers }: Subject, types: readonly string[]): Iterable<Issue> {
  for (const part of [pod, ...containers]) {
    const path = ['securityContext', 'seLinuxOptions']
    yield* accepts(part, [...path, 'type'], (value) => value === '' || types.includes(String(value)), `unset or ${types.join(', ')}`)
    for (const field of ['user', 'role']) yield* accepts(part, [...path, field], (value) => value === '', 'unset')
  }
}

/** Only container types, and neither user nor role. `level` may say anything. */
export default {
  id: 'seLinuxOptions',
  level: 'baseline',
  reason: 'seLinuxOptions',
  revisions: [
    { from: 0, test: (subject) => test(subject, TYPES) },
    { from: 31, test: (subject) => test(subject, CONTAINER_TYPES) },
  ],
} satisfies Check
