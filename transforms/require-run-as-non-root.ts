/**
 * Containers run as a user other than root, and the kubelet checks it.
 *
 * Fields:  spec.securityContext.runAsNonRoot and runAsUser, the same in containers[*], also init containers
 * Wanted:  runAsNonRoot: true for every container, no false anywhere; no runAsUser: 0
 * Writes:  the number where the image is known or has none of its own, and with it what that number needs:
 *          group, fsGroup, emptyDir volumes, variables, the port sysctl. All of it or none
 * Leaves:  0 and false that the author wrote, containers with signs that they need root or the node, and data
 *          whose owner nobody names; each is reported
 * Skips:   pods with hostUsers: false, where root is nobody outside; on Windows and in partial specs only
 *          runAsNonRoot is written, on OpenShift no number
 * Source:  https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
import { override, removals, written } from '../src/kube/override.ts'
import { planNonRoot } from '../src/kube/bundle.ts'
import { effective } from '../src/kube/effective.ts'
import { itemsAt, specOf, stateAt } from '../src/kube/fields.ts'
import { isComplete, listed } from '../src/kube/left.ts'
import { reviewPinned } from '../src/kube/pinned.ts'
import { hasUnseen } from '../src/kube/placement.ts'
import { hasUserNamespace, isPartial, isPartialContainer, windows } from '../src/kube/platform.ts'
import { withRollOut } from '../src/kube/recreation.ts'
import { reviewRootOnPurpose, reviewSigns, withheld } from '../src/kube/signreview.ts'
import { CONTEXT_SPEAKERS, review, reviewContext, reviewPodContext, speaksFor, unusable } from '../src/kube/speaking.ts'
import type { Container, Context, Grade, Pod, Proposal, Transform } from '../src/types.ts'

const id = 'require-run-as-non-root'

export default {
  id,
  title: 'Containers run as non-root',
  level: 'restricted',
  docs: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted',
  fields: [
    'spec.securityContext.runAsNonRoot',
    'spec.securityContext.runAsUser',
    'spec.securityContext.runAsGroup',
    'spec.securityContext.fsGroup',
    'spec.securityContext.fsGroupChangePolicy',
    'spec.securityContext.sysctls',
    'spec.containers.*.securityContext.runAsNonRoot',
    'spec.containers.*.securityContext.runAsUser',
    'spec.containers.*.securityContext.runAsGroup',
    'spec.containers.*.env',
    'spec.containers.*.volumeMounts',
    'spec.initContainers.*.securityContext.runAsNonRoot',
    'spec.initContainers.*.securityContext.runAsUser',
    'spec.initContainers.*.securityContext.runAsGroup',
    'spec.initContainers.*.env',
    'spec.initContainers.*.volumeMounts',
    'spec.volumes',
  ],
  overrides: ['spec.securityContext', 'spec.containers.*.securityContext', 'spec.initContainers.*.securityContext', 'spec.ephemeralContainers.*.securityContext'],
  *plan(pod, context) {
    yield* withRollOut(pod, context, id, proposals(pod, context))
  },
  *override(pod, context) {
    const fields = [
      ['securityContext', 'runAsUser'],
      ['securityContext', 'runAsNonRoot'],
    ]
    const isRoot = (value: unknown): boolean => value === 0 || value === false
    const free = (container: Container): boolean => ['root-on-purpose', undefined].includes(withheld(pod, container, context))
    for (const owner of [undefined, ...pod.containers]) {
      // What the pod says reaches every container: one that needs root keeps it for all.
      if (owner === undefined ? !pod.containers.every(free) : !free(owner)) continue
      const [first, ...rest] = removals(pod, written(pod, owner?.path ?? ['spec'], fields, isRoot))
      if (first === undefined) continue
      yield override(id, {
        key: owner?.name ?? 'pod',
        ...(owner === undefined ? {} : { container: owner }),
        at: [...(owner?.path ?? ['spec']), 'securityContext'],
        field: 'securityContext.runAsUser',
        message: 'root on purpose does not count',
        changes: [first, ...rest],
        risk: 'A program that needs root fails with "permission denied" (EACCES) or "operation not permitted" (EPERM).',
      })
    }
  },
} satisfies Transform

function* proposals(pod: Pod, context: Context): Iterable<Proposal> {
  const platform = windows(pod)
  if (platform !== undefined) {
    yield* alone(pod, 'assumed', 'a Windows pod: runAsNonRoot is the only one of these fields that exists there')
    if (platform === 'selected') yield windowsReview()
    return
  }
  yield* reviewPodContext(pod, context, id)
  if (hasUnseen(pod) && speaksFor(context, id, CONTEXT_SPEAKERS)) yield unseenReview(pod)
  if (!hasUserNamespace(pod)) yield* reviewPodFields(pod)
  for (const container of pod.containers) yield* reviewContext(pod, container, context, id)
  for (const container of pod.containers) yield* reviewSigns(pod, container, context, id)
  yield* reviewRootOnPurpose(pod, context, id)
  yield* reviewPartial(pod, context)
  yield* reviewPinned(pod, context)
  if (hasUserNamespace(pod)) return
  if (pod.site.allows === 'pod') yield* podOnly(pod)
  else if (isPartial(pod)) yield* alone(pod, 'assumed', 'the image is not named here, so its user is not known')
  else yield* planNonRoot(pod, context)
}

/** `runAsNonRoot` at the pod and nothing else, where the image or the platform allows no number. */
function* alone(pod: Pod, grade: Grade, because: string): Iterable<Proposal> {
  const own = stateAt(specOf(pod), ['securityContext', 'runAsNonRoot'], 'boolean')
  const uid = stateAt(specOf(pod), ['securityContext', 'runAsUser'], 'integer')
  if (pod.site.allows === 'container' || own.is !== 'absent' || !(uid.is === 'absent' || (uid.is === 'set' && uid.value !== 0))) return
  const refuses = pod.containers.some((container) => {
    const nonRoot = effective(pod, container, 'runAsNonRoot')
    const user = effective(pod, container, 'runAsUser')
    return (nonRoot.is === 'set' && !nonRoot.value) || (user.is === 'set' && user.value === 0) || nonRoot.is === 'opaque' || nonRoot.is === 'wrong'
  })
  const isSilent = pod.containers.length === 0 || pod.containers.some((container) => effective(pod, container, 'runAsNonRoot').is === 'absent')
  if (refuses || !isSilent) return
  const isSure = uid.is === 'set'
  yield {
    outcome: 'fix',
    key: 'non-root',
    at: ['spec', 'securityContext', 'runAsNonRoot'],
    field: 'securityContext.runAsNonRoot',
    message: 'refuse to start as root',
    fields: [
      {
        change: { op: 'set', path: ['spec', 'securityContext', 'runAsNonRoot'], value: true },
        grade: isSure ? 'certain' : grade,
        because: isSure ? `runAsUser: ${uid.value} is the author's` : because,
      },
    ],
    ...(isSure ? {} : { risk: 'An image that runs as root is refused by the kubelet (CreateContainerConfigError); taking the line out undoes it.' }),
    stage: isSure ? 2 : 3,
  }
}

