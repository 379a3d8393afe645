/** Pod level or container level: what both have goes to the pod when every container may have it. */
import type { Container, Context, FieldChange, FixProposal, NonEmpty, Pod, Proposal } from '../types.ts'
import { effective } from './effective.ts'
import { isWholeList, specOf, stateAt } from './fields.ts'
import { weakest } from './grades.ts'
import { injectedBy } from './injection.ts'
import { bundleReview, type Member } from './member.ts'
import { fsGroupNeeds } from './fsgroup.ts'
import { isBlocked } from './outcome.ts'
import { isPartialContainer } from './platform.ts'
import { mainContainer } from './sidecars.ts'
import type { NumberedUser } from './users.ts'
import { isFirstLocalVolume, LOCAL_STORAGE_NOTE } from './volumes.ts'

/** Some container, or the securityContext of the pod, cannot be seen: what goes to the pod could reach it. */
export function hasUnseen(pod: Pod): boolean {
  const spec = specOf(pod)
  const lists = ['initContainers', 'containers', 'ephemeralContainers']
  if (lists.some((list) => !isWholeList(spec, [list]))) return true
  const count = lists.reduce((sum, list) => sum + (listLength(spec.get([list])) ?? 0), 0)
  return count !== pod.containers.length
}

function listLength(node: ReturnType<Pod['get']>): number | undefined {
  return node?.is === 'list' ? node.items.length : undefined
}

/** The pod's own securityContext may be written into. */
export function podLevelIsOpen(pod: Pod): boolean {
  const state = stateAt(specOf(pod), ['securityContext'], 'map')
  return state.is === 'absent' || (state.is === 'set' && !state.value.open)
}

interface Levels {
  readonly nonRoot: 'pod' | 'container'
  /** The user that the pod gets; containers with another number keep it to themselves. Its group, where all may have it. */
  readonly user: NumberedUser | undefined
}

function levels(pod: Pod, context: Context, members: readonly Member[], apart: ReadonlySet<Container>): Levels {
  const none: Levels = { nonRoot: 'container', user: undefined }
  const { scope } = context.options
  if (scope === 'container' || pod.site.allows === 'container') return none
  if (apart.size > 0 || hasUnseen(pod) || !podLevelIsOpen(pod)) return none
  const podNonRoot = stateAt(specOf(pod), ['securityContext', 'runAsNonRoot'], 'boolean')
  const needed = members.some(({ setsNonRoot }) => setsNonRoot)
  if (needed && podNonRoot.is !== 'absent') return none
  return { nonRoot: 'pod', user: podUser(pod, context, members) }
}

function podUser(pod: Pod, context: Context, members: readonly Member[]): NumberedUser | undefined {
  const open = members.filter(({ beside }) => !beside)
  if (stateAt(specOf(pod), ['securityContext', 'runAsUser'], 'integer').is !== 'absent') return undefined
  if (context.options.scope !== 'pod' && injectedBy(pod, context) !== undefined) return undefined
  const withoutUid = pod.containers.filter((container) => effective(pod, container, 'runAsUser').is === 'absent')
  if (!withoutUid.every((container) => open.find((member) => member.container === container)?.user !== undefined)) return undefined
  const main = mainContainer(pod, context)
  const users = open.flatMap(({ user }) => user ?? [])
  const chosen = open.find(({ container }) => container === main)?.user ?? (users.every(({ uid }) => uid === users[0]?.uid) ? users[0] : undefined)
  if (chosen?.gid === undefined) return chosen
  // A group at the pod reaches every container that names none.
  const reached = pod.containers.filter((container) => effective(pod, container, 'runAsGroup').is === 'absent')
  const isWanted = reached.every((container) => open.find((member) => member.container === container)?.user?.gid !== undefined)
  const { gid: _gid, ...withoutGroup } = chosen
  return isWanted ? chosen : withoutGroup
}

/** The proposals for `members`; pod-level values must not reach the containers `apart`. */
export function place(pod: Pod, context: Context, members: readonly Member[], apart: ReadonlySet<Container>): readonly Proposal[] {
  if (members.length === 0) return []
  const level = levels(pod, context, members, apart)
  const open = members.flatMap(({ container, user, changesUser }) => (user === undefined || !changesUser ? [] : [{ container, user }]))
  const group = groupOf(open.find(({ container }) => container === mainContainer(pod, context))?.user ?? open[0]?.user)
  if (level.nonRoot === 'pod') {
    const shared = group === undefined ? undefined : fsGroupNeeds(pod, open, group)
    if (shared !== undefined && isBlocked(shared)) return members.map(({ container }) => bundleReview(pod, container, context, shared.reason, shared.message, shared.todo))
    const fields = [
      ...(members.some(({ setsNonRoot }) => setsNonRoot) ? [nonRootField(['spec'], members)] : []),
      ...(level.user === undefined ? [] : userFields(pod, ['spec'], forAll(level.user, members))),
      ...(shared?.fields ?? []),
      ...members.flatMap((member) => [...ownUser(pod, member, level.user), ...member.fields]),
    ]
    return fix(pod, members, fields, [...(shared?.notes ?? []), ...members.flatMap(({ notes }) => notes)])
  }
  return members
    .filter(({ container }) => !isPartialContainer(container))
    .flatMap((member): readonly Proposal[] => {
      const needs =
        member.user === undefined || !member.changesUser || group === undefined ? undefined : fsGroupNeeds(pod, [{ container: member.container, user: member.user }], group)
      if (needs !== undefined && isBlocked(needs)) return [bundleReview(pod, member.container, context, needs.reason, needs.message, needs.todo)]
      const fields = [
        ...(member.setsNonRoot ? [nonRootField(member.container.path, [member])] : []),
        ...ownUser(pod, member, undefined),
        ...(needs?.fields ?? []),
        ...member.fields,
      ]
      return fix(pod, [member], fields, [...(needs?.notes ?? []), ...member.notes])
    })
}

