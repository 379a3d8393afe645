/** The report for people: by workload, then what was left alone, then what a person must decide, then three lines of totals. */
import type { Finding, Grade, SiteVerdict, UnitResult } from '../types.ts'
import { plural, qualified, safe } from './safe.ts'
import type { Decision, Totals } from './totals.ts'

export type Paint = (style: 'bold' | 'dim' | 'red' | 'yellow' | 'green', text: string) => string
export const plain: Paint = (_, text) => text

/** The workloads of one unit, each with its changes and reviews. Empty for a unit without any. */
export function workloadLines(result: UnitResult, paint: Paint): string {
  const groups = new Map<string, Finding[]>()
  for (const finding of result.findings) {
    const { object, place } = finding
    const key = titleOf(place.file, object)
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [finding])
    else known.push(finding)
  }
  let out = ''
  const verdicts = new Map<string, SiteVerdict[]>()
  for (const verdict of result.verdicts) {
    const key = titleOf(verdict.file, verdict.object)
    verdicts.set(key, [...(verdicts.get(key) ?? []), verdict])
  }
  // A workload of a program is named also when there is nothing to say.
  for (const [title, list] of verdicts) if (!groups.has(title) && list.some(({ status }) => status !== undefined)) groups.set(title, [])
  for (const [title, findings] of groups) {
    const [status] = (verdicts.get(title) ?? []).flatMap(({ status }) => status ?? [])
    out += `\n${paint('bold', safe(title))}${status === undefined ? '' : `  (${status})`}\n`
    for (const verdict of verdicts.get(title) ?? []) out += verdictLines(verdict, paint)
    const sorted = [...findings].sort((a, b) => rank(a) - rank(b))
    for (const finding of sorted) out += findingLines(finding, paint)
  }
  return out
}

function titleOf(file: string, object: Finding['object']): string {
  return `${file}  ${object.kind} ${qualified(object)}`
}

function verdictLines(verdict: SiteVerdict, paint: Paint): string {
  let out = `  ${paint(verdict.after.allowed === true ? 'green' : 'yellow', verdictText(verdict))}\n`
  for (const [why, who] of reasonsLeft(verdict)) out += `    ${safe(who.join(', '))}: ${safe(why)}\n`
  return out
}

/** `restricted v1.37: 4 violations → 0` */
export function verdictText({ level, version, before, after }: SiteVerdict): string {
  const left = after.allowed === null ? 'not certain' : String(after.checks.length)
  return `${level} ${version}: ${before.allowed === true && after.allowed === true ? 'allowed' : `${plural(before.checks.length, 'violation')} → ${left}`}`
}

/** What is left, by its reason. */
export function reasonsLeft({ left }: SiteVerdict): ReadonlyMap<string, readonly string[]> {
  const shown = new Map<string, string[]>()
  for (const { reason, container, because } of left) {
    const who = container === undefined ? reason : `${reason} (${container})`
    const why = because ?? 'no finding names the reason; please report this'
    shown.set(why, [...(shown.get(why) ?? []), who])
  }
  return shown
}

function rank(finding: Finding): number {
  return finding.outcome === 'fix' ? 0 : finding.outcome === 'review' && finding.severity === 'decide' ? 2 : 1
}

function findingLines(finding: Finding, paint: Paint): string {
  const who = finding.container === undefined ? 'pod' : finding.container
  const head = `${safe(who)}: ${safe(finding.message)}`
  if (finding.outcome === 'fix') {
    let out = `  ${paint('green', 'fix')}    ${finding.grade.padEnd(8)} ${head}  ${paint('dim', `[${finding.transform}]`)}\n`
    const reasons = new Map<string, string[]>()
    for (const { path, grade, because } of finding.fields) {
      const key = `${grade}: ${because}`
      reasons.set(key, [...(reasons.get(key) ?? []), shortPath(path)])
    }
    for (const [reason, paths] of reasons) out += paint('dim', `           ${safe([...new Set(paths)].join(', '))} ${safe(reason)}\n`)
    return out
  }
  if (finding.outcome === 'review') {
    const label = finding.severity === 'decide' ? paint('yellow', 'decide') : paint('dim', 'know  ')
    return `  ${label} ${finding.place.file === '' ? '' : `line ${finding.line}  `}${head}  ${paint('dim', `[${finding.transform}]`)}\n           ${safe(finding.todo)}\n`
  }
  const until = finding.expires === undefined ? '' : `, until ${finding.expires}`
  return `  ${paint('dim', 'exempt')} ${head}  ${paint('dim', `[${finding.transform}]`)}\n           ${safe(finding.by)}: ${safe(finding.text)}${until}\n`
}

/** As a person names the field beside its container: `capabilities.drop`. */
export function shortPath(path: string): string {
  return path.replace(/^spec\.(?:securityContext\.)?/, '').replace(/^\w+\[\d+\]\.(?:securityContext\.)?/, '')
}

/** What is said once, at the end. `full`: after the report by workload, so with what its changes could break. */
export function endLines(totals: Totals, mode: Mode, paint: Paint): string {
  return (
    (mode.full ? riskLines(totals, paint) : '') +
    exemptLines(totals, paint) +
    noteLines(totals, paint) +
    problemLines(totals, paint) +
    decisionLines(totals, paint) +
    totalLines(totals, mode, paint)
  )
}

