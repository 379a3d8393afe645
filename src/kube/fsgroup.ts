/** `fsGroup`: only for volumes that it works on, and only with a new user. */
import type { Container, FieldChange, Pod } from '../types.ts'
import { specOf, stateAt, valueAt } from './fields.ts'
import { weakest } from './grades.ts'
import { blocked, NOTHING, type Outcome } from './outcome.ts'
import { closedFiles, groupOwnedMounts, modeText } from './persistence.ts'
import type { NumberedUser } from './users.ts'

/** The group that owns claims and disks, or that may read closed secrets: once per pod. */
export function fsGroupNeeds(pod: Pod, members: readonly { readonly container: Container; readonly user: NumberedUser }[], group: number): Outcome {
  const current = stateAt(specOf(pod), ['securityContext', 'fsGroup'], 'integer')
  if (current.is === 'set') return NOTHING
  const owned = members.flatMap(({ container }) => groupOwnedMounts(pod, container))[0]
  const closed = members.map(({ container }) => closedFiles(pod, container)).find((one) => one !== undefined)
  if (owned === undefined && closed === undefined) return NOTHING
  if (current.is !== 'absent') return blocked('opaque', 'securityContext.fsGroup cannot be read, and the new user needs a group', 'Set fsGroup by hand.')
  if (pod.site.allows === 'container')
    return blocked('persistent-data', `${pod.site.object.kind} has no pod-level fsGroup, and the new user needs one`, 'Make the volume readable for the new user by hand.')
  const because =
    owned === undefined
      ? `${closed?.volume.kind} ${closed?.volume.name} has mode ${modeText(closed?.mode ?? 0)}, which other users cannot read`
      : `${owned.volume.name} is mounted writable at ${owned.mount.path}`
  const field = (name: string, value: number | string): FieldChange => ({
    change: { op: 'set', path: ['spec', 'securityContext', name], value },
    grade: weakest(...members.map(({ user }) => user.grade), owned === undefined ? 'certain' : 'likely'),
    because,
  })
  const policy = valueAt(specOf(pod), ['securityContext', 'fsGroupChangePolicy'], 'string')
  return {
    fields: [field('fsGroup', group), ...(owned === undefined || policy !== undefined ? [] : [field('fsGroupChangePolicy', 'OnRootMismatch')])],
    notes:
      owned === undefined
        ? [`fsGroup lets it read ${closed?.volume.name}; without it: "permission denied".`]
        : [`fsGroup: the group of all files on ${owned.volume.name} is changed once, which can take minutes on a big volume; who owned them before is not restored by undoing it.`],
  }
}
