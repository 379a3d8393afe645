/** The page: reads the blocks once they are all there, and shows what the address says. */
import { plural } from '../safe.ts'
import { dataOf } from './blocks.ts'
import { button, el } from './dom.ts'
import { chosen, listed } from './filter.ts'
import { type FileView, fileView } from './file.ts'
import { filters } from './filters.ts'
import { helpDialog, type Key, listen } from './keys.ts'
import { fileList } from './list.ts'
import { overview } from './overview.ts'
import { EVERYTHING, hashOf, type State, stateOf } from './state.ts'
import { startTheme, toggleTheme } from './theme.ts'

startTheme()
document.addEventListener('DOMContentLoaded', start)

function start(): void {
  const data = dataOf(document)
  const all = data.entries.map(listed)
  const indexOf = new Map(all.map(({ entry, index }) => [entry.file, index]))
  let state = stateOf(location.hash)
  let rows = chosen(all, state)
  let view: FileView | undefined
  let change = -1

  const list = fileList((file) => hashOf({ ...state, file }))
  const wish = (wished: Partial<State>): void => show({ ...state, ...wished }, 'replace')
  const bar = filters(data, all, wish)
  const main = el('main', { tabindex: -1 })

  let waiting: ReturnType<typeof setTimeout> | undefined
  /** Browsers refuse an address that changes with every key held down, so it follows a little later. */
  function address(how: 'push' | 'replace' | 'as is'): void {
    clearTimeout(waiting)
    if (how === 'push') history.pushState(null, '', hashOf(state))
    else if (how === 'replace') waiting = setTimeout(() => history.replaceState(null, '', hashOf(state)), 200)
  }

  /** `push`: the browser's back button returns to what was shown before. */
  function show(next: State, how: 'push' | 'replace' | 'as is'): void {
    const before = state
    state = next
    address(how)
    if (hashOf({ ...before, file: '' }) !== hashOf({ ...next, file: '' })) {
      rows = chosen(all, next)
      list.show(rows)
    }
    bar.show(next, rows.length)
    if (before.file !== next.file) {
      openFile(next.file)
      main.querySelector('h2')?.focus()
    } else if (next.file !== undefined) main.querySelector('.position')?.replaceChildren(positionOf(next.file))
  }

  function openFile(file: string | undefined): void {
    const index = file === undefined ? undefined : indexOf.get(file)
    const found = index === undefined ? undefined : all[index]
    list.open(file)
    change = -1
    if (found === undefined) {
      view = undefined
      const wishes = {
        transform: (id: string) => wish({ ...EVERYTHING, transform: id }),
        search: (query: string) => wish({ ...EVERYTHING, query }),
        open: (one: string) => show({ ...EVERYTHING, file: one }, 'push'),
      }
      main.replaceChildren(overview(data, wishes, file))
    } else {
      view = fileView(found.entry, data.file(found.index), titleOf(found.entry.file))
      main.replaceChildren(view.element)
    }
    document.title = found === undefined ? 'podharden: review' : `${found.entry.file} · podharden`
    main.scrollTop = 0
  }

  /** Each folder of the path filters by itself. */
  function titleOf(file: string): HTMLElement {
    const steps = file.split('/')
    const name = steps.pop() ?? ''
    const crumbs = steps.map((step, i) => button(`${step}/`, { class: 'link', title: 'only this directory' }, () => wish({ folder: `${steps.slice(0, i + 1).join('/')}/` })))
    return el('header', { class: 'title' }, el('h2', { tabindex: -1 }, ...crumbs, name === '' ? '(the run)' : name), el('p', { class: 'muted position' }, positionOf(file)))
  }

  function positionOf(file: string): string {
    const at = rows.findIndex(({ entry }) => entry.file === file)
    return at === -1 ? 'not among the files that the filters leave' : `${at + 1} of ${plural(rows.length, 'file')}`
  }

  function step(by: 1 | -1): void {
    const at = rows.findIndex(({ entry }) => entry.file === state.file)
    const next = rows[at === -1 ? (by === 1 ? 0 : rows.length - 1) : at + by]
    if (next !== undefined) show({ ...state, file: next.entry.file }, 'replace')
  }

  function stepChange(by: 1 | -1): void {
    if (view?.diff === undefined) return
    const { diff } = view
    while (change + by >= diff.changes().length && diff.more());
    const next = diff.changes()[change + by]
    if (next === undefined) return
    change += by
    next.focus({ preventScroll: true })
    next.scrollIntoView({ block: next.clientHeight > main.clientHeight * 0.8 ? 'start' : 'center' })
  }

  const keys: readonly Key[] = [
    { key: '/', does: 'search', press: () => toSearch() },
    { key: 'j', does: 'next file', press: () => step(1) },
    { key: 'k', does: 'previous file', press: () => step(-1) },
    { key: 'n', does: 'next change in the file', press: () => stepChange(1) },
    { key: 'p', does: 'previous change', press: () => stepChange(-1) },
    { key: 'o', does: 'overview', press: () => showOverview() },
    { key: 't', does: 'light or dark', press: toggleTheme },
    { key: '?', does: 'these keys', press: () => help.showModal() },
  ]
  const help = helpDialog(keys)
  const toSearch = (): void => {
    bar.search.focus()
    bar.search.select()
  }
  const showOverview = (): void => {
    const { file: _, ...rest } = state
    show(rest, 'push')
  }
  listen(keys)
  bar.search.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') bar.search.blur()
    else if (key === 'Enter') step(1)
  })
  addEventListener('hashchange', () => show(stateOf(location.hash), 'as is'))
  addEventListener('popstate', () => show(stateOf(location.hash), 'as is'))

  const [first, ...others] = data.summary?.totals ?? []
  document.getElementById('app')?.replaceChildren(
    el(
      'header',
      { class: 'top' },
      el('h1', {}, 'podharden'),
      el('div', { class: 'totals' }, el('p', {}, el('b', {}, first ?? 'The run did not come to its end.')), ...others.map((line) => el('p', {}, line))),
      el(
        'div',
        { class: 'tools' },
        button('Overview', { class: 'plain' }, showOverview),
        button('Theme', { class: 'plain', 'aria-keyshortcuts': 't' }, toggleTheme),
        button('Keys', { class: 'plain', 'aria-keyshortcuts': '?' }, () => help.showModal()),
      ),
    ),
    el('nav', { 'aria-label': 'Files' }, bar.element, list.element),
    main,
    help,
  )
  list.show(rows)
  bar.show(state, rows.length)
  openFile(state.file)
}
