/** Which seccomp profile goes where, and which annotations go away with it. */
import type { Change, Container, Context, FieldChange, FixProposal, Grade, NonEmpty, Path, Pod, Proposal } from '../types.ts'
import { about } from './about.ts'
import { syscallVerb } from './commands.ts'
import { isPrivileged } from './effective.ts'
import { specOf } from './fields.ts'
import { isPartial, isPartialContainer } from './platform.ts'
import { hasUnseen, podLevelIsOpen } from './placement.ts'
import { areAllAnnotations, type Profile, profileOf, type SeccompAnnotation, seccompAnnotation } from './seccomp.ts'
import { isHostAgent } from './signs.ts'
import { review, unusableContext } from './speaking.ts'

const FIELD = 'securityContext.seccompProfile.type'
const WHY = 'without a profile most clusters filter no system calls at all; the default one refuses only what programs do not use'
const RISK = 'A program that needs an unusual system call fails with "operation not permitted" (EPERM); taking the profile out undoes it.'

export function* planSeccomp(pod: Pod, context: Context): Iterable<Proposal> {
  const podProfile: Profile = pod.site.allows === 'container' ? { is: 'absent' } : profileOf(specOf(pod))
  yield* reviewProfile(podProfile, ['spec'], 'pod')
  const waiting: Container[] = []
  let apart = hasUnseen(pod)
  const isAnnotated = seccompAnnotation(pod)
  for (const container of pod.containers) {
    if (unusableContext(container) !== undefined) {
      apart = true
      continue
    }
    const isAgent = isHostAgent(pod, container, context)
    if (isPrivileged(container)) {
      apart = true
      continue
    }
    const own = profileOf(container)
    if (!(isAgent && own.is === 'unconfined')) yield* reviewProfile(own, container.path, container.name, container)
    if (own.is !== 'absent') continue
    const annotation = seccompAnnotation(pod, container)
    if (annotation !== undefined && (annotation.means === 'Unconfined' || annotation.means === undefined)) {
      apart = true
      if (podProfile.is === 'absent') yield annotationReview(annotation, container)
      continue
    }
    const needs = neededCalls(pod, container, context)
    if (needs !== undefined) {
      apart = true
      if (podProfile.is === 'absent') yield needsReview(container, needs)
      continue
    }
    if (container.group === 'ephemeralContainers') continue
    if (context.isExempt(pod, container, 'set-seccomp-runtime-default')) apart = true
    waiting.push(container)
  }
  if (podProfile.is !== 'absent') return
  if (isAnnotated !== undefined && (isAnnotated.means === 'Unconfined' || isAnnotated.means === undefined)) {
    if (waiting.length > 0 || pod.containers.length === 0) yield annotationReview(isAnnotated)
    return
  }
  if (waiting.length === 0 && !isPartial(pod)) return
  if (waiting.length === 0 && pod.containers.some((container) => profileOf(container).is !== 'absent')) return
  const { scope } = context.options
  const toPod = pod.site.allows !== 'container' && pod.site.podSeccomp !== false && scope !== 'container' && !apart && podLevelIsOpen(pod)
  if (toPod) yield* podFix(pod, waiting, isAnnotated)
  else if (!isPartial(pod) && isPodReadable(pod))
    yield* containerFixes(
      pod,
      waiting.filter((container) => !isPartialContainer(container)),
      isAnnotated,
    )
}

/** What containers would inherit is known. */
function isPodReadable(pod: Pod): boolean {
  return pod.site.allows === 'container' || podLevelIsOpen(pod)
}

function* reviewProfile(profile: Profile, base: Path, key: string, container?: Container): Iterable<Proposal> {
  const common = { key, ...(container === undefined ? {} : { container: container.name }), field: FIELD, severity: 'decide' } as const
  if (profile.is === 'unconfined')
    yield review({
      ...common,
      at: [...base, 'securityContext', 'seccompProfile', 'type'],
      reason: 'author-chose',
      message: 'runs without a system call filter on purpose: seccompProfile.type: Unconfined',
      todo: 'Write RuntimeDefault, or delete the profile and run again, if the program works with it.',
    })
  if (profile.is === 'invalid' && profile.path.length > 1)
    yield review({
      ...common,
      at: [...base, ...profile.path],
      reason: 'wrong-type',
      message: `seccompProfile is not one that Kubernetes takes (${profile.text})`,
      todo: 'Write type: RuntimeDefault.',
    })
  if (profile.is === 'opaque' && profile.path.length > 1)
    yield review({
      ...common,
      at: [...base, ...profile.path],
      reason: 'opaque',
      message: 'the seccomp profile cannot be read here, so it was left alone',
      todo: 'Make sure that it is RuntimeDefault or Localhost where it is defined.',
    })
}

function neededCalls(pod: Pod, container: Container, context: Context): string | undefined {
  const known = about(pod, container, context).needsSyscalls
  if (known !== undefined) return `${known.value.join(', ')} (${known.source})`
  const verb = syscallVerb(container)
  return verb === undefined ? undefined : `its command runs ${verb.verb}`
}

