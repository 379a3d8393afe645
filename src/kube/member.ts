/** A container that becomes non-root in this run, and the review of one that does not. */
import type { Container, Context, FieldChange, Grade, Pod, ReviewProposal } from '../types.ts'
import { about } from './about.ts'
import { leftWithUser, listed } from './left.ts'
import { say } from './said.ts'
import { isActive, review } from './speaking.ts'
import type { NumberedUser } from './users.ts'

export interface Member {
  readonly container: Container
  /** The number to write; undefined: the author's, or the image's own. */
  readonly user: NumberedUser | undefined
  /** The weakest of all its parts. */
  readonly grade: Grade
  readonly because: string
  readonly setsNonRoot: boolean
  /** The process has run as someone else until now. */
  readonly changesUser: boolean
  /** The author's uid stands already: nothing but `runAsNonRoot` is added. */
  readonly beside: boolean
  readonly fields: readonly FieldChange[]
  readonly notes: readonly string[]
}

/** The review names what depends on the user as well, where that is left with it. `path`: one that can have no volume. */
export function bundleReview(pod: Pod, container: Container, context: Context, reason: ReviewProposal['reason'], message: string, todo: string, path?: string): ReviewProposal {
  const isRootLeft = path !== undefined && isActive(context, 'set-read-only-root-filesystem')
  const also = [...new Set([...leftWithUser(about(pod, container, context), container, context), ...(isRootLeft ? ['readOnlyRootFilesystem'] : [])])]
  say(container, 'user', 'require-run-as-non-root')
  if (path !== undefined) say(container, 'volumes', path)
  return review({
    key: `${container.name}.bundle`,
    container: container.name,
    at: [...container.path, 'securityContext'],
    field: 'securityContext.runAsNonRoot',
    severity: 'decide',
    reason,
    message: also.length === 0 ? message : `${message}; ${listed(['runAsNonRoot', ...also])} were left alone`,
    todo,
  })
}
