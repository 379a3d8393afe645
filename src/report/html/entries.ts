/** What a unit's result is for the page: a row of the list and the file behind it. */
import type { Finding, FixFinding, Note, Problem, SiteVerdict, UnitResult } from '../../types.ts'
import { qualified, visible } from '../safe.ts'
import { reasonsLeft, shortPath, verdictText } from '../text.ts'
import { partsOf } from './parts.ts'
import type { Entry, FileReview, Mark, Outcome, Reason, Remark, Said, Workload } from './review.ts'

export interface Reviewed {
  readonly entry: Entry
  readonly review: FileReview
}

/** One for each file of the unit, those without anything to say left out. */
export function reviewed(result: UnitResult): readonly Reviewed[] {
  const files = new Set([
    ...result.outputs.map(({ source }) => source.path),
    ...result.findings.map(({ place }) => place.file),
    ...result.problems.map(({ file }) => file),
    ...result.notes.map(({ file }) => file),
    ...result.verdicts.map(({ file }) => file),
  ])
  return [...files].map((file) => reviewOf(file, result))
}

function reviewOf(file: string, result: UnitResult): Reviewed {
  const findings = result.findings.filter(({ place }) => place.file === file)
  const verdicts = result.verdicts.filter((verdict) => verdict.file === file).sort((a, b) => a.line - b.line)
  const problems = result.problems.filter((problem) => problem.file === file)
  const notes = result.notes.filter((note) => note.file === file)
  const output = result.outputs.find(({ source }) => source.path === file)
  const reasons = findings.map((finding) => (finding.outcome === 'fix' ? reasonsOf(finding) : undefined))
  const parts =
    output === undefined ? [] : partsOf(output, { findings, reasonOf: ({ finding, field }) => reasons[finding]?.ofField[field] ?? 0, starts: verdicts.map(({ line }) => line) })
  return {
    entry: entryOf(file, findings, verdicts, problems, notes),
    review: {
      workloads: verdicts.map(workloadOf),
      findings: findings.map((finding, index) => saidOf(finding, reasons[index]?.reasons)),
      parts,
      problems: problems.map(remarkOf),
      notes: notes.map(remarkOf),
    },
  }
}

function entryOf(file: string, findings: readonly Finding[], verdicts: readonly SiteVerdict[], problems: readonly Problem[], notes: readonly Note[]): Entry {
  const marks = new Map<string, Mark>()
  const counts: Partial<Record<Outcome, number>> = {}
  const mark = (...one: Mark): void => {
    marks.set(one.join(' '), one)
  }
  const count = (outcome: Outcome, by = 1): void => {
    if (by > 0) counts[outcome] = (counts[outcome] ?? 0) + by
  }
  for (const finding of findings) {
    const outcome = outcomeOf(finding)
    count(outcome)
    if (finding.outcome === 'fix') for (const { grade } of finding.fields) mark(outcome, finding.transform, grade)
    else mark(outcome, finding.transform)
  }
  count('problem', problems.length)
  if (problems.length > 0) mark('problem')
  count('left', notes.length)
  if (notes.length > 0) mark('left')
  const names = [...verdicts.map(({ object }) => object), ...findings.map(({ object }) => object)].map(nameOf)
  const images = findings.flatMap(({ image }) => (image === undefined ? [] : visible(image)))
  const messages = [...findings, ...problems, ...notes].map(({ message }) => visible(message))
  return { file: visible(file), workloads: [...new Set(names)], images: [...new Set(images)], messages: [...new Set(messages)], marks: [...marks.values()], counts }
}

export function outcomeOf(finding: Finding): Outcome {
  return finding.outcome === 'review' ? finding.severity : finding.outcome
}

function workloadOf(verdict: SiteVerdict): Workload {
  return {
    name: nameOf(verdict.object),
    line: verdict.line,
    verdict: verdictText(verdict),
    allowed: verdict.after.allowed === true,
    left: [...reasonsLeft(verdict)].map(([why, what]) => [visible(what.join(', ')), visible(why)]),
    ...(verdict.status === undefined ? {} : { status: verdict.status }),
  }
}

function saidOf(finding: Finding, reasons: readonly Reason[] | undefined): Said {
  const { transform, object, container, message, line } = finding
  return {
    outcome: outcomeOf(finding),
    transform,
    workload: nameOf(object),
    ...(container === undefined ? {} : { container: visible(container) }),
    message: visible(message),
    line,
    ...(reasons === undefined ? {} : { reasons }),
    ...(finding.outcome === 'fix' && finding.risk !== undefined ? { risk: visible(finding.risk) } : {}),
    ...(finding.outcome === 'review' ? { todo: visible(finding.todo) } : {}),
    ...(finding.outcome === 'exempt' ? { todo: visible(`${finding.by}: ${finding.text}${finding.expires === undefined ? '' : ` (until ${finding.expires})`}`) } : {}),
  }
}

/** Fields with the same grade and evidence together, and which of them each field belongs to. */
function reasonsOf({ fields }: FixFinding): { readonly reasons: readonly Reason[]; readonly ofField: readonly number[] } {
  const keys = [...new Set(fields.map(({ grade, because }) => `${grade}: ${because}`))]
  const ofField = fields.map(({ grade, because }) => keys.indexOf(`${grade}: ${because}`))
  const reasons = keys.map((_, index): Reason => {
    const own = fields.filter((_, field) => ofField[field] === index)
    const { grade, because } = own[0] as FixFinding['fields'][number]
    return { grade, fields: visible([...new Set(own.map(({ path }) => shortPath(path)))].join(', ')), because: visible(because) }
  })
  return { reasons, ofField }
}

export function remarkOf({ code, line, message, hint }: Problem | Note): Remark {
  return { code, ...(line === undefined ? {} : { line }), message: visible(message), hint: visible(hint) }
}

function nameOf(object: Finding['object']): string {
  return visible(`${object.kind} ${qualified(object)}`)
}
