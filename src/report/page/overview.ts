/** What is seen before a file is opened: what the run came to, and what is left for people, by its cause. */
import type { Cause, Summary } from '../html/review.ts'
import { plural } from '../safe.ts'
import type { Data } from './blocks.ts'
import { button, el, section } from './dom.ts'
import { remark } from './file.ts'
import { outcomeChip } from './words.ts'

/** Asks for the files of a transform, of a message, or one file. */
export interface Wishes {
  transform(id: string): void
  search(text: string): void
  open(file: string): void
}

/** `missing`: a file that the address asks for and the report does not have. */
export function overview({ head, summary }: Data, wishes: Wishes, missing?: string): HTMLElement {
  const title = el('h2', { tabindex: -1 }, 'Overview')
  const lost = missing === undefined ? undefined : el('p', { class: 'note problem' }, `There is no such file in this report: ${missing}`)
  if (summary === undefined)
    return el(
      'article',
      {},
      title,
      lost,
      el('p', { class: 'note problem' }, 'The run that wrote this report did not come to its end: what it had done until then is here, its totals are not.'),
    )
  return el(
    'article',
    {},
    title,
    lost,
    section(
      'Problems',
      {},
      ...summary.problems.map((one) =>
        remark(
          'problem',
          one,
          ' ',
          button(one.file, { class: 'link' }, () => wishes.open(one.file)),
        ),
      ),
    ),
    section('To decide', {}, ...summary.decisions.map((cause) => causeNote('decide', cause, wishes))),
    section('To know before it rolls out', {}, ...summary.toKnow.map((cause) => causeNote('know', cause, wishes))),
    section('Changes by transform', {}, el('table', { class: 'plain' }, el('tbody', {}, ...transforms(head.transforms, summary, wishes)))),
    section('What could break, and how it shows', {}, ...risks(summary)),
    section(
      'Left alone',
      {},
      ...summary.notes.map((one) =>
        remark(
          'left',
          one,
          ' ',
          button(one.file, { class: 'link' }, () => wishes.open(one.file)),
          one.count > 1 ? ` and ${one.count - 1} more like it` : '',
        ),
      ),
    ),
    el('p', { class: 'muted' }, `Written by podharden ${head.version}. This file loads nothing and sends nothing.`),
  )
}

function transforms(all: Data['head']['transforms'], { fixes }: Summary, wishes: Wishes): readonly HTMLElement[] {
  return all
    .filter(({ id }) => (fixes[id] ?? 0) > 0)
    .map(({ id, title, level, docs }) =>
      el(
        'tr',
        {},
        el('td', { class: 'count' }, String(fixes[id])),
        el(
          'td',
          {},
          button(id, { class: 'link' }, () => wishes.transform(id)),
          el('div', { class: 'muted' }, title),
        ),
        el('td', {}, level),
        el('td', {}, el('a', { href: docs, rel: 'noreferrer', target: '_blank' }, 'why')),
      ),
    )
}

function causeNote(outcome: 'decide' | 'know', { message, todo, image, count }: Cause, wishes: Wishes): HTMLElement {
  return el(
    'article',
    { class: `note ${outcome}` },
    el(
      'p',
      { class: 'what' },
      outcomeChip(outcome, count),
      ' ',
      message,
      image === undefined ? undefined : el('span', { class: 'muted' }, ` (${image})`),
      ' ',
      button('show', { class: 'link', 'aria-label': `Show the files: ${message}` }, () => wishes.search(message)),
    ),
    el('p', { class: 'todo' }, todo),
  )
}

function risks({ risks }: Summary): readonly HTMLElement[] {
  return risks.map(([text, changes]) => el('article', { class: 'note' }, el('p', {}, `${text} `, el('span', { class: 'muted' }, `(${plural(changes, 'change')})`))))
}
