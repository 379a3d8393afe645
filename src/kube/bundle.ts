/**
 * The non-root bundle: who of a pod becomes non-root in this run, with which number, and what goes with it.
 * One proposal where the pod level can carry it, else one per container; each is all or nothing.
 */
import type { Container, Context, Grade, Pod, Proposal, ReviewProposal } from '../types.ts'
import { about } from './about.ts'
import { withoutConflicts } from './conflicts.ts'
import { effective, isPrivileged } from './effective.ts'
import { reaches, weakest } from './grades.ts'
import { bundleReview, type Member } from './member.ts'
import { configIsKnown, needsOf } from './needs.ts'
import { isBlocked } from './outcome.ts'
import { groupOwnedMounts, persistentMounts } from './persistence.ts'
import { isPartialContainer } from './platform.ts'
import { place } from './placement.ts'
import { mainContainer } from './sidecars.ts'
import { withheld } from './signreview.ts'
import { review, unusable, unusableContext } from './speaking.ts'
import { defaultNumber, identityOf, keepsUser, type NumberedUser } from './users.ts'
import { VolumeNames } from './volumes.ts'

interface Draft {
  readonly container: Container
  readonly user: NumberedUser | undefined
  readonly grade: Grade
  readonly because: string
  readonly repair: boolean
}

interface Sorted {
  readonly members: readonly Member[]
  readonly reviews: readonly ReviewProposal[]
  /** Containers that keep root, or of which too little is known: pod-level values must not reach them. */
  readonly apart: ReadonlySet<Container>
}

export function planNonRoot(pod: Pod, context: Context): readonly Proposal[] {
  const { members, reviews, apart } = sortContainers(pod, context)
  const isHeld = (member: Member): boolean => !member.beside && (context.options.stage < 3 || !reaches(member.grade, context.options.atLeast))
  const isExempt = ({ container }: Member): boolean => context.isExempt(pod, container, 'require-run-as-non-root')
  // What is held back or exempt must not drag along the others, so it goes to the containers where both are there.
  const groups = [
    members.filter((member) => !isExempt(member) && !isHeld(member)),
    members.filter((member) => !isExempt(member) && isHeld(member)),
    members.filter((member) => isExempt(member)),
  ].filter((group) => group.length > 0)
  const others = (group: readonly Member[]): readonly Container[] => members.filter((member) => !group.includes(member)).map(({ container }) => container)
  return [...reviews, ...groups.flatMap((group) => place(pod, context, group, new Set([...apart, ...others(group)])))]
}

function sortContainers(pod: Pod, context: Context): Sorted {
  const reviews: ReviewProposal[] = []
  const apart = new Set<Container>()
  const beside: Member[] = []
  let drafts: Open[] = []
  const leave = (container: Container, proposal?: ReviewProposal): void => {
    apart.add(container)
    if (proposal !== undefined) reviews.push(proposal)
  }
  for (const container of pod.containers) {
    const uid = effective(pod, container, 'runAsUser')
    const nonRoot = effective(pod, container, 'runAsNonRoot')
    if (unusableContext(container) !== undefined) leave(container)
    else if (uid.is === 'opaque' || uid.is === 'wrong' || nonRoot.is === 'opaque' || nonRoot.is === 'wrong') {
      // The pod's own values are reported once, for the pod.
      if (uid.level === 'container' && (uid.is === 'opaque' || uid.is === 'wrong'))
        reviews.push(unusable(uid, container.path, `${container.name}.uid`, 'securityContext.runAsUser', container))
      if (nonRoot.level === 'container' && (nonRoot.is === 'opaque' || nonRoot.is === 'wrong'))
        reviews.push(unusable(nonRoot, container.path, `${container.name}.non-root`, 'securityContext.runAsNonRoot', container))
      leave(container)
    } else if (container.group === 'ephemeralContainers') {
      if (withheld(pod, container, context) !== undefined) leave(container)
    } else if (isPrivileged(container)) leave(container)
    else if (uid.is === 'set' && uid.value !== 0) {
      if (nonRoot.is === 'absent') beside.push(besideUid(container, uid.value))
      else if (!nonRoot.value) leave(container)
    } else if (withheld(pod, container, context) !== undefined) leave(container)
    else if (isPartialContainer(container)) {
      if (nonRoot.is === 'absent') drafts.push({ container, user: undefined, grade: 'assumed', because: 'the image is not named here, so its user is not known', repair: false })
    } else if (nonRoot.is === 'set') {
      const repair = repairOf(pod, container, context)
      if (repair === undefined) continue
      if ('outcome' in repair) leave(container, repair)
      else drafts.push(repair)
    } else {
      const draft = draftOf(pod, container, context)
      if ('outcome' in draft) leave(container, draft)
      else drafts.push(draft)
    }
  }
  drafts = followMain(pod, context, drafts)
  const names = new VolumeNames(pod)
  const members = drafts.flatMap((draft) => {
    const outcome = memberOf(pod, draft, context, names)
    if (!('outcome' in outcome)) return [outcome]
    leave(draft.container, outcome)
    return []
  })
  const { kept, dropped } = withoutConflicts(pod, context, members, apart)
  for (const proposal of dropped) reviews.push(proposal)
  return { members: [...beside, ...kept], reviews, apart }
}

