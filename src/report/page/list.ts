/** The list of files. Only the rows that are seen, and a few around them, stand in the document. */
import { OUTCOMES } from '../html/review.ts'
import { el } from './dom.ts'
import type { Listed } from './filter.ts'
import { topFor, windowOf } from './window.ts'
import { GRADES, gradeChip, outcomeChip } from './words.ts'

/** Height of a row in pixels; the style says the same. */
const ROW = 56
/** Characters of a folder that fit. */
const FOLDER = 30

export interface FileList {
  readonly element: HTMLElement
  show(rows: readonly Listed[]): void
  /** Marks a row and scrolls to it. */
  open(file: string | undefined): void
}

export function fileList(hashFor: (file: string) => string): FileList {
  const rows = el('ul', { class: 'rows' })
  const element = el('div', { class: 'files' }, rows)
  let shown: readonly Listed[] = []
  let opened: string | undefined
  const draw = (): void => {
    const { from, to } = windowOf(element.scrollTop, element.clientHeight, ROW, shown.length)
    rows.style.height = `${shown.length * ROW}px`
    rows.replaceChildren(...shown.slice(from, to).map((one, i) => row(one, from + i, shown.length, hashFor(one.entry.file), one.entry.file === opened)))
  }
  let waits = false
  const drawSoon = (): void => {
    if (waits) return
    waits = true
    requestAnimationFrame(() => {
      waits = false
      draw()
    })
  }
  element.addEventListener('scroll', drawSoon, { passive: true })
  new ResizeObserver(drawSoon).observe(element)
  return {
    element,
    show: (next) => {
      if (next !== shown) element.scrollTop = 0
      shown = next
      draw()
    },
    open: (file) => {
      opened = file
      const index = shown.findIndex(({ entry }) => entry.file === file)
      if (index !== -1) element.scrollTop = topFor(index, element.scrollTop, element.clientHeight, ROW)
      draw()
    },
  }
}

function row({ entry }: Listed, index: number, count: number, hash: string, isOpen: boolean): HTMLElement {
  const cut = entry.file.lastIndexOf('/') + 1
  const weakest = GRADES.findLast((grade) => entry.marks.some(([, , one]) => one === grade))
  const chips = OUTCOMES.filter((outcome) => outcome !== 'fix' && (entry.counts[outcome] ?? 0) > 0).map((outcome) => outcomeChip(outcome, entry.counts[outcome]))
  const made = el(
    'li',
    { 'aria-setsize': count, 'aria-posinset': index + 1 },
    el(
      'a',
      { href: hash, title: entry.file, 'aria-current': isOpen ? 'true' : undefined },
      el('span', { class: 'name' }, el('b', {}, entry.file.slice(cut) || '(the run)'), el('span', { class: 'chips' }, weakest === undefined ? undefined : gradeChip(weakest))),
      el('span', { class: 'where' }, el('span', { class: 'folder' }, ending(entry.file.slice(0, cut))), el('span', { class: 'chips' }, ...chips)),
    ),
  )
  made.style.top = `${index * ROW}px`
  return made
}

/** The end of a long path tells more than its beginning. */
function ending(folder: string): string {
  return folder.length > FOLDER ? `…${folder.slice(-FOLDER)}` : folder
}
