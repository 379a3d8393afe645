/** A container that becomes non-root in this run, and the review of one that does not. */
import type { Container, FieldChange, Grade, ReviewProposal } from '../types.ts'
import { review } from './speaking.ts'
import type { NumberedUser } from './users.ts'

export interface Member {
  readonly container: Container
  /** The number to write; undefined: the author's, or the image's own. */
  readonly user: NumberedUser | undefined
  /** The weakest of all its parts. */
  readonly grade: Grade
  readonly because: string
  readonly setsNonRoot: boolean
  /** The author's uid stands already: nothing but `runAsNonRoot` is added. */
  readonly beside: boolean
  readonly fields: readonly FieldChange[]
  readonly notes: readonly string[]
}

export function bundleReview(container: Container, reason: ReviewProposal['reason'], message: string, todo: string): ReviewProposal {
  return review({
    key: `${container.name}.bundle`,
    container: container.name,
    at: [...container.path, 'securityContext'],
    field: 'securityContext.runAsNonRoot',
    severity: 'decide',
    reason,
    message,
    todo,
  })
}
