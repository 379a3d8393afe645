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
import { BASELINE_ADDABLE, capabilitiesOf } from '../src/kube/capabilities.ts'
import { items, override, removals } from '../src/kube/override.ts'
import { dropCapabilities } from '../src/kube/drop.ts'
import { isCertainlyNonRoot } from '../src/kube/effective.ts'
import { dropsAll } from '../src/kube/left.ts'
import { isImageComputed, isPartialContainer, windows } from '../src/kube/platform.ts'
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
  overrides: [
    'spec.containers.*.securityContext.capabilities',
    'spec.initContainers.*.securityContext.capabilities',
    'spec.ephemeralContainers.*.securityContext.capabilities',
    'spec.containers.*.securityContext',
    'spec.initContainers.*.securityContext',
    'spec.ephemeralContainers.*.securityContext',
  ],
  *plan(pod, context) {
    yield* withRollOut(pod, context, id, proposals(pod, context))
  },
  *override(pod, context) {
    const isFine = (name: string): boolean => (context.options.level === 'baseline' ? BASELINE_ADDABLE.has(name) : name === 'NET_BIND_SERVICE')
    for (const container of pod.containers) {
      const path = [...container.path, 'securityContext', 'capabilities', 'add']
      const names = items(pod, path, (name) => !isFine(name))
      const [first, ...rest] = removals(pod, names)
      if (first === undefined) continue
      const texts = capabilitiesOf(container, 'add').filter(({ written }) => !isFine(written))
      yield override(id, {
        key: `${container.name}.add`,
        container,
        at: path,
        field: 'securityContext.capabilities.add',
        message: `without the added ${texts.map(({ written }) => written).join(', ')}`,
        changes: [first, ...rest],
        risk: 'What the capability was for fails with "operation not permitted" (EPERM); adding it back undoes it.',
      })
    }
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
    // Who it runs as depends on the image, and what root needs, too.
    if (isImageComputed(container) && !isCertainlyNonRoot(pod, container)) continue
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
