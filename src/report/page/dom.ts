/** The only way that the page makes anything: elements by name, all text as text. No string is ever read as markup. */

export type Child = Node | string | undefined

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** `true` is an attribute without value, `false` and `undefined` are none. */
export function el<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value))
  made.append(...children.filter((child) => child !== undefined))
  return made
}

export function button(label: string, attributes: Attributes, pressed: () => void, ...children: readonly Child[]): HTMLButtonElement {
  const made = el('button', { type: 'button', ...attributes }, ...(children.length > 0 ? children : [label]))
  if (children.length > 0) made.setAttribute('aria-label', label)
  made.addEventListener('click', pressed)
  return made
}

/** A heading with what stands below it; nothing where there is nothing. */
export function section(title: string, attributes: Attributes, ...children: readonly Child[]): HTMLElement | undefined {
  if (children.every((child) => child === undefined)) return undefined
  return el('section', attributes, el('h3', {}, title), ...children)
}
