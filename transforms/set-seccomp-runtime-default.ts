/**
 * Containers run under the runtime's default system call filter.
 *
 * Fields:  spec.securityContext.seccompProfile.type, the same in containers[*], also init containers; the
 *          seccomp annotations, which have had no effect since Kubernetes 1.27
 * Wanted:  RuntimeDefault or Localhost for every container, nothing else anywhere
 * Writes:  RuntimeDefault at the pod where every container may have it, else in the containers; an annotation
 *          becomes the field that it meant, and goes
 * Leaves:  Unconfined, in field or annotation; containers whose program is known to need more system calls;
 *          both are reported
 * Skips:   Windows, where the field is refused; privileged containers, which run without a filter
 * Source:  https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
import { override, removals, written } from '../src/kube/override.ts'
import { planSeccomp } from '../src/kube/profiles.ts'
import { windows } from '../src/kube/platform.ts'
import { withRollOut } from '../src/kube/recreation.ts'
import { isSeccompAnnotation } from '../src/kube/seccomp.ts'
import { reviewContext, reviewPodContext } from '../src/kube/speaking.ts'
import { entries, scalar } from '../src/tree.ts'
import type { Context, Pod, Proposal, Transform } from '../src/types.ts'

const id = 'set-seccomp-runtime-default'

export default {
  id,
  title: "Containers use the runtime's default seccomp profile",
  level: 'restricted',
  docs: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted',
  fields: [
    'spec.securityContext.seccompProfile',
    'spec.containers.*.securityContext.seccompProfile',
    'spec.initContainers.*.securityContext.seccompProfile',
    'metadata.annotations',
  ],
  overrides: [
    'spec.securityContext.seccompProfile',
    'spec.containers.*.securityContext.seccompProfile',
    'spec.initContainers.*.securityContext.seccompProfile',
    'spec.ephemeralContainers.*.securityContext.seccompProfile',
  ],
  *plan(pod, context) {
    yield* withRollOut(pod, context, id, proposals(pod, context))
  },
  *override(pod) {
    for (const owner of [undefined, ...pod.containers]) {
      const at = [...(owner?.path ?? ['spec']), 'securityContext', 'seccompProfile', 'type']
      if (written(pod, at, [[]], (value) => value === 'Unconfined').length === 0) continue
      yield override(id, {
        key: owner?.name ?? 'pod',
        ...(owner === undefined ? {} : { container: owner }),
        at,
        field: 'securityContext.seccompProfile.type',
        message: "the runtime's default seccomp profile instead of none",
        changes: [{ op: 'set', path: at, value: 'RuntimeDefault' }],
        risk: 'A program that needs an unusual system call fails with "operation not permitted" (EPERM).',
      })
    }
    const annotations = [...entries(pod.get(['metadata', 'annotations']))].filter(([key, { node }]) => isSeccompAnnotation(key) && scalar(node) === 'unconfined')
    const [first, ...rest] = removals(
      pod,
      annotations.map(([key]) => ['metadata', 'annotations', key]),
    )
    if (first === undefined) return
    yield override(id, {
      key: 'annotations',
      at: ['metadata', 'annotations', annotations[0]?.[0] ?? ''],
      field: 'metadata.annotations',
      message: 'without the seccomp annotations that say unconfined, which Kubernetes reads no more since 1.27',
      changes: [first, ...rest],
      risk: 'Clusters before 1.27 filter system calls again.',
    })
  },
} satisfies Transform

function* proposals(pod: Pod, context: Context): Iterable<Proposal> {
  if (windows(pod) !== undefined) return
  yield* reviewPodContext(pod, context, id)
  for (const container of pod.containers) yield* reviewContext(pod, container, context, id)
  yield* planSeccomp(pod, context)
}
