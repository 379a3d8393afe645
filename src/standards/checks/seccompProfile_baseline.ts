import { entries } from '../../tree.ts'
import { accepts, type Check, type Issue, issue, shown } from '../check.ts'
import type { Subject } from '../subject.ts'

export const SECCOMP_POD_ANNOTATION = 'seccomp.security.alpha.kubernetes.io/pod'
export const SECCOMP_CONTAINER_ANNOTATION = 'container.seccomp.security.alpha.kubernetes.io/'

function* annotated({ annotations, containers }: Subject): Iterable<Issue> {
  const names = new Set(containers.map(({ container }) => container))
  if (annotations.node?.is === 'opaque') yield issue(annotations, [], 'unknown', shown(annotations.node), 'readable annotations')
  for (const [key, { node }] of entries(annotations.node)) {
    const counts = key === SECCOMP_POD_ANNOTATION || (key.startsWith(SECCOMP_CONTAINER_ANNOTATION) && names.has(key.slice(SECCOMP_CONTAINER_ANNOTATION.length)))
    if (!counts) continue
    const value = node.is === 'value' ? String(node.value ?? '') : ''
    const allowed = 'runtime/default, docker/default or localhost/…'
    if (node.is === 'opaque') yield issue(annotations, [key], 'unknown', shown(node), allowed)
    else if (value !== 'runtime/default' && value !== 'docker/default' && !value.startsWith('localhost/')) yield issue(annotations, [key], 'fail', shown(node), allowed)
  }
}

export const isFilter = (value: unknown): boolean => value === 'RuntimeDefault' || value === 'Localhost'

/** No seccomp profile is Unconfined: in annotations until v1.18, in fields from v1.19. */
export default {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  reason: 'seccompProfile',
  revisions: [
    { from: 0, test: annotated },
    {
      from: 19,
      *test({ pod, containers }) {
        for (const part of [pod, ...containers]) yield* accepts(part, ['securityContext', 'seccompProfile', 'type'], isFilter, 'unset, RuntimeDefault or Localhost')
      },
    },
  ],
} satisfies Check
