/**
 * Objects whose pod template cannot be changed once they exist (a Job, a bare Pod): applying the hardened
 * file over them is refused, unless something deletes them first.
 */
import { entries } from '../tree.ts'
import type { Context, FixProposal, Pod, Proposal, ReviewProposal } from '../types.ts'
import { textOf } from './fields.ts'
import { reaches, weakest } from './grades.ts'
import { say, saidBy } from './said.ts'
import { review } from './speaking.ts'

function isFrozen(pod: Pod): boolean {
  const { kind, apiVersion } = pod.site.object
  if (kind === 'Pod') return pod.site.spec.length === 1
  if (kind === 'JobSet') return true
  return kind === 'Job' && /^batch(?:\.volcano\.sh)?\//.test(apiVersion)
}

/** Whether something deletes the object before it is applied again. */
function isRecreated(pod: Pod): boolean {
  if (textOf(pod.object(['metadata', 'generateName'])) !== undefined) return true
  for (const [key, entry] of entries(pod.object(['metadata', 'annotations']))) {
    const value = textOf(entry.node) ?? ''
    if (key === 'helm.sh/hook-delete-policy' && value.includes('before-hook-creation')) return true
    if (key === 'argocd.argoproj.io/hook-delete-policy') return true
    if (key === 'argocd.argoproj.io/sync-options' && /(?:^|,)\s*(?:Replace|Force)=true/.test(value)) return true
    if (key === 'kustomize.toolkit.fluxcd.io/force' && /^(?:enabled|true)$/i.test(value)) return true
  }
  return false
}

/**
 * Passes proposals on. For an object that cannot be updated in place, fixes are announced with one note per
 * object, or, where nobody looks at the diff (`--at-least known` and stricter), held back with one review.
 */
export function* withRollOut(pod: Pod, context: Context, id: string, proposals: Iterable<Proposal>): Iterable<Proposal> {
  if (!isFrozen(pod) || isRecreated(pod)) {
    yield* proposals
    return
  }
  const holdsBack = reaches(context.options.atLeast, 'known')
  let spoken = false
  for (const proposal of proposals) {
    if (proposal.outcome === 'review' || !holdsBack) yield proposal
    if (proposal.outcome === 'review' || spoken || !(holdsBack || isWritten(proposal, context))) continue
    spoken = true
    if ((saidBy(pod, 'roll-out') ?? id) !== id) continue
    say(pod, 'roll-out', id)
    yield rollOut(pod.site.object.kind, holdsBack)
  }
}

function isWritten(proposal: FixProposal, context: Context): boolean {
  const grade = weakest(...proposal.fields.map((field) => field.grade))
  return reaches(grade, context.options.atLeast) && proposal.stage <= context.options.stage
}

function rollOut(kind: string, holdsBack: boolean): ReviewProposal {
  return review({
    key: 'roll-out',
    at: [],
    field: 'spec',
    severity: holdsBack ? 'decide' : 'know',
    reason: 'immutable',
    message: holdsBack
      ? `an existing ${kind} cannot be changed in place, so it was left as it is`
      : `an existing ${kind} cannot be changed in place: applying this over it is refused ("field is immutable" or "pod updates may not change fields")`,
    todo: holdsBack
      ? `Let it be deleted before it is applied (a Helm hook with before-hook-creation, argocd.argoproj.io/sync-options: Replace=true, kustomize.toolkit.fluxcd.io/force: enabled), or run with --at-least likely and delete it yourself.`
      : `Delete the ${kind} and create it again, for example with kubectl replace --force. A new one needs nothing.`,
  })
}