/** The group for volumes: the run group, or the uid where that is 0 or not known. */
function groupOf(user: NumberedUser | undefined): number | undefined {
  return user?.gid ?? user?.uid
}

/** The pod's number is as sure as it is for the least known container that gets it. */
function forAll(user: NumberedUser, members: readonly Member[]): NumberedUser {
  const weak = members.find((member) => member.user?.uid === user.uid && weakest(member.user.grade, user.grade) !== user.grade)
  if (weak?.user === undefined) return user
  const { name, image } = weak.container
  const why = weak.user.grade === 'assumed' ? `nothing is known of ${image ?? name}` : weak.user.because
  return { ...user, grade: weakest(...members.flatMap((member) => (member.user?.uid === user.uid ? [member.user.grade] : []))), because: `${user.because}; ${why}` }
}

function nonRootField(base: Container['path'], members: readonly Member[]): FieldChange {
  const worst = weakest(...members.map(gradeAlone))
  const because = members.find((member) => gradeAlone(member) === worst)?.because ?? ''
  return { change: { op: 'set', path: [...base, 'securityContext', 'runAsNonRoot'], value: true }, grade: worst, because }
}

/** Of the member without the parts that have a grade of their own. */
function gradeAlone(member: Member): FieldChange['grade'] {
  return member.user?.grade ?? member.grade
}

function ownUser(pod: Pod, member: Member, podUser: NumberedUser | undefined): readonly FieldChange[] {
  if (member.user === undefined) return []
  const fields = userFields(pod, member.container.path, member.user, member.container)
  if (member.user.uid !== podUser?.uid) return fields
  return member.user.gid === podUser.gid ? [] : fields.filter(({ change }) => change.path.at(-1) === 'runAsGroup')
}

function userFields(pod: Pod, base: Container['path'], user: NumberedUser, container?: Container): readonly FieldChange[] {
  const set = (field: string, value: number): FieldChange => ({
    change: { op: 'set', path: [...base, 'securityContext', field], value },
    grade: user.grade,
    because: user.because,
  })
  const group = container === undefined ? stateAt(specOf(pod), ['securityContext', 'runAsGroup'], 'integer') : effective(pod, container, 'runAsGroup')
  return [set('runAsUser', user.uid), ...(user.gid === undefined || group.is !== 'absent' ? [] : [set('runAsGroup', user.gid)])]
}

function fix(pod: Pod, members: readonly Member[], fields: readonly FieldChange[], notes: readonly string[]): readonly FixProposal[] {
  const [first, ...rest] = fields
  if (first === undefined) return []
  const all: NonEmpty<FieldChange> = [first, ...rest]
  const only = members.length === 1 ? members[0] : undefined
  const isAlone = only !== undefined && (pod.containers.length === 1 || first.change.path.length > 3)
  const key = isAlone ? `${only.container.name}.bundle` : 'bundle'
  const addsVolume = fields.some(({ change }) => change.path[1] === 'volumes')
  const drain = addsVolume && isFirstLocalVolume(pod) ? [LOCAL_STORAGE_NOTE] : []
  const isSure = members.every(({ beside }) => beside)
  const risk = [isSure ? 'Nothing changes at run time: the number stands already, and the kubelet now checks it.' : riskOf(members), ...new Set(notes), ...drain].join(' ')
  return [
    {
      outcome: 'fix',
      key,
      ...(isAlone ? { container: only.container.name } : {}),
      at: first.change.path,
      field: 'securityContext.runAsNonRoot',
      message: messageOf(members),
      fields: all,
      risk,
      stage: isSure ? 2 : 3,
    },
  ]
}

function messageOf(members: readonly Member[]): string {
  const uids = [...new Set(members.flatMap(({ user }) => (user === undefined ? [] : [user.uid])))]
  if (uids.length === 0) return members.every(({ beside }) => beside) ? 'refuse to start as root, beside the uid that is set' : 'refuse to start as root'
  const repairs = members.every(({ setsNonRoot }) => !setsNonRoot)
  return `run as uid ${uids.join(' and ')}${repairs ? '' : ', non-root'}`
}

function riskOf(members: readonly Member[]): string {
  const numbered = members.filter(({ user }) => user !== undefined)
  if (numbered.length > 0 && numbered.every(({ changesUser }) => !changesUser))
    return 'The image runs as this user by itself; the lines let the kubelet check it, and taking them out undoes it.'
  return numbered.length > 0
    ? 'A program that needs root, or files of another user, stops with "permission denied" (EACCES) or "operation not permitted"; taking the lines out undoes it.'
    : 'An image that runs as root, or whose USER is a name, is refused by the kubelet (CreateContainerConfigError) and a rolling update stops there; taking the line out undoes it.'
}
