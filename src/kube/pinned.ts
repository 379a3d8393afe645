/** A user number of the author that is not, or no longer, the one of the image. */
import type { Container, Context, Pod, Proposal } from '../types.ts'
import { about } from './about.ts'
import { asWritten, stateAt } from './fields.ts'
import { review } from './speaking.ts'
import { identityOf, type NumberedUser, otherUsersText } from './users.ts'

const FIELD = ['securityContext', 'runAsUser'] as const

export function* reviewPinned(pod: Pod, context: Context): Iterable<Proposal> {
  for (const container of pod.containers) {
    const own = stateAt(asWritten(pod, container), FIELD, 'integer')
    const shared = own.is === 'absent' && pod.site.allows === 'both' ? stateAt(asWritten(pod), FIELD, 'integer') : own
    if (shared.is !== 'set' || shared.value === 0) continue
    const right = identityOf(pod, container, context)
    if (right.is !== 'number' || !right.ofImage || right.grade !== 'known' || right.uid === shared.value) continue
    const known = about(pod, container, context)
    const isOfAnother = known.otherNumbers?.value.includes(shared.value) === true
    // Most public images take any number, and one at the pod is meant for several images.
    if (!isOfAnother && (right.because.includes('catalogue ') || (own.is === 'absent' && pod.containers.length > 1))) continue
    // What this very manifest says is no other source.
    const because = right.because.replace(otherUsersText(known), '')
    yield pinned(container, own.is === 'absent', shared.value, { ...right, because }, isOfAnother)
  }
}

function pinned(container: Container, isOfPod: boolean, uid: number, right: NumberedUser, isOfAnother: boolean): Proposal {
  const image = container.image ?? 'the image'
  return review({
    key: `${container.name}.pinned`,
    container: container.name,
    at: [...(isOfPod ? ['spec'] : container.path), ...FIELD],
    field: 'securityContext.runAsUser',
    severity: isOfAnother ? 'decide' : 'know',
    reason: 'author-chose',
    message: isOfAnother
      ? `runAsUser: ${uid} is the user of other releases or variants of the image; ${image} has ${right.uid} (${right.because})`
      : `runAsUser: ${uid} is not the user of ${image}, which has ${right.uid} (${right.because})`,
    todo: `Write runAsUser: ${right.uid}, or leave it if another number is meant: files of the image and of old volumes belong to ${right.uid}.`,
  })
}
