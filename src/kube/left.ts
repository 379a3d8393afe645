/** What is still missing in a container that is left alone, by field name, so that one review can name it all. */
import type { About, Container, Context, Pod } from '../types.ts'
import { addsSysAdmin, capabilitiesOf } from './capabilities.ts'
import { escalatingVerb } from './commands.ts'
import { effective, isPrivileged } from './effective.ts'
import { specOf, stateAt } from './fields.ts'
import { hasUserNamespace, isPartialContainer } from './platform.ts'
import { isActive } from './speaking.ts'

export function dropsAll(container: Container): boolean {
  return capabilitiesOf(container, 'drop').some(({ written }) => written === 'ALL')
}

/** In a user namespace of its own nothing is missing: root is nobody outside. */
export function nonRootIsMissing(pod: Pod, container: Container): boolean {
  if (hasUserNamespace(pod)) return false
  const nonRoot = effective(pod, container, 'runAsNonRoot')
  const uid = effective(pod, container, 'runAsUser')
  return !(nonRoot.is === 'set' && nonRoot.value) || (uid.is === 'set' && uid.value === 0)
}

/** The author's number is there and nothing against it: the check is written beside it whatever else is left alone. */
function isBesideNumber(pod: Pod, container: Container): boolean {
  const uid = effective(pod, container, 'runAsUser')
  return uid.is === 'set' && uid.value !== 0 && effective(pod, container, 'runAsNonRoot').is === 'absent' && !isPrivileged(container) && !isPartialContainer(container)
}

/** Fields of non-root, capabilities and the root filesystem that are not as wanted. */
export function leftWithRoot(pod: Pod, container: Container, context: Context): readonly string[] {
  const left: string[] = []
  if (isActive(context, 'require-run-as-non-root') && nonRootIsMissing(pod, container) && !isBesideNumber(pod, container)) left.push('runAsNonRoot')
  if (isActive(context, 'drop-all-capabilities')) {
    if (!dropsAll(container)) left.push('capabilities.drop')
    if (capabilitiesOf(container, 'add').some(({ written }) => written !== 'NET_BIND_SERVICE')) left.push('capabilities.add')
  }
  if (isActive(context, 'forbid-privilege-escalation') && (addsSysAdmin(container) || escalatingVerb(container) !== undefined)) {
    const state = stateAt(container, ['securityContext', 'allowPrivilegeEscalation'], 'boolean')
    if (state.is === 'absent') left.push('allowPrivilegeEscalation')
  }
  if (isActive(context, 'set-read-only-root-filesystem') && stateAt(container, ['securityContext', 'readOnlyRootFilesystem'], 'boolean').is === 'absent')
    left.push('readOnlyRootFilesystem')
  return left
}

/** As root it would need the capabilities that a drop takes: it changes its user itself, or needs root by design. */
export function needsCapabilitiesAsRoot(known: About): boolean {
  return known.stepsDownTo !== undefined || needsRootByDesign(known)
}

export function needsRootByDesign(known: About): boolean {
  return known.rootRequired !== undefined || known.runsAsNonRoot?.value === 'no'
}

/** What is left alone together with the user. */
export function leftWithUser(known: About, container: Container, context: Context): readonly string[] {
  const drop = isActive(context, 'drop-all-capabilities') && needsCapabilitiesAsRoot(known) && !dropsAll(container)
  const root =
    isActive(context, 'set-read-only-root-filesystem') && needsRootByDesign(known) && stateAt(container, ['securityContext', 'readOnlyRootFilesystem'], 'boolean').is === 'absent'
  return [...(drop ? ['capabilities.drop'] : []), ...(root ? ['readOnlyRootFilesystem'] : [])]
}

/** Nothing that could be written into the container is missing. */
export function isComplete(pod: Pod, container: Container, context: Context): boolean {
  const says = (field: string, value: boolean): boolean => {
    const state = stateAt(container, ['securityContext', field], 'boolean')
    return state.is === 'set' && state.value === value
  }
  const isRootClosed = !isActive(context, 'set-read-only-root-filesystem') || says('readOnlyRootFilesystem', true)
  return isRootClosed && says('allowPrivilegeEscalation', false) && dropsAll(container) && !nonRootIsMissing(pod, container)
}

/** For a privileged container, or an agent with its one review: everything of the container that is not as wanted. */
export function leftAltogether(pod: Pod, container: Container, context: Context): readonly string[] {
  const left = [...leftWithRoot(pod, container, context)]
  const add = (field: string, missing: boolean): void => {
    if (missing && !left.includes(field)) left.push(field)
  }
  const escalation = stateAt(container, ['securityContext', 'allowPrivilegeEscalation'], 'boolean')
  add(
    'allowPrivilegeEscalation',
    isActive(context, 'forbid-privilege-escalation') && (isPrivileged(container) ? escalation.is !== 'set' || escalation.value : escalation.is === 'set' && escalation.value),
  )
  const path = ['securityContext', 'seccompProfile', 'type']
  const own = stateAt(container, path, 'string')
  const profile = own.is === 'absent' ? stateAt(specOf(pod), path, 'string') : own
  add('seccompProfile', isPrivileged(container) ? profile.is !== 'set' || profile.value === 'Unconfined' : own.is === 'set' && own.value === 'Unconfined')
  add('procMount', stateAt(container, ['securityContext', 'procMount'], 'string').is === 'set')
  return left
}

export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
