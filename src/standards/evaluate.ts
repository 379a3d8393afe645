/** The verdict of the Pod Security Standards on one pod template. */
import { fromJson } from '../tree.ts'
import type { Json, Node } from '../types.ts'
import type { Issue, StandardLevel } from './check.ts'
import { inForce } from './registry.ts'
import { subjectOf } from './subject.ts'
import { NEWEST, parseVersion, versionText } from './versions.ts'

/** One check that refuses the pod, or cannot be sure of it, with every place concerned. */
export interface Violation {
  readonly check: string
  readonly level: StandardLevel
  /** The first words of the API server's message. */
  readonly reason: string
  readonly issues: readonly Issue[]
}

/** What one level of the Pod Security Standards says of one pod template. */
export interface Verdict {
  readonly level: StandardLevel
  /** The concrete version, never `latest`. */
  readonly version: string
  /** Undefined: nothing is refused, but something cannot be read. */
  readonly allowed: boolean | undefined
  readonly violations: readonly Violation[]
  readonly unknown: readonly Violation[]
}

export interface PodTemplate {
  /** A node that holds `metadata` and `spec`, or a plain object. */
  readonly template: Node | { readonly [key: string]: unknown }
  /** The object is a Pod itself, not a template of another kind. */
  readonly isPod: boolean
}

/**
 * Judges a pod as the API server would at this level and version: `latest`, `v1.N` or the minor version (25 is v1.25).
 * Newer than known, and what is no version, mean the newest. `fillIn: false` leaves out what the API server fills in first.
 */
export function evaluate({ template, isPod }: PodTemplate, level: StandardLevel, version: string | number = NEWEST, fillIn = true): Verdict {
  const minor = typeof version === 'number' ? version : (parseVersion(version) ?? NEWEST)
  const node = isNode(template) ? template : fromJson(template as Json)
  const subject = subjectOf(node, isPod, fillIn)
  const violations: Violation[] = []
  const unknown: Violation[] = []
  for (const { check, revision } of inForce(level, minor)) {
    const issues = [...revision.test(subject)]
    if (issues.length === 0) continue
    const failed = issues.filter(({ is }) => is === 'fail')
    const { id, level: own, reason } = check
    if (failed.length > 0) violations.push({ check: id, level: own, reason, issues: failed })
    else unknown.push({ check: id, level: own, reason, issues })
  }
  const allowed = violations.length > 0 ? false : unknown.length > 0 ? undefined : true
  return { level, version: versionText(Math.min(minor, NEWEST)), allowed, violations, unknown }
}

/** A node says what it is by a word; a template of a cluster has no `is`. */
function isNode(value: PodTemplate['template']): value is Node {
  return 'is' in value && typeof value.is === 'string' && ['value', 'map', 'list', 'opaque'].includes(value.is)
}