export interface Mode {
  readonly written: boolean
  readonly dry: boolean
  readonly full: boolean
}

/** Each warning once, however many changes carry it. */
function riskLines(totals: Totals, paint: Paint): string {
  if (totals.risks.size === 0) return ''
  const risks = [...totals.risks].sort((a, b) => b[1] - a[1])
  let out = `\n${paint('bold', 'What could break')}\n`
  for (const [risk, count] of risks.slice(0, 20)) out += `  ${safe(risk)} ${paint('dim', `(${plural(count, 'change')})`)}\n`
  if (risks.length > 20) out += `  … and ${risks.length - 20} more; --format json lists them all\n`
  return out
}

function exemptLines({ exemptions }: Totals, paint: Paint): string {
  if (exemptions.size === 0) return ''
  let out = `\n${paint('bold', 'Exempt')}\n`
  for (const { by, text, expires, transforms, count, places } of [...exemptions.values()].slice(0, 40)) {
    const until = expires === undefined ? '' : `, until ${expires}`
    const more = count > 1 ? paint('dim', ` (${count} findings)`) : ''
    out += `  ${safe(places[0] ?? '')}  ${safe([...transforms].join(', '))}${more}\n      ${paint('dim', `${safe(by)}: ${safe(text)}${until}`)}\n`
  }
  if (exemptions.size > 40) out += `  … and ${exemptions.size - 40} more; --format json lists them all\n`
  return out
}

function noteLines(totals: Totals, paint: Paint): string {
  if (totals.notes.size === 0) return ''
  let out = `\n${paint('bold', 'Left alone')}\n`
  for (const { note, count } of [...totals.notes.values()].slice(0, 40)) {
    const more = count > 1 ? paint('dim', ` (and ${count - 1} more like it)`) : ''
    out += `  ${safe(note.file)}${note.line === undefined ? '' : `:${note.line}`}  ${safe(note.message)}${more}\n      ${paint('dim', safe(note.hint))}\n`
  }
  if (totals.notes.size > 40) out += `  … and ${totals.notes.size - 40} more; --format json lists them all\n`
  return out
}

function problemLines(totals: Totals, paint: Paint): string {
  if (totals.problems.length === 0) return ''
  let out = `\n${paint('red', 'Problems')}\n`
  for (const { file, line, column, code, message, hint } of totals.problems) {
    const place = line === undefined ? '' : `:${line}${column === undefined ? '' : `:${column}`}`
    out += `  ${safe(file)}${place}  ${code}  ${safe(message)}\n      ${safe(hint)}\n`
  }
  return out
}

function decisionLines(totals: Totals, paint: Paint): string {
  const decide = [...totals.decisions.values()].filter(({ severity }) => severity === 'decide').sort((a, b) => b.count - a.count)
  if (decide.length === 0) return ''
  let out = `\n${paint('yellow', 'To decide')}\n`
  for (const decision of decide.slice(0, 60)) out += decisionText(decision, paint)
  if (decide.length > 60) out += `  … and ${decide.length - 60} more causes; --format text or json lists them all\n`
  return out
}

function decisionText({ message, todo, image, count, places }: Decision, paint: Paint): string {
  const more = count > places.length ? `\n    … and ${count - places.length} more` : ''
  return `  ${safe(message)}${image === undefined ? '' : paint('dim', ` (${safe(image)})`)}\n    ${paint('dim', safe(todo))}\n${places.map((place) => `    ${safe(place)}`).join('\n')}${more}\n`
}

/** Three lines, always. */
export function totalLines(totals: Totals, mode: Mode, paint: Paint): string {
  const change = mode.written ? 'changed' : 'to change'
  const passing = totals.standard === undefined ? '' : ` Allowed by ${totals.standard}: ${totals.allowedBefore} before, ${totals.allowedAfter} after.`
  const first = `${plural(totals.changedFiles, 'file')} ${change}, of ${totals.files} with ${plural(totals.sites, 'workload')}.${passing}`
  const second = `${plural(totals.containers, 'container')}: ${gradeText(totals.standings)} (the user). ${plural(totals.fields, 'field')}: ${gradeText(totals.grades)}. Each edit was read back and compared; nothing was run.`
  const dry = mode.dry && totals.changedFiles > 0 ? ' Nothing was written: add --write to apply.' : ''
  const third = `${totals.decide} to decide, ${totals.know} to know, ${totals.exempt === 0 ? '' : `${totals.exempt} exempt, `}${plural(totals.problems.length, 'problem')}.${dry}`
  return `\n${paint('bold', first)}\n${second}\n${third}\n`
}

/** `3 certain, 4 known, 2 likely, 3 assumed`; what the author settled is left out where there is none. */
export function gradeText({ certain, known, likely, assumed }: Readonly<Record<Grade, number>>): string {
  return `${certain === 0 ? '' : `${certain} certain, `}${known} known, ${likely} likely, ${assumed} assumed`
}
