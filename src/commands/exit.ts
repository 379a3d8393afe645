/** The exit code of a run; the README has them all. */
import type { Totals } from '../report/totals.ts'
import type { Request } from '../requests.ts'

/** `dry`: the tree is as it was. What was written is no longer pending. */
export function exitCode({ check, failOnReview }: Pick<Request, 'check' | 'failOnReview'>, totals: Totals, dry: boolean): number {
  if (totals.problems.length > 0) return 2
  return (check && dry && totals.changedFiles > 0) || (failOnReview && totals.decide > 0) ? 1 : 0
}
