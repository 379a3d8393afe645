/**
 * Effective values: the container's, else the pod's. For the Pod Security Standards a bad value at the pod
 * is a failure of its own even where every container overrides it, so both levels stay visible.
 */
import type { Container, Pod } from '../types.ts'
import { specOf, type State, stateAt } from './fields.ts'

export type Effective<T> = State<T> & { readonly level: 'container' | 'pod' | 'none' }

interface Shared {
  runAsNonRoot: 'boolean'
  runAsUser: 'integer'
  runAsGroup: 'integer'
}

interface Values {
  boolean: boolean
  integer: number
}

const TYPES: Shared = { runAsNonRoot: 'boolean', runAsUser: 'integer', runAsGroup: 'integer' }

/** A field that pod and container both have; the container's wins. */
export function effective<K extends keyof Shared>(pod: Pod, container: Container, field: K): Effective<Values[Shared[K]]> {
  const path = ['securityContext', field]
  const own = stateAt(container, path, TYPES[field])
  if (own.is !== 'absent') return { ...own, level: 'container' } as Effective<Values[Shared[K]]>
  if (pod.site.allows === 'container') return { is: 'absent', level: 'none' }
  const inherited = stateAt(specOf(pod), path, TYPES[field])
  return { ...inherited, level: inherited.is === 'absent' ? 'none' : 'pod' } as Effective<Values[Shared[K]]>
}

/** The process cannot be root: its number is written and not 0, or the kubelet refuses root. */
export function isCertainlyNonRoot(pod: Pod, container: Container): boolean {
  const uid = effective(pod, container, 'runAsUser')
  if (uid.is === 'set') return uid.value !== 0
  const nonRoot = effective(pod, container, 'runAsNonRoot')
  return uid.is === 'absent' && nonRoot.is === 'set' && nonRoot.value
}

export function isPrivileged(container: Container): boolean {
  const state = stateAt(container, ['securityContext', 'privileged'], 'boolean')
  return state.is === 'set' && state.value
}
