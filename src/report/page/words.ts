/** Small things that are said in more than one place. */
import type { Outcome, Reason, Said } from '../html/review.ts'
import type { Grade } from '../../types.ts'
import { el } from './dom.ts'

export const GRADES: readonly Grade[] = ['certain', 'known', 'likely', 'assumed']

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  problem: 'problem',
  decide: 'to decide',
  fix: 'fix',
  know: 'to know',
  exempt: 'exempt',
  left: 'left alone',
}

/** A word with as many marks as it is sure: told by more than its colour. */
export function gradeChip(grade: Grade): HTMLElement {
  const sure = GRADES.length - GRADES.indexOf(grade)
  return el('span', { class: `chip grade ${grade}` }, el('span', { class: 'pips', 'aria-hidden': true }, '▮'.repeat(sure) + '▯'.repeat(GRADES.length - sure)), grade)
}

export function outcomeChip(outcome: Outcome, count?: number): HTMLElement {
  const word = outcome === 'fix' && count !== 1 ? 'fixes' : OUTCOME_WORDS[outcome]
  return el('span', { class: `chip ${outcome}` }, count === undefined ? OUTCOME_WORDS[outcome] : `${count} ${word}`)
}

/** What a finding says, with `reasons` of its evidence: all of them, or those about the lines beside it, which name the fields themselves. */
export function note(said: Said, reasons: readonly Reason[], beside: 'beside its lines' | { readonly lead: string }): HTMLElement {
  const isBeside = beside === 'beside its lines'
  return el(
    'article',
    { class: `note ${said.outcome}` },
    isBeside ? undefined : el('p', { class: 'lead' }, beside.lead),
    el('p', { class: 'what' }, ...(said.outcome === 'fix' ? [] : [outcomeChip(said.outcome), ' ']), el('b', {}, said.container ?? 'pod'), `: ${said.message}`),
    ...reasons.map(({ grade, fields, because }) => el('p', { class: 'why' }, gradeChip(grade), ' ', isBeside ? undefined : el('code', {}, `${fields} `), because)),
    said.todo === undefined ? undefined : el('p', { class: 'todo' }, said.todo),
    el(
      'div',
      { class: 'foot' },
      said.risk === undefined ? undefined : el('details', {}, el('summary', {}, 'What could break'), el('p', {}, said.risk)),
      el('span', { class: 'by' }, said.transform),
    ),
  )
}
