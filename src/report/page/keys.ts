/** The keyboard, and the list of its keys. */
import { button, el } from './dom.ts'

export interface Key {
  readonly key: string
  readonly does: string
  press(): void
}

/** One key each, never with Ctrl, Alt or Meta, which belong to the browser; none while something is typed. */
export function listen(keys: readonly Key[]): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    const target = event.target as Element | null
    if (target?.closest('input, select, dialog') !== null && target !== null) return
    const found = keys.find(({ key }) => key === event.key)
    if (found === undefined) return
    event.preventDefault()
    found.press()
  })
}

export function helpDialog(keys: readonly Key[]): HTMLDialogElement {
  const dialog = el(
    'dialog',
    { 'aria-labelledby': 'help-title' },
    el('h2', { id: 'help-title' }, 'Keys'),
    el(
      'dl',
      {},
      ...keys.flatMap(({ key, does }) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, does)]),
      el('dt', {}, el('kbd', {}, 'Esc')),
      el('dd', {}, 'out of the search, or out of this'),
    ),
  )
  dialog.append(button('Close', { class: 'plain' }, () => dialog.close()))
  return dialog
}
