/** The one review of a container that shows signs, and of one that runs as root on purpose. */
import type { Container, Context, Pod, ReviewProposal } from '../types.ts'
import { effective, isPrivileged } from './effective.ts'
import { specOf, stateAt } from './fields.ts'
import { leftWithRoot, listed } from './left.ts'
import { hasUserNamespace } from './platform.ts'
import { isChownInit, isHostAgent, type Sign, signsOf } from './signs.ts'
import { isActive, NON_ROOT_SPEAKERS, review, speaksFor, type TransformId } from './speaking.ts'

/** Why a container keeps its user, its capabilities and its writable root; undefined when it may be hardened. */
export type Withheld = 'privileged' | 'agent' | 'signs' | 'chown-init' | 'root-on-purpose'

export function withheld(pod: Pod, container: Container, context: Context): Withheld | undefined {
  const known = answers.get(container)
  if (known?.survey === context.survey) return known.why
  const why = whyWithheld(pod, container, context)
  answers.set(container, { survey: context.survey, why })
  return why
}

/** Follows from what the author wrote, which no pending change takes back, so it is found out once. */
const answers = new WeakMap<Container, { readonly survey: Context['survey']; readonly why: Withheld | undefined }>()

function whyWithheld(pod: Pod, container: Container, context: Context): Withheld | undefined {
  if (isHostAgent(pod, container, context)) return 'agent'
  if (isPrivileged(container)) return 'privileged'
  if (isChownInit(pod, container, context)) return 'chown-init'
  if (signsOf(pod, container, context).length > 0) return 'signs'
  return isRootOnPurpose(pod, container) ? 'root-on-purpose' : undefined
}

/** `runAsUser: 0`, or `runAsNonRoot: false` without another number. */
function isRootOnPurpose(pod: Pod, container: Container): boolean {
  const uid = effective(pod, container, 'runAsUser')
  if (uid.is === 'set') return uid.value === 0
  const nonRoot = effective(pod, container, 'runAsNonRoot')
  return nonRoot.is === 'set' && !nonRoot.value
}

/** The author's words on root, as written: `runAsUser: 0`. */
function rootWords(pod: Pod, container: Container): readonly string[] {
  const uid = effective(pod, container, 'runAsUser')
  const nonRoot = effective(pod, container, 'runAsNonRoot')
  return [
    ...(uid.is === 'set' && uid.value === 0 ? ['runAsUser: 0'] : []),
    ...(nonRoot.is === 'set' && !nonRoot.value ? ['runAsNonRoot: false'] : []),
    ...(uid.is === 'set' && uid.value === 0 && nonRoot.is === 'set' && nonRoot.value ? ['beside runAsNonRoot: true, so it cannot start'] : []),
  ]
}

/** Yields the review when `id` is the transform that speaks for this container. */
export function* reviewSigns(pod: Pod, container: Container, context: Context, id: TransformId): Iterable<ReviewProposal> {
  if (!speaksFor(context, id, NON_ROOT_SPEAKERS)) return
  const why = withheld(pod, container, context)
  if (why === undefined || why === 'root-on-purpose') return
  if (why === 'privileged' && isActive(context, 'forbid-privileged')) return
  if (why === 'agent' && (isActive(context, 'forbid-host-access') || isActive(context, 'forbid-privileged'))) return
  const left = leftWithRoot(pod, container, context)
  if (left.length === 0) return
  const signs = signsOf(pod, container, context)
  yield why === 'chown-init' ? chownReview(pod, container, left) : signReview(pod, container, signs, left)
}

function signReview(pod: Pod, container: Container, signs: readonly Sign[], left: readonly string[]): ReviewProposal {
  if (signs.every(({ kind }) => kind === 'server')) return serverReview(container, signs, left)
  const found = [...signs.map(({ text }) => text), ...rootWords(pod, container)]
  return review({
    key: `${container.name}.signs`,
    container: container.name,
    at: signs[0]?.at ?? container.path,
    field: 'securityContext',
    severity: 'decide',
    reason: 'needs-root',
    message: `seems to need root or the node (${found.join('; ')}), so ${listed(left)} ${left.length === 1 ? 'was' : 'were'} left alone`,
    todo: 'If it works without, take the cause away and run again. If not, it belongs in a namespace at the privileged level.',
    related: signs.slice(1).map(({ text, at }) => ({ message: text, at })),
  })
}

function serverReview(container: Container, signs: readonly Sign[], left: readonly string[]): ReviewProposal {
  return review({
    key: `${container.name}.signs`,
    container: container.name,
    at: signs[0]?.at ?? container.path,
    field: 'securityContext',
    severity: 'decide',
    reason: 'needs-knowledge',
    message: `nothing is known of the image, and it looks like a database or web server (${signs.map(({ text }) => text).join('; ')}), so ${listed(left)} ${left.length === 1 ? 'was' : 'were'} left alone`,
    todo: 'Find out which user it runs as ("docker run --rm --entrypoint id IMAGE" and its documentation), then run with --uid N on this path, or write the fields by hand.',
  })
}