function besideUid(container: Container, uid: number): Member {
  return {
    container,
    user: undefined,
    grade: 'certain',
    because: `runAsUser: ${uid} is the author's`,
    setsNonRoot: true,
    changesUser: false,
    beside: true,
    fields: [],
    notes: [],
  }
}

/** `unknown` and `follows` are settled later, once the main container's number is known. */
interface Open extends Draft {
  readonly open?: 'unknown' | 'follows'
}

function draftOf(pod: Pod, container: Container, context: Context): Open | ReviewProposal {
  const known = about(pod, container, context)
  const identity = identityOf(pod, container, context)
  if (identity.is === 'review') return bundleReview(pod, container, context, identity.reason, identity.message, identity.todo)
  if (!configIsKnown(known))
    return bundleReview(
      pod,
      container,
      context,
      'needs-knowledge',
      `runs without root only with settings that podharden cannot write (${known.runsAsNonRoot?.source})`,
      "Follow the image's documentation, then write runAsNonRoot and runAsUser by hand.",
    )
  if (known.needsSyscalls !== undefined && isRootByDefault(known.defaultUser?.value) && identity.is === 'number')
    return bundleReview(
      pod,
      container,
      context,
      'needs-knowledge',
      `without root it needs system calls that the default seccomp profile refuses: ${known.needsSyscalls.value.join(', ')} (${known.needsSyscalls.source})`,
      'Decide by hand between root and another seccomp profile.',
    )
  if (identity.is === 'own-user') return { container, user: undefined, grade: identity.grade, because: identity.because, repair: false }
  if (identity.is === 'number') return { container, user: identity, grade: identity.grade, because: identity.because, repair: false }
  if (identity.is === 'follows') {
    const user = identity.alone === undefined ? defaultNumber(context) : { ...identity.alone, grade: weakest(identity.alone.grade, 'likely') }
    return { container, user, grade: user.grade, because: user.because, repair: false, open: 'follows' }
  }
  if (context.options.uid === 'image')
    return { container, user: undefined, grade: 'assumed', because: '--uid image: the image keeps its own USER, and root is refused', repair: false }
  const fallback = defaultNumber(context)
  const user = identity.because === undefined || typeof context.options.uid === 'number' ? fallback : { ...fallback, because: identity.because }
  return { container, user, grade: user.grade, because: user.because, repair: false, open: 'unknown' }
}

function isRootByDefault(user: string | null | undefined): boolean {
  return user === null || (typeof user === 'string' && /^(?:root|0)(?::|$)/.test(user))
}

