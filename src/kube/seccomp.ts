/** Seccomp profiles, in fields and in the annotations that have had no effect since Kubernetes 1.27. */
import { entries } from '../tree.ts'
import type { Container, Path, Pod, Reader } from '../types.ts'
import { type State, stateAt, textOf } from './fields.ts'

export type Profile =
  | { readonly is: 'absent' }
  | { readonly is: 'kept'; readonly type: 'RuntimeDefault' | 'Localhost' }
  | { readonly is: 'unconfined' }
  /** Not a value that Kubernetes accepts; `type` missing included. */
  | { readonly is: 'invalid'; readonly path: Path; readonly text: string }
  | { readonly is: 'opaque'; readonly path: Path; readonly text: string }

const PATH = ['securityContext', 'seccompProfile']

export function profileOf(reader: Reader): Profile {
  const whole = stateAt(reader, PATH, 'map')
  if (whole.is === 'absent') return { is: 'absent' }
  if (whole.is !== 'set') return unreadable(whole)
  if (whole.value.entries.size === 0 && !whole.value.open) return { is: 'absent' }
  const type = stateAt(reader, [...PATH, 'type'], 'string')
  if (type.is === 'absent') return { is: 'invalid', path: PATH, text: 'without a type' }
  if (type.is !== 'set') return unreadable(type)
  if (type.value === 'Unconfined') return { is: 'unconfined' }
  if (type.value === 'RuntimeDefault' || type.value === 'Localhost') return { is: 'kept', type: type.value }
  return { is: 'invalid', path: [...PATH, 'type'], text: type.value }
}

function unreadable(state: Extract<State<unknown>, { is: 'opaque' | 'wrong' }>): Profile {
  return state.is === 'opaque' ? state : { is: 'invalid', path: state.path, text: state.text }
}

const POD_KEY = 'seccomp.security.alpha.kubernetes.io/pod'
const CONTAINER_KEY = 'container.seccomp.security.alpha.kubernetes.io/'

/** One of the dead annotations. */
export function isSeccompAnnotation(key: string): boolean {
  return key === POD_KEY || key.startsWith(CONTAINER_KEY)
}

export interface SeccompAnnotation {
  readonly key: string
  /** Undefined: not readable, or not a value of the old format. */
  readonly means: 'RuntimeDefault' | 'Unconfined' | { readonly localhost: string } | undefined
  readonly text: string
  /** A comment on its line would be lost with it. */
  readonly comment: boolean
}

/** The annotation of the pod, or of one container. */
export function seccompAnnotation(pod: Pod, container?: Container): SeccompAnnotation | undefined {
  const key = container === undefined ? POD_KEY : `${CONTAINER_KEY}${container.name}`
  const entry = entries(pod.get(['metadata', 'annotations'])).get(key)
  if (entry === undefined) return undefined
  const text = textOf(entry.node) ?? ''
  const comment = entry.node.is === 'value' && entry.node.comment !== undefined
  if (text === 'runtime/default' || text === 'docker/default') return { key, means: 'RuntimeDefault', text, comment }
  if (text === 'unconfined') return { key, means: 'Unconfined', text, comment }
  if (text.startsWith('localhost/') && text.length > 10) return { key, means: { localhost: text.slice(10) }, text, comment }
  return { key, means: undefined, text, comment }
}

/** Where the annotations stand, and whether these are the only ones. */
export function areAllAnnotations(pod: Pod, keys: readonly string[]): boolean {
  const node = pod.get(['metadata', 'annotations'])
  return node?.is === 'map' && !node.open && [...node.entries.keys()].every((key) => keys.includes(key))
}