function chownReview(pod: Pod, container: Container, left: readonly string[]): ReviewProposal {
  const parts = left.filter((field) => field !== 'readOnlyRootFilesystem')
  return review({
    key: `${container.name}.chown`,
    container: container.name,
    at: signFreeAt(container),
    field: 'securityContext',
    severity: 'decide',
    reason: 'needs-root',
    message: `only sets owners and modes, which takes root${rootWords(pod, container).length > 0 ? ' (runAsUser: 0)' : ''}, so ${listed(parts.length === 0 ? left : parts)} ${parts.length === 1 ? 'was' : 'were'} left alone; until it goes, the pod fails the restricted level`,
    todo: 'Delete it where fsGroup gives the volume to the group (claims and block disks). Else keep it with as little as it needs: runAsUser: 0, runAsNonRoot: false, capabilities drop ALL and add CHOWN, DAC_OVERRIDE, FOWNER.',
  })
}

function signFreeAt(container: Container): Container['path'] {
  return container.get(['command']) === undefined ? [...container.path, 'args'] : [...container.path, 'command']
}

/** One review per place where the author chose root: the pod's values once, a container's own each. */
export function* reviewRootOnPurpose(pod: Pod, context: Context, id: TransformId): Iterable<ReviewProposal> {
  if (!speaksFor(context, id, NON_ROOT_SPEAKERS)) return
  const chosen = pod.containers.filter((container) => withheld(pod, container, context) === 'root-on-purpose')
  const own = chosen.filter((container) => hasOwnRoot(container))
  const inherited = chosen.filter((container) => !own.includes(container))
  const podWords = podRootWords(pod)
  const left = [...new Set(inherited.flatMap((container) => leftWithRoot(pod, container, context)))]
  if (podWords.length > 0 && (left.length > 0 || !hasUserNamespace(pod))) {
    const names = inherited.map(({ name }) => name).join(', ')
    yield rootReview('pod.root', ['spec', 'securityContext'], `${listed(podWords)} for the whole pod`, left, names === '' ? undefined : names)
  }
  for (const container of own) {
    const at = [...container.path, 'securityContext']
    const missing = leftWithRoot(pod, container, context)
    if (missing.length > 0 || !hasUserNamespace(pod))
      yield { ...rootReview(`${container.name}.root`, at, rootWords(pod, container).join(', '), missing), container: container.name }
  }
  if (hasUserNamespace(pod)) return
  for (const container of pod.containers) {
    const uid = effective(pod, container, 'runAsUser')
    const nonRoot = stateAt(container, ['securityContext', 'runAsNonRoot'], 'boolean')
    if (uid.is !== 'set' || uid.value === 0 || nonRoot.is !== 'set' || nonRoot.value) continue
    if (isHostAgent(pod, container, context) || isPrivileged(container)) continue
    yield { ...refusedCheck(container, uid.value), container: container.name }
  }
}

function hasOwnRoot(container: Container): boolean {
  return ['runAsUser', 'runAsNonRoot'].some((field) => container.get(['securityContext', field]) !== undefined)
}

function podRootWords(pod: Pod): readonly string[] {
  if (pod.site.allows === 'container') return []
  const uid = stateAt(specOf(pod), ['securityContext', 'runAsUser'], 'integer')
  const nonRoot = stateAt(specOf(pod), ['securityContext', 'runAsNonRoot'], 'boolean')
  return [...(uid.is === 'set' && uid.value === 0 ? ['runAsUser: 0'] : []), ...(nonRoot.is === 'set' && !nonRoot.value ? ['runAsNonRoot: false'] : [])]
}

function refusedCheck(container: Container, uid: number): ReviewProposal {
  return review({
    key: `${container.name}.root`,
    at: [...container.path, 'securityContext', 'runAsNonRoot'],
    field: 'securityContext.runAsNonRoot',
    severity: 'decide',
    reason: 'author-chose',
    message: `runAsNonRoot: false stands beside runAsUser: ${uid}, which is not root`,
    todo: 'Delete the line: it refuses a check that the container passes.',
  })
}

function rootReview(key: string, at: Container['path'], words: string, left: readonly string[], reach?: string): ReviewProposal {
  return review({
    key,
    at,
    field: 'securityContext.runAsNonRoot',
    severity: 'decide',
    reason: 'author-chose',
    message: `runs as root on purpose: ${words}${left.length === 0 ? '' : `, so ${listed(left)} ${left.length === 1 ? 'was' : 'were'} left alone${reach === undefined ? '' : ` (${reach})`}`}`,
    todo: 'If it works without root, delete these lines and run again; else leave them.',
  })
}