/** The operator picks the image, and those of Prometheus name their USER: `runAsNonRoot` without a number would be refused. */
function* podOnly(pod: Pod): Iterable<Proposal> {
  const nonRoot = stateAt(specOf(pod), ['securityContext', 'runAsNonRoot'], 'boolean')
  const uid = stateAt(specOf(pod), ['securityContext', 'runAsUser'], 'integer')
  if (uid.is === 'set' && uid.value !== 0) yield* alone(pod, 'certain', '')
  else if (nonRoot.is === 'absent' && uid.is === 'absent' && stateAt(specOf(pod), ['securityContext'], 'map').is !== 'wrong')
    yield review({
      key: 'non-root',
      at: ['spec', 'securityContext'],
      field: 'securityContext.runAsNonRoot',
      severity: 'decide',
      reason: 'needs-knowledge',
      message: `${pod.site.object.kind} leaves the image to its operator, whose USER may be a name, which runAsNonRoot alone refuses`,
      todo: 'Write runAsNonRoot: true together with runAsUser and fsGroup, for example 1000 and 2000 as kube-prometheus does; the data then belongs to that group.',
    })
}

/** Containers whose image is filled in elsewhere, and what they may still miss. */
function* reviewPartial(pod: Pod, context: Context): Iterable<Proposal> {
  const open = pod.containers.filter((container) => isPartialContainer(container) && withheld(pod, container, context) === undefined && !isComplete(pod, container, context))
  const [first] = open
  if (first === undefined) return
  yield review({
    key: 'partial',
    ...(open.length === 1 ? { container: first.name } : {}),
    at: first.path,
    field: 'image',
    severity: 'know',
    reason: 'needs-knowledge',
    message: `${open.length === 1 ? '' : `${listed(open.map(({ name }) => name))}: `}no image is named here, so at most the pod got what holds for every image; what is missing in the container of runAsNonRoot, seccompProfile, allowPrivilegeEscalation, capabilities.drop and readOnlyRootFilesystem was left alone`,
    todo: 'Harden it where the image is named (the base, the chart, the injection template).',
  })
}

function windowsReview(): Proposal {
  return review({
    key: 'windows',
    at: ['spec', 'nodeSelector'],
    field: 'os.name',
    severity: 'know',
    reason: 'by-design',
    message: 'runs on Windows nodes, where capabilities, privilege escalation, seccomp and the read-only root mean nothing; they were left alone',
    todo: 'Write os: {name: windows} into the pod spec, so that the restricted level does not ask for these fields.',
  })
}

function unseenReview(pod: Pod): Proposal {
  const list = itemsAt(specOf(pod), ['containers']).length === 0 ? 'containers' : 'initContainers'
  return review({
    key: 'unseen',
    at: ['spec', list],
    field: list,
    severity: 'decide',
    reason: 'opaque',
    message: 'not all containers can be read here, so nothing was written for those, nor at the pod level',
    todo: 'Harden the unreadable ones where they are defined.',
  })
}

/** Pod-level values that are there and cannot be used, once for all containers that inherit them. */
function* reviewPodFields(pod: Pod): Iterable<Proposal> {
  if (pod.site.allows === 'container') return
  if (stateAt(specOf(pod), ['securityContext'], 'map').is !== 'set') return
  const nonRoot = stateAt(specOf(pod), ['securityContext', 'runAsNonRoot'], 'boolean')
  const uid = stateAt(specOf(pod), ['securityContext', 'runAsUser'], 'integer')
  if (nonRoot.is === 'opaque' || nonRoot.is === 'wrong') yield unusable(nonRoot, ['spec'], 'pod.non-root', 'securityContext.runAsNonRoot')
  if (uid.is === 'opaque' || uid.is === 'wrong') yield unusable(uid, ['spec'], 'pod.uid', 'securityContext.runAsUser')
}
