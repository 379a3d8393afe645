/**
 * What a check of the Pod Security Standards is, and how it reads a pod. Each check is one file in `checks/`,
 * named by the id that the API server uses in its messages.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
import { isNull } from '../tree.ts'
import type { Node, Path, Scalar } from '../types.ts'
import type { Part, Subject } from './subject.ts'

/** A level of the Pod Security Standards that refuses something. */
export type StandardLevel = 'baseline' | 'restricted'

/** One place that a check refuses (`fail`) or cannot judge because something there cannot be read (`unknown`). */
export interface Issue {
  readonly is: 'fail' | 'unknown'
  /** Undefined: the pod itself. */
  readonly container?: string
  /** From the template. Need not exist. */
  readonly at: Path
  /** As a person names it, below the pod spec or the container. */
  readonly field: string
  /** What stands there; `not set` where nothing does. */
  readonly found: string
  /** What the standard accepts. */
  readonly allowed: string
}

/** The rule from one version on. `from` is the minor version: 25 is v1.25. */
export interface Revision {
  readonly from: number
  /** Baseline checks that are skipped at the restricted level while this revision is the one in force. */
  readonly overrides?: readonly string[]
  test(subject: Subject): Iterable<Issue>
}

export interface Check {
  readonly id: string
  readonly level: StandardLevel
  /** The first words of the API server's message. */
  readonly reason: string
  /** Oldest first. */
  readonly revisions: readonly Revision[]
}

/** A field as a check sees it. A null counts as absent; a parent that cannot be read hides what is below it. */
export type Found = { readonly is: 'absent' } | { readonly is: 'opaque'; readonly node: Node } | { readonly is: 'there'; readonly node: Node }

const ABSENT: Found = { is: 'absent' }

export function look(root: Node | undefined, path: Path): Found {
  let node = root
  for (const step of path) {
    if (node === undefined || isNull(node)) return ABSENT
    if (node.is === 'opaque') return { is: 'opaque', node }
    if (node.is === 'map') {
      const entry = node.entries.get(String(step))
      if (entry === undefined) return node.open ? { is: 'opaque', node } : ABSENT
      node = entry.node
    } else if (node.is === 'list' && typeof step === 'number') node = node.items[step]
    // Kubernetes refuses the parent's type, so nothing below it is set.
    else return ABSENT
  }
  if (node === undefined || isNull(node)) return ABSENT
  return node.is === 'opaque' ? { is: 'opaque', node } : { is: 'there', node }
}

/** A value as a person would quote it. */
export function shown(node: Node): string {
  if (node.is === 'value') return node.quoted === true ? JSON.stringify(node.value) : String(node.value)
  return node.is === 'opaque' ? `unreadable (${node.why})` : `a ${node.is}`
}

export function issue(part: Part, path: Path, is: 'fail' | 'unknown', found: string, allowed: string): Issue {
  const field = path.reduce<string>((text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`), '')
  return { is, ...(part.container === undefined ? {} : { container: part.container }), at: [...part.path, ...path], field, found, allowed }
}

/** Fails where something is written that is not accepted. What is absent passes. */
export function* accepts(part: Part, path: Path, ok: (value: Scalar) => boolean, allowed: string): Iterable<Issue> {
  const found = look(part.node, path)
  if (found.is === 'opaque') yield issue(part, path, 'unknown', shown(found.node), allowed)
  else if (found.is === 'there' && !(found.node.is === 'value' && ok(found.node.value))) yield issue(part, path, 'fail', shown(found.node), allowed)
}

/** The items of a list field with their index; an unreadable list or item is an issue of its own. */
export function* each(part: Part, path: Path, allowed: string): Iterable<{ readonly index: number; readonly node: Node; readonly path: Path } | Issue> {
  const found = look(part.node, path)
  if (found.is === 'absent') return
  if (found.is === 'opaque' || found.node.is !== 'list') {
    yield issue(part, path, found.is === 'opaque' ? 'unknown' : 'fail', shown(found.node), allowed)
    return
  }
  for (const [index, node] of found.node.items.entries()) yield { index, node, path: [...path, index] }
  if (found.node.open) yield issue(part, path, 'unknown', 'a list that is not written out', allowed)
}

export function isIssue(value: object): value is Issue {
  return 'is' in value && 'found' in value
}
