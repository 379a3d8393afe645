/** What became of one workload of a program, in a word. */
import { isWanted, type SitePlan } from './plan.ts'
import type { ProgramStatus } from './types.ts'

/** Reasons for which a person is asked about the source, and the running program could still be hardened. */
const UNSEEN = new Set(['opaque', 'shared-node', 'needs-knowledge', 'depends'])

/** `isWritten`: some of it was changed in the end. */
export function statusOf({ planned }: SitePlan, isWritten: boolean): { readonly status: ProgramStatus; readonly reason?: string } {
  const left = planned.flatMap(({ proposal, block, exempt }) => {
    if (exempt !== undefined) return [{ reason: 'exempt', message: `exempt by ${exempt[0].by}: ${exempt[0].reason}` }]
    if (block !== undefined) return block.reason === 'held-back' ? [] : [{ reason: block.reason, message: `${proposal.message}: ${block.message}` }]
    return proposal.outcome === 'review' && proposal.severity === 'decide' ? [{ reason: proposal.reason, message: proposal.message }] : []
  })
  const [first] = left
  if (isWritten) return first === undefined ? { status: 'edited' } : { status: 'edited-partly', reason: first.message }
  // Planned, and taken back because the edit failed its check.
  if (planned.some(isWanted)) return { status: 'needs-runtime', reason: 'its edit was given up' }
  const unseen = left.find(({ reason }) => UNSEEN.has(reason))
  if (unseen !== undefined) return { status: 'needs-runtime', reason: unseen.message }
  return first === undefined ? { status: 'already-hard' } : { status: 'opt-out-kept', reason: first.message }
}
