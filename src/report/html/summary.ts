/** What the page shows before a file is opened. */
import { visible } from '../safe.ts'
import { plain, totalLines } from '../text.ts'
import type { Decision, Totals } from '../totals.ts'
import { remarkOf } from './entries.ts'
import type { Cause, Summary } from './review.ts'

export function summaryOf(totals: Totals, dry: boolean): Summary {
  return {
    totals: totalLines(totals, { written: !dry, dry, full: true }, plain).trim().split('\n'),
    fixes: Object.fromEntries(totals.byTransform),
    decisions: causes(totals, 'decide'),
    toKnow: causes(totals, 'know'),
    risks: [...totals.risks].sort((a, b) => b[1] - a[1]).map(([risk, changes]) => [visible(risk), changes]),
    problems: totals.problems.map((problem) => ({ ...remarkOf(problem), file: visible(problem.file) })),
    notes: [...totals.notes.values()].map(({ note, count }) => ({ ...remarkOf(note), file: visible(note.file), count })),
  }
}

function causes(totals: Totals, severity: Decision['severity']): readonly Cause[] {
  return [...totals.decisions.values()]
    .filter((decision) => decision.severity === severity)
    .sort((a, b) => b.count - a.count)
    .map(({ message, todo, image, count }) => ({ message: visible(message), todo: visible(todo), ...(image === undefined ? {} : { image: visible(image) }), count }))
}
