/** The search box and the filters beside the list. */
import { type Outcome, OUTCOMES } from '../html/review.ts'
import type { Data } from './blocks.ts'
import { button, el } from './dom.ts'
import { folders, type Listed } from './filter.ts'
import { EVERYTHING, type State } from './state.ts'
import { GRADES, gradeChip, OUTCOME_WORDS } from './words.ts'

export interface Filters {
  readonly element: HTMLElement
  readonly search: HTMLInputElement
  /** Says what is chosen, and how many files that leaves. */
  show(state: State, count: number): void
}

/** `wish`: the reader wants something else shown. */
export function filters({ head }: Data, all: readonly Listed[], wish: (change: Partial<State>) => void): Filters {
  const search = el('input', { type: 'search', id: 'search', placeholder: 'File, workload, image, message', autocomplete: 'off', spellcheck: false, 'aria-keyshortcuts': '/' })
  search.addEventListener('input', () => wish({ query: search.value }))
  const folder = el('input', { id: 'folder', list: 'folders', placeholder: 'any directory', autocomplete: 'off', spellcheck: false })
  folder.addEventListener('input', () => wish({ folder: folder.value }))
  const used = new Set(all.flatMap(({ entry }) => entry.marks.flatMap(([, transform]) => transform ?? [])))
  const ids = head.transforms.map(({ id }) => id).filter((id) => used.has(id))
  const transform = el('select', { id: 'transform' }, el('option', { value: '' }, 'any transform'), ...ids.map((id) => el('option', { value: id }, id)))
  transform.addEventListener('change', () => wish({ transform: transform.value }))
  let state = EVERYTHING
  const outcomes = OUTCOMES.flatMap((outcome) => {
    const count = all.filter(({ entry }) => entry.counts[outcome] !== undefined).length
    return count === 0 ? [] : [{ outcome, made: toggle(`${OUTCOME_WORDS[outcome]} ${count}`, outcome, () => wish({ outcomes: flipped<Outcome>(state.outcomes, outcome) })) }]
  })
  const grades = GRADES.map((grade) => ({ grade, made: toggle(grade, '', () => wish({ grades: flipped(state.grades, grade) }), gradeChip(grade)) }))
  const count = el('span', { role: 'status' })
  const clear = button('clear', { class: 'link' }, () => wish({ ...EVERYTHING }))
  const element = el(
    'form',
    { class: 'filters', role: 'search' },
    labelled('search', 'Search', search),
    el('div', { role: 'group', 'aria-label': 'Outcome', class: 'toggles' }, ...outcomes.map(({ made }) => made)),
    el('div', { role: 'group', 'aria-label': 'Grade', class: 'toggles' }, ...grades.map(({ made }) => made)),
    el('div', { class: 'pair' }, labelled('transform', 'Transform', transform), labelled('folder', 'Directory', folder)),
    el('datalist', { id: 'folders' }, ...folders(all).map((value) => el('option', { value }))),
    el('p', { class: 'count' }, count, ' ', clear),
  )
  element.addEventListener('submit', (event) => event.preventDefault())
  return {
    element,
    search,
    show: (next, shown) => {
      state = next
      if (search.value !== next.query) search.value = next.query
      if (folder.value !== next.folder) folder.value = next.folder
      transform.value = next.transform
      for (const { outcome, made } of outcomes) made.setAttribute('aria-pressed', String(next.outcomes.includes(outcome)))
      for (const { grade, made } of grades) made.setAttribute('aria-pressed', String(next.grades.includes(grade)))
      count.textContent = `${shown} of ${all.length} files`
      clear.hidden = next.query === '' && next.folder === '' && next.transform === '' && next.grades.length === 0 && next.outcomes.length === 0
    },
  }
}

function toggle(label: string, kind: string, pressed: () => void, content?: Node): HTMLButtonElement {
  return button(label, { class: `toggle ${kind}`, 'aria-pressed': 'false' }, pressed, ...(content === undefined ? [] : [content]))
}

function flipped<T>(list: readonly T[], one: T): readonly T[] {
  return list.includes(one) ? list.filter((other) => other !== one) : [...list, one]
}

function labelled(id: string, label: string, input: HTMLElement): HTMLElement {
  return el('div', { class: 'field' }, el('label', { for: id, class: 'unseen' }, label), input)
}
