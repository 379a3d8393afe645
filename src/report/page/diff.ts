/** Both sides of a file beside each other, what stays folded, and beside each changed line what made it. */
import type { Block, FileReview, Part, Row, Same } from '../html/review.ts'
import { plural } from '../safe.ts'
import { button, type Child, el } from './dom.ts'
import { note } from './words.ts'

/** Lines that stay are shown this far around a change. */
const CONTEXT = 3
/** Parts that are made at once; the others when the reader comes near. */
const AT_ONCE = 120

interface Numbers {
  before: number
  after: number
}

export interface Diff {
  readonly element: HTMLElement
  /** The changes made so far, in order. */
  changes(): readonly HTMLElement[]
  /** Makes the next parts; false where there are none left. */
  more(): boolean
}

export function diffOf(review: FileReview): Diff {
  const numbers: Numbers = { before: 1, after: 1 }
  const made: HTMLElement[] = []
  const end = el('div', { class: 'end' })
  const element = el('div', { class: 'diff' }, columns(), end)
  let at = 0
  const more = (): boolean => {
    if (at >= review.parts.length) return false
    for (const until = at + AT_ONCE; at < review.parts.length && (at < until || isBlock(review.parts[at])); ) {
      const part = review.parts[at] as Part
      if (!isBlock(part)) {
        end.before(stays(part, { isFirst: at === 0, isLast: at === review.parts.length - 1 }, numbers))
        at++
        continue
      }
      // Blocks that touch are one change: the reader goes from one to the next.
      const blocks: HTMLElement[] = []
      const line = numbers.before
      for (let next = review.parts[at]; isBlock(next); next = review.parts[++at]) blocks.push(blockOf(next, review, numbers))
      const change = el('section', { class: 'change', tabindex: -1, 'aria-label': `Change ${made.length + 1}, line ${line}` }, ...blocks)
      made.push(change)
      end.before(change)
    }
    return true
  }
  more()
  const near = new IntersectionObserver(
    (seen) => {
      if (seen.some(({ isIntersecting }) => isIntersecting) && !more()) near.disconnect()
    },
    { rootMargin: '1500px' },
  )
  near.observe(end)
  return { element, changes: () => made, more }
}

function columns(): HTMLElement {
  return el('div', { class: 'block heads', 'aria-hidden': true }, el('div', { class: 'sides' }, el('span', {}, 'before'), el('span', {}, 'after')), el('span', {}, 'what made it'))
}

function isBlock(part: Part | undefined): part is Block {
  return part !== undefined && 'rows' in part
}

function blockOf({ rows, notes }: Block, { findings }: FileReview, numbers: Numbers): HTMLElement {
  const beside = notes.flatMap(({ finding, reasons, somewhere }): Child[] => {
    const said = findings[finding]
    if (said === undefined) return []
    const place = somewhere === true ? { lead: `In ${said.workload}; which of its lines is not known` } : ('beside its lines' as const)
    return [
      note(
        said,
        reasons.flatMap((index) => said.reasons?.[index] ?? []),
        place,
      ),
    ]
  })
  // Beside a line that stays, which a person must look at, there is room below.
  const isChanged = rows.some(([before, after]) => before !== after)
  return el('div', { class: isChanged ? 'block' : 'block look' }, lines(rows, numbers), el('aside', { class: 'notes', 'aria-label': 'What made these lines' }, ...beside))
}

/** A stretch that stays: its ends are shown, the rest on demand. */
function stays({ same, left = 0, tail = [] }: Same, { isFirst, isLast }: { readonly isFirst: boolean; readonly isLast: boolean }, numbers: Numbers): HTMLElement {
  const start = isFirst ? 0 : CONTEXT
  const stop = isLast ? 0 : CONTEXT
  const total = same.length + left + tail.length
  const place = el('div', { class: 'block stays' })
  const from = { ...numbers }
  numbers.before += total
  numbers.after += total
  const table = (texts: readonly string[], skipped: number): HTMLElement =>
    lines(
      texts.map((text): Row => [text, text]),
      { before: from.before + skipped, after: from.after + skipped },
    )
  const hidden = total - start - stop
  if (left === 0 && hidden <= CONTEXT) {
    place.append(table(same, 0))
    return place
  }
  const all = left === 0 ? [same] : [same, tail]
  const texts = [...same, ...tail]
  const unfold = (): void => {
    const made = [table(same, 0)]
    if (all.length > 1) made.push(el('p', { class: 'fold' }, `${plural(left, 'line')} in between stay as they are and are not in this report`), table(tail, same.length + left))
    place.replaceChildren(...made)
  }
  const top = start > 0 ? [table(texts.slice(0, start), 0)] : []
  const bottom = stop > 0 ? [table(texts.slice(-stop), total - stop)] : []
  place.append(
    ...top,
    button(
      `Show ${plural(hidden, 'line')} that stay`,
      { class: 'fold' },
      unfold,
      `⋯ ${plural(hidden, 'line')} that ${hidden === 1 ? 'stays' : 'stay'} as ${hidden === 1 ? 'it is' : 'they are'}`,
    ),
    ...bottom,
  )
  return place
}

function lines(rows: readonly Row[], numbers: Numbers): HTMLElement {
  const body = el('tbody', {})
  for (const [before, after] of rows) {
    const isSame = before === after
    const common = before !== null && after !== null && !isSame ? commonEnds(before, after) : undefined
    body.append(
      el(
        'tr',
        {},
        number(before === null ? undefined : numbers.before),
        code(before, isSame ? 'same' : 'gone', common),
        number(after === null ? undefined : numbers.after),
        code(after, isSame ? 'same' : 'new', common),
      ),
    )
    if (before !== null) numbers.before++
    if (after !== null) numbers.after++
  }
  return el('table', { class: 'sides' }, el('colgroup', {}, el('col', { class: 'number' }), el('col', {}), el('col', { class: 'number' }), el('col', {})), body)
}

function number(line: number | undefined): HTMLElement {
  return el('td', { class: 'number' }, line === undefined ? '' : String(line))
}

function code(text: string | null, kind: string, common: Ends | undefined): HTMLElement {
  if (text === null) return el('td', { class: 'code none' })
  const end = text.length - (common?.end ?? 0)
  const start = common?.start ?? end
  const made = el('td', { class: `code ${kind}` }, text.slice(0, start), start < end ? el('mark', {}, text.slice(start, end)) : undefined, text.slice(end))
  // What does not fit goes on below its own beginning.
  made.style.setProperty('--indent', String(Math.min(text.search(/\S|$/), 40)))
  return made
}

interface Ends {
  readonly start: number
  readonly end: number
}

/** How many characters two lines share at either end. */
function commonEnds(a: string, b: string): Ends {
  const most = Math.min(a.length, b.length)
  let start = 0
  while (start < most && a[start] === b[start]) start++
  let end = 0
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  return { start, end }
}
