/** Volumes that two containers write, when they are not the same user. */
import type { About, Container, Context, Pod, ReviewProposal } from '../types.ts'
import { about } from './about.ts'
import { chownOnly } from './commands.ts'
import { effective } from './effective.ts'
import { specOf, stateAt } from './fields.ts'
import { bundleReview, type Member } from './member.ts'
import { sharedWritable } from './persistence.ts'
import { mainContainer } from './sidecars.ts'
import { keepsUser, type NumberedUser } from './users.ts'

/** A root init container, or another number, makes the new one a question. */
export function withoutConflicts(pod: Pod, context: Context, members: readonly Member[], apart: Set<Container>): { kept: readonly Member[]; dropped: readonly ReviewProposal[] } {
  const dropped: ReviewProposal[] = []
  let kept = [...members]
  for (;;) {
    const lost = kept.find((member) => conflictOf(pod, context, member, kept, apart) !== undefined)
    if (lost === undefined) return { kept, dropped }
    dropped.push(conflictOf(pod, context, lost, kept, apart) as ReviewProposal)
    apart.add(lost.container)
    kept = kept.filter((member) => member !== lost)
  }
}

function conflictOf(pod: Pod, context: Context, member: Member, members: readonly Member[], apart: ReadonlySet<Container>): ReviewProposal | undefined {
  const { container, user } = member
  if (user === undefined || keepsUser(about(pod, container, context), user)) return undefined
  for (const other of pod.containers) {
    if (other === container) continue
    const shared = sharedWritable(pod, container, other)
    const names = shared.map(({ name }) => name).join(', ')
    if (shared.length === 0) continue
    if (apart.has(other)) {
      // What a root init container leaves behind has to be written later; one beside it may go on as root.
      if (other.group !== 'initContainers' || isPreparedBy(other, about(pod, container, context), user)) continue
      return bundleReview(
        pod,
        container,
        context,
        'depends',
        `shares the writable volume ${names} with ${other.name}, which keeps its user, and would have to write what that one made`,
        `Settle ${other.name} first, or write runAsUser: ${user.uid} by hand once the files on ${names} belong to it.`,
      )
    }
    const partner = members.find((one) => one.container === other)
    const uid = partner?.user?.uid ?? authorUid(pod, other)
    if (uid === undefined || uid === user.uid) continue
    // Of two new numbers the main container's stands, and the other one is the question.
    if (partner !== undefined && container === mainContainer(pod, context)) continue
    if (isCoveredByGroup(pod, shared)) continue
    return bundleReview(
      pod,
      container,
      context,
      'depends',
      `shares the writable volume ${names} with ${other.name}, which runs as uid ${uid}, while this one needs uid ${user.uid}`,
      'Set fsGroup on the pod, or give both the same number by hand.',
    )
  }
  return undefined
}

/** The init container hands the files to this very user, by number or by the name that it has in the image. */
function isPreparedBy(other: Container, known: About, user: NumberedUser): boolean {
  const owner = chownOnly(other)?.owner
  return owner !== undefined && (owner === String(user.uid) || (owner === known.user?.value.name && known.user?.value.uid === user.uid))
}

function authorUid(pod: Pod, container: Container): number | undefined {
  const uid = effective(pod, container, 'runAsUser')
  return uid.is === 'set' ? uid.value : undefined
}

function isCoveredByGroup(pod: Pod, shared: readonly { readonly kind: string }[]): boolean {
  const group = stateAt(specOf(pod), ['securityContext', 'fsGroup'], 'integer')
  const covered = shared.every(({ kind }) => ['emptyDir', 'persistentVolumeClaim', 'volumeClaimTemplate', 'ephemeral'].includes(kind))
  if (!covered) return false
  return group.is === 'set' || shared.some(({ kind }) => kind !== 'emptyDir')
}
