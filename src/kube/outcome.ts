/** What a change of user needs beside it, or why it cannot be had. */
import type { FieldChange, Grade, ReviewReason } from '../types.ts'

export interface Needs {
  readonly fields: readonly FieldChange[]
  /** Sentences for the person, about what was added. */
  readonly notes: readonly string[]
  /** As sure as what is met already: else another container's change would make this one surer than it is. */
  readonly grade?: Grade
}

/** Why the user cannot be changed here. */
export interface Blocked {
  readonly blocked: true
  /** A path that cannot get a volume. */
  readonly path?: string
  readonly reason: ReviewReason
  readonly message: string
  readonly todo: string
}

export type Outcome = Needs | Blocked

export function blocked(reason: ReviewReason, message: string, todo: string, path?: string): Blocked {
  return { blocked: true, reason, message, todo, ...(path === undefined ? {} : { path }) }
}

export function isBlocked(outcome: Outcome): outcome is Blocked {
  return 'blocked' in outcome
}

export const NOTHING: Needs = { fields: [], notes: [] }