/** `runAsNonRoot: true` stands: it works today, unless a record of this tag says that it cannot. */
function repairOf(pod: Pod, container: Container, context: Context): Draft | ReviewProposal | undefined {
  const known = about(pod, container, context)
  const identity = identityOf(pod, container, context)
  const user = known.defaultUser
  const read = user !== undefined && reaches(user.grade, 'known') && user.value !== 'unknown'
  const isBroken = read && (isRootByDefault(user.value) || !/^\d+(?::|$)/.test(user.value ?? ''))
  if (!isBroken) {
    if (!context.options.pinUid || identity.is !== 'number') return undefined
    return { container, user: identity, grade: identity.grade, because: `--pin-uid, ${identity.because}`, repair: false }
  }
  const why = isRootByDefault(user.value) ? 'runs as root' : `has the USER ${user.value}, a name, which the kubelet cannot check`
  if (identity.is === 'number')
    return { container, user: identity, grade: identity.grade, because: `${identity.because}; the image ${why}, so the pod cannot start as written`, repair: true }
  return review({
    key: `${container.name}.bundle`,
    container: container.name,
    at: [...container.path, 'securityContext'],
    field: 'securityContext.runAsUser',
    severity: 'decide',
    reason: 'needs-knowledge',
    message: `cannot start as written: runAsNonRoot is true, and the image ${why} (${user.source})`,
    todo: 'Write runAsUser with the number of the account that the program runs as.',
  })
}

/** One uid per pod: containers that demand no number of their own take the main container's. */
function followMain(pod: Pod, context: Context, drafts: readonly Open[]): Open[] {
  const main = mainContainer(pod, context)
  if (main === undefined) return [...drafts]
  const own = drafts.find(({ container }) => container === main)
  const written = effective(pod, main, 'runAsUser')
  const author = written.is === 'set' && written.value !== 0 ? written.value : undefined
  return drafts.map((draft) => {
    if (draft.open === undefined || draft.container === main) return draft
    const uid = author ?? own?.user?.uid
    if (uid === undefined || draft.user === undefined) return draft
    const base = own?.user ?? draft.user
    const grade = draft.open === 'unknown' ? draft.user.grade : weakest(own?.user?.grade ?? 'likely', 'likely')
    const because = `as the main container ${main.name}`
    const ofImage = draft.open === 'follows' && draft.user.ofImage && draft.user.uid === uid
    const { gid: _gid, groupZero: _zero, ...rest } = base
    // A group is written for no image that nothing is known of: those for any number are writable for group 0 only.
    const gid = author === undefined && draft.open === 'follows' ? own?.user?.gid : undefined
    const user: NumberedUser = { ...rest, uid, grade, because, ofImage, ...(gid === undefined ? {} : { gid }) }
    return { container: draft.container, user, grade, because, repair: draft.repair }
  })
}

function memberOf(pod: Pod, draft: Draft, context: Context, names: VolumeNames): Member | ReviewProposal {
  const { container, user } = draft
  const needs = needsOf(pod, container, user, context, names)
  if (isBlocked(needs)) return bundleReview(pod, container, context, needs.reason, needs.message, needs.todo, needs.path)
  const isKept = user !== undefined && keepsUser(about(pod, container, context), user)
  // Whatever the sources say of the image: only the cluster knows who owns the files on a claim.
  const hasData = user !== undefined && !isKept && (persistentMounts(pod, container).length > 0 || groupOwnedMounts(pod, container).length > 0)
  const limit = weakest(hasData ? 'likely' : 'certain', needs.grade ?? 'certain')
  const lowered =
    user === undefined
      ? undefined
      : { ...user, grade: weakest(user.grade, limit), because: hasData ? `${user.because}; who owns the files on the volume is known in the cluster only` : user.because }
  const grade = weakest(draft.grade, limit)
  const nonRoot = effective(pod, container, 'runAsNonRoot')
  return {
    container,
    user: lowered,
    grade: weakest(grade, ...needs.fields.map((field) => field.grade)),
    because: lowered?.because ?? draft.because,
    setsNonRoot: nonRoot.is === 'absent',
    changesUser: user !== undefined && !isKept,
    beside: false,
    fields: needs.fields,
    notes: [
      ...(user?.groupZero === true ? ['No runAsGroup: the image is made so that group 0 may write.'] : []),
      ...(draft.repair ? ['As written the pod cannot start (CreateContainerConfigError).'] : []),
      ...needs.notes,
    ],
  }
}
