/** One file: its workloads with their verdicts, what is left for people, the diff. */
import { type Entry, type FileReview, type Outcome, OUTCOMES, type Remark, type Said, type Workload } from '../html/review.ts'
import { type Child, el, section } from './dom.ts'
import { type Diff, diffOf } from './diff.ts'
import { note, OUTCOME_WORDS, outcomeChip } from './words.ts'

export interface FileView {
  readonly element: HTMLElement
  /** What the reader goes through from change to change. Absent where the file is not changed. */
  readonly diff: Diff | undefined
}

/** `title`: the head of the page's main part. */
export function fileView(entry: Entry, review: FileReview, title: HTMLElement): FileView {
  const diff = review.parts.length === 0 ? undefined : diffOf(review)
  const beside = new Set(review.parts.flatMap((part) => ('notes' in part ? part.notes.map(({ finding }) => finding) : [])))
  // A change that no line could be found for, or a file that is not changed at all.
  const alone = review.findings.filter((_, index) => !beside.has(index))
  const counts = countsOf(review.findings)
  const element = el(
    'article',
    { class: 'file' },
    title,
    section('Workloads', { class: 'workloads' }, ...review.workloads.map((workload) => workloadCard(workload, counts.get(workload.name) ?? {}))),
    section('Problems', { class: 'remarks' }, ...review.problems.map((one) => remark('problem', one))),
    section('Left alone', { class: 'remarks' }, ...review.notes.map((one) => remark('left', one))),
    section(diff === undefined ? 'Findings' : 'In other places', { class: 'alone' }, ...alone.map(aloneNote)),
    diff === undefined ? undefined : el('section', { 'aria-label': `Changes of ${entry.file}` }, el('h3', {}, 'Changes'), diff.element),
  )
  return { element, diff }
}

function aloneNote(said: Said): HTMLElement {
  return note(said, said.reasons ?? [], { lead: `${said.workload}, line ${said.line}` })
}

type Counts = Partial<Record<Outcome, number>>

/** By the name of the workload; a file may hold thousands. */
function countsOf(findings: readonly Said[]): ReadonlyMap<string, Counts> {
  const all = new Map<string, Counts>()
  for (const { workload, outcome } of findings) {
    const counts = all.get(workload) ?? {}
    counts[outcome] = (counts[outcome] ?? 0) + 1
    all.set(workload, counts)
  }
  return all
}

function workloadCard({ name, line, verdict, allowed, left, status }: Workload, counts: Counts): HTMLElement {
  const chips = OUTCOMES.flatMap((outcome): Child[] => (counts[outcome] === undefined ? [] : [outcomeChip(outcome, counts[outcome])]))
  return el(
    'div',
    { class: 'workload' },
    el(
      'p',
      {},
      el('b', {}, name),
      el('span', { class: 'muted' }, ` line ${line} `),
      el('span', { class: `verdict ${allowed ? 'allowed' : 'refused'}` }, el('span', { 'aria-hidden': true }, allowed ? '✓ ' : '✗ '), verdict),
      status === undefined ? undefined : el('span', { class: 'muted' }, ` ${status}`),
      ' ',
      ...chips,
    ),
    left.length === 0 ? undefined : el('ul', {}, ...left.map(([what, because]) => el('li', {}, el('b', {}, what), `: ${because}`))),
  )
}

export function remark(outcome: 'problem' | 'left', { code, line, message, hint }: Remark, ...more: readonly Child[]): HTMLElement {
  const place = line === undefined ? '' : ` line ${line}`
  return el(
    'article',
    { class: `note ${outcome}` },
    el('p', { class: 'what' }, el('span', { class: `chip ${outcome}`, title: OUTCOME_WORDS[outcome] }, code), `${place} ${message}`, ...more),
    el('p', { class: 'todo' }, hint),
  )
}