function needsReview(container: Container, needs: string): Proposal {
  return review({
    key: container.name,
    container: container.name,
    at: [...container.path, 'securityContext', 'seccompProfile'],
    field: FIELD,
    severity: 'decide',
    reason: 'by-design',
    message: `needs system calls that the default profile refuses: ${needs}`,
    todo: 'Test it with RuntimeDefault, give it a Localhost profile of its own, or leave it as it is.',
  })
}

function annotationReview(annotation: SeccompAnnotation, container?: Container): Proposal {
  return review({
    key: container === undefined ? 'annotation' : `${container.name}.annotation`,
    ...(container === undefined ? {} : { container: container.name }),
    at: ['metadata', 'annotations', annotation.key],
    field: FIELD,
    severity: 'decide',
    reason: annotation.means === 'Unconfined' ? 'author-chose' : 'opaque',
    message:
      annotation.means === 'Unconfined'
        ? 'runs without a system call filter on purpose: the annotation says unconfined, and a field that says otherwise would be refused'
        : `the seccomp annotation says ${annotation.text === '' ? 'something that cannot be read' : annotation.text}, and a field beside it must agree`,
    todo: 'Delete the annotation, which has had no effect since Kubernetes 1.27, and run again.',
  })
}

interface Meant {
  readonly value: Readonly<Record<string, string>>
  readonly grade: Grade
  readonly because: string
}

function meantBy(annotation: SeccompAnnotation | undefined): Meant {
  const means = annotation?.means
  if (typeof means === 'object')
    return {
      value: { type: 'Localhost', localhostProfile: means.localhost },
      grade: 'likely',
      because: `the annotation ${annotation?.key} says so; it has had no effect since Kubernetes 1.27, so the profile may be missing on the nodes`,
    }
  return {
    value: { type: 'RuntimeDefault' },
    grade: 'certain',
    because: means === undefined ? WHY : `the annotation ${annotation?.key} says so, without effect since Kubernetes 1.27`,
  }
}

function profileFields(base: Path, meant: Meant): readonly FieldChange[] {
  return Object.entries(meant.value).map(([key, value]) => ({
    change: { op: 'set', path: [...base, 'securityContext', 'seccompProfile', key], value },
    grade: meant.grade,
    because: meant.because,
  }))
}

/** One proposal for the pod: its field, fields of containers whose annotation means something else, and the annotations. */
function* podFix(pod: Pod, waiting: readonly Container[], own: SeccompAnnotation | undefined): Iterable<Proposal> {
  const annotations = [own, ...pod.containers.map((container) => seccompAnnotation(pod, container))].flatMap((one) => one ?? [])
  const commented = annotations.find(({ comment }) => comment)
  if (commented !== undefined) {
    yield commentReview(commented)
    return
  }
  const meant = meantBy(own)
  const different = waiting.flatMap((container) => {
    const annotation = seccompAnnotation(pod, container)
    if (annotation === undefined) return []
    const other = meantBy(annotation)
    return JSON.stringify(other.value) === JSON.stringify(meant.value) ? [] : profileFields(container.path, other)
  })
  yield fix('pod', ['spec'], [...profileFields(['spec'], meant), ...different, ...removals(pod, annotations)], annotations.length)
}

function* containerFixes(pod: Pod, waiting: readonly Container[], podAnnotation: SeccompAnnotation | undefined): Iterable<Proposal> {
  for (const container of waiting) {
    const own = seccompAnnotation(pod, container)
    if (own?.comment === true) {
      yield commentReview(own, container)
      continue
    }
    const fields = [...profileFields(container.path, meantBy(own ?? podAnnotation)), ...removals(pod, own === undefined ? [] : [own])]
    yield { ...fix(container.name, container.path, fields, own === undefined ? 0 : 1), container: container.name }
  }
}

/** An emptied map goes with its last annotation. */
function removals(pod: Pod, annotations: readonly SeccompAnnotation[]): readonly FieldChange[] {
  if (annotations.length === 0) return []
  const keys = annotations.map(({ key }) => key)
  const paths: readonly Path[] = areAllAnnotations(pod, keys) ? [['metadata', 'annotations']] : keys.map((key) => ['metadata', 'annotations', key])
  return paths.map((path) => ({ change: { op: 'remove', path } satisfies Change, grade: 'certain', because: 'without effect since Kubernetes 1.27; the field says it now' }))
}

function fix(key: string, base: Path, fields: readonly FieldChange[], migrated: number): FixProposal {
  const [first, ...rest] = fields as NonEmpty<FieldChange>
  return {
    outcome: 'fix',
    key,
    at: [...base, 'securityContext', 'seccompProfile'],
    field: FIELD,
    message: migrated > 0 ? 'turn the seccomp annotation into the field' : "use the runtime's default seccomp profile",
    fields: [first, ...rest],
    risk: RISK,
    stage: 1,
  }
}

function commentReview(annotation: SeccompAnnotation, container?: Container): Proposal {
  return review({
    key: container === undefined ? 'annotation' : `${container.name}.annotation`,
    ...(container === undefined ? {} : { container: container.name }),
    at: ['metadata', 'annotations', annotation.key],
    field: FIELD,
    severity: 'decide',
    reason: 'author-chose',
    message: `the seccomp annotation (${annotation.text}) has a comment beside it, so it was not turned into the field`,
    todo: 'Replace it by securityContext.seccompProfile.type: RuntimeDefault, and keep what the comment says.',
  })
}
