/**
 * Containers drop every capability; only NET_BIND_SERVICE may be added back.
 *
 * Fields:  containers[*].securityContext.capabilities.drop, also init containers
 * Wanted:  a list that includes ALL, spelled so; add holds NET_BIND_SERVICE at most
 * Writes:  ALL at the end of the list, and NET_BIND_SERVICE into add where a program of the image carries it as
 *          a file capability and could not be started without
 * Leaves:  capabilities.add as the author wrote it, and containers with signs that they need root or the node;
 *          each is reported
 * Skips:   Windows, where the field is refused; kinds without container-level fields
 * Source:  https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
import { dropCapabilities } from '../src/kube/drop.ts'
import { dropsAll } from '../src/kube/left.ts'
import { isPartialContainer, windows } from '../src/kube/platform.ts'
import { withRollOut } from '../src/kube/recreation.ts'
import { reviewRootOnPurpose, reviewSigns, withheld } from '../src/kube/signreview.ts'
import { review, reviewContext, unusableContext } from '../src/kube/speaking.ts'
import type { Container, Context, Pod, Proposal, Transform } from '../src/types.ts'

const id = 'drop-all-capabilities'

export default {
  id,
  title: 'Containers drop all capabilities',
  level: 'restricted',
  docs: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted',
  fields: [
    'spec.containers.*.securityContext.capabilities.drop',
    'spec.containers.*.securityContext.capabilities.add',
    'spec.initContainers.*.securityContext.capabilities.drop',
    'spec.initContainers.*.securityContext.capabilities.add',
  ],
  *plan(pod, context) {
    yield* withRollOut(pod, context, id, proposals(pod, context))
  },
} satisfies Transform

function* proposals(pod: Pod, context: Context): Iterable<Proposal> {
  if (windows(pod) !== undefined || pod.site.allows === 'pod') return
  yield* reviewRootOnPurpose(pod, context, id)
  for (const container of pod.containers) {
    yield* reviewContext(pod, container, context, id)
    yield* reviewSigns(pod, container, context, id)
    if (container.group === 'ephemeralContainers' && !dropsAll(container) && unusableContext(container) === undefined && withheld(pod, container, context) === undefined)
      yield ephemeral(container)
    if (isPartialContainer(container) || container.group === 'ephemeralContainers') continue
    if (unusableContext(container) !== undefined || withheld(pod, container, context) !== undefined) continue
    yield* dropCapabilities(pod, container, context)
  }
}

function ephemeral(container: Container): Proposal {
  return review({
    key: `${container.name}.drop`,
    container: container.name,
    at: [...container.path, 'securityContext', 'capabilities', 'drop'],
    field: 'securityContext.capabilities.drop',
    severity: 'know',
    reason: 'immutable',
    message: 'an ephemeral container, which cannot be changed after it was added',
    todo: 'Add the next one with a hardened securityContext (kubectl debug --profile=restricted).',
  })
}
