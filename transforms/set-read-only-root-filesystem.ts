/**
 * Containers cannot write to their root filesystem; what they must write has a volume.
 *
 * Fields:  containers[*].securityContext.readOnlyRootFilesystem, also init containers; volumes and mounts
 * Wanted:  true
 * Writes:  true, with an emptyDir for each path that the image is known to write and that has no mount; where
 *          nothing is known, /tmp and the paths that the manifest names
 * Leaves:  false; images that ship files where they write; data of a StatefulSet; containers with signs that they
 *          need root or the node; each is reported
 * Skips:   Windows, where the field is refused; kinds without container-level fields
 * Source:  not part of the Pod Security Standards;
 *          https://kubernetes.io/docs/concepts/security/linux-kernel-security-constraints/ and the NSA/CISA guide
 */
import { override, removals, written } from '../src/kube/override.ts'
import { about } from '../src/kube/about.ts'
import { stateAt } from '../src/kube/fields.ts'
import { nonRootIsMissing } from '../src/kube/left.ts'
import { isImageComputed, isPartialContainer, windows } from '../src/kube/platform.ts'
import { left, planReadOnlyRoot } from '../src/kube/readonlyroot.ts'
import { withRollOut } from '../src/kube/recreation.ts'
import { reviewRootOnPurpose, reviewSigns, withheld } from '../src/kube/signreview.ts'
import { isActive, reviewContext, unusable, unusableContext } from '../src/kube/speaking.ts'
import type { Container, Context, Pod, Proposal, Transform } from '../src/types.ts'

const id = 'set-read-only-root-filesystem'
const FIELD = 'securityContext.readOnlyRootFilesystem'

export default {
  id,
  title: 'Containers have a read-only root filesystem',
  level: 'hardened',
  docs: 'https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#security-context-1',
  fields: [
    'spec.containers.*.securityContext.readOnlyRootFilesystem',
    'spec.containers.*.volumeMounts',
    'spec.containers.*.env',
    'spec.initContainers.*.securityContext.readOnlyRootFilesystem',
    'spec.initContainers.*.volumeMounts',
    'spec.initContainers.*.env',
    'spec.volumes',
  ],
  overrides: ['spec.containers.*.securityContext', 'spec.initContainers.*.securityContext'],
  *plan(pod, context) {
    yield* withRollOut(pod, context, id, proposals(pod, context))
  },
  *override(pod) {
    for (const container of pod.containers) {
      const at = [...container.path, 'securityContext', 'readOnlyRootFilesystem']
      const [first] = removals(
        pod,
        written(pod, at, [[]], (value) => value === false),
      )
      if (first === undefined) continue
      yield override(id, {
        key: container.name,
        container,
        at,
        field: FIELD,
        message: 'readOnlyRootFilesystem: false does not count',
        changes: [first],
        risk: 'A write outside its volumes fails with "read-only file system" (EROFS).',
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
    if (isPartialContainer(container) || container.group === 'ephemeralContainers' || unusableContext(container) !== undefined) continue
    // What it writes depends on the image.
    if (isImageComputed(container)) continue
    const why = withheld(pod, container, context)
    if (why !== undefined && why !== 'chown-init') continue
    yield* planContainer(pod, container, context)
  }
}

function* planContainer(pod: Pod, container: Container, context: Context): Iterable<Proposal> {
  const state = stateAt(container, ['securityContext', 'readOnlyRootFilesystem'], 'boolean')
  if (state.is === 'opaque' || state.is === 'wrong') yield unusable(state, container.path, container.name, FIELD, container)
  else if (state.is === 'set') {
    if (!state.value)
      yield left(
        container,
        'author-chose',
        'writes to its root filesystem on purpose: readOnlyRootFilesystem: false',
        'Delete the line and run again, if volumes can take what it writes.',
      )
  } else {
    const known = about(pod, container, context)
    const byDesign = known.rootRequired?.source ?? (known.runsAsNonRoot?.value === 'no' ? known.runsAsNonRoot.source : undefined)
    if (byDesign === undefined) yield* planReadOnlyRoot(pod, container, context)
    // Where the same reason keeps the container root, that review says it already.
    else if (!(isActive(context, 'require-run-as-non-root') && nonRootIsMissing(pod, container)))
      yield left(
        container,
        'by-design',
        `needs root or the node by design (${byDesign}), so what it writes is not known`,
        'Test it with readOnlyRootFilesystem: true, with volumes for what it writes.',
      )
  }
}
