/**
 * One finding per cause: where several transforms hold back for the same reason, the first of them that
 * runs speaks for all.
 */
import type { Container, Context, Level, MapNode, Path, Pod, ReviewProposal } from '../types.ts'
import { specOf, stateAt, type State } from './fields.ts'

const LEVELS = {
  'forbid-privileged': 'baseline',
  'forbid-host-access': 'baseline',
  'require-run-as-non-root': 'restricted',
  'drop-all-capabilities': 'restricted',
  'forbid-privilege-escalation': 'restricted',
  'set-seccomp-runtime-default': 'restricted',
  'restrict-kernel-surface': 'baseline',
  'set-read-only-root-filesystem': 'hardened',
  'disable-service-account-token': 'opt-in',
  'label-namespace': 'opt-in',
} as const satisfies Readonly<Record<string, Level>>

export type TransformId = keyof typeof LEVELS

const RANK: Readonly<Record<Level, number>> = { baseline: 0, restricted: 1, hardened: 2, 'opt-in': 3 }

/** Whether the user's choice of level and names includes this transform. */
export function isActive(context: Context, id: TransformId): boolean {
  const { level, only, skip } = context.options
  if (skip.includes(id)) return false
  return only.length > 0 ? only.includes(id) : RANK[LEVELS[id]] <= RANK[level]
}

/** Whether `id` is the first active one of `ids`. */
export function speaksFor(context: Context, id: TransformId, ids: readonly TransformId[]): boolean {
  return ids.find((other) => isActive(context, other)) === id
}

/** Who reports that a whole security context cannot be read, or what a container with signs keeps. */
export const NON_ROOT_SPEAKERS = ['require-run-as-non-root', 'drop-all-capabilities', 'set-read-only-root-filesystem'] as const satisfies readonly TransformId[]

export const CONTEXT_SPEAKERS = [
  'require-run-as-non-root',
  'drop-all-capabilities',
  'forbid-privilege-escalation',
  'set-seccomp-runtime-default',
  'set-read-only-root-filesystem',
] as const satisfies readonly TransformId[]

/** Who reports that the pod's own securityContext cannot be read. */
const POD_CONTEXT_SPEAKERS = ['require-run-as-non-root', 'set-seccomp-runtime-default'] as const satisfies readonly TransformId[]

type Draft = Omit<ReviewProposal, 'outcome'>

export function review(draft: Draft): ReviewProposal {
  return { outcome: 'review', ...draft }
}

/**
 * The review of a field that is there but cannot be used. `base` is the path of the reader from the template.
 */
export function unusable(state: Extract<State<unknown>, { is: 'opaque' | 'wrong' }>, base: Path, key: string, field: string, container?: Container): ReviewProposal {
  const at = [...base, ...state.path]
  const where = state.path.join('.')
  const shown = state.text.length > 60 ? `${state.text.slice(0, 57)}...` : state.text
  const common = { key, at, field, ...(container === undefined ? {} : { container: container.name }), severity: 'decide' } as const
  if (state.is === 'opaque')
    return review({
      ...common,
      reason: 'opaque',
      message: `${where} cannot be read here${shown === '' ? '' : ` (${shown})`}, so ${field} was left alone`,
      todo: `Set ${field} by hand where ${where} is defined, or write the field out in this place.`,
    })
  return review({
    ...common,
    reason: 'wrong-type',
    message: `${where} has a type that Kubernetes refuses (${shown}), so it does not count as set`,
    todo: `Give ${where} the right type; a boolean or number must not be quoted, a securityContext is a map.`,
  })
}

/** The container's whole securityContext, when it is there and unusable. */
export function unusableContext(container: Container): Extract<State<unknown>, { is: 'opaque' | 'wrong' }> | undefined {
  return unusableMap(stateAt(container, ['securityContext'], 'map'))
}

/** A map that something unseen may add to is as good as unreadable: none of its fields is known to be absent. */
function unusableMap(state: State<MapNode>): Extract<State<unknown>, { is: 'opaque' | 'wrong' }> | undefined {
  if (state.is === 'set') return state.value.open ? { is: 'opaque', path: ['securityContext'], text: '' } : undefined
  return state.is === 'absent' ? undefined : state
}

/** One review for a container whose whole securityContext is unusable, from the first transform that would write into it. */
export function* reviewContext(pod: Pod, container: Container, context: Context, id: TransformId): Iterable<ReviewProposal> {
  const state = unusableContext(container)
  if (state === undefined || pod.site.allows === 'pod' || !speaksFor(context, id, CONTEXT_SPEAKERS)) return
  yield unusable(state, container.path, `${container.name}.context`, 'securityContext', container)
}

/** The same for the pod's own securityContext, which holds the defaults of all its containers. */
export function* reviewPodContext(pod: Pod, context: Context, id: TransformId): Iterable<ReviewProposal> {
  if (pod.site.allows === 'container' || !speaksFor(context, id, POD_CONTEXT_SPEAKERS)) return
  const state = unusableMap(stateAt(specOf(pod), ['securityContext'], 'map'))
  if (state !== undefined) yield unusable(state, ['spec'], 'pod.context', 'securityContext')
}
