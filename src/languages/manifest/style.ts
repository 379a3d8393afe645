/** How the author writes: measured near the edit, most frequent value first. */
import { columnAt, lineStart } from '../../text/lines.ts'
import type { Node } from '../../types.ts'
import { listLayout, mapLayout } from './layout.ts'

export interface Style {
  /** Columns from a map's keys to the keys of a map inside it. */
  readonly step: number
  /** Columns from a map's keys to the dash of a list inside it. */
  readonly listOffset: number
  /** Columns from a dash to what follows it. */
  readonly dashWidth: number
  /** How short lists of names (`drop`, `add`) are written here. */
  readonly names: 'block' | 'flow'
  readonly quote: '' | '"' | "'"
}

export const DEFAULT_STYLE: Style = { step: 2, listOffset: 0, dashWidth: 2, names: 'block', quote: '' }

/** Column by what an editor shows; a byte order mark in the middle of a file takes none. */
export function column(text: string, offset: number): number {
  const at = columnAt(text, offset)
  return at > 0 && text.charCodeAt(lineStart(text, offset)) === 0xfeff ? at - 1 : at
}

/** Measures `near` first, then `around` for what `near` does not show. */
export function measureStyle(text: string, near: Node, around: Node): Style {
  const inner = new Measure(text)
  inner.visit(near, undefined, 0)
  const outer = inner.complete ? inner : new Measure(text)
  if (outer !== inner) outer.visit(around, undefined, 0)
  const pick = <T>(get: (measure: Measure) => T | undefined, fallback: T): T => get(inner) ?? get(outer) ?? fallback
  const step = pick((m) => mostFrequent(m.steps), DEFAULT_STYLE.step)
  return {
    step,
    listOffset: pick((m) => mostFrequent(m.offsets), DEFAULT_STYLE.listOffset),
    dashWidth: pick((m) => mostFrequent(m.dashes), DEFAULT_STYLE.dashWidth),
    names: pick((m) => m.names?.style, DEFAULT_STYLE.names),
    quote: pick((m) => m.names?.quote, DEFAULT_STYLE.quote),
  }
}

class Measure {
  readonly steps = new Map<number, number>()
  readonly offsets = new Map<number, number>()
  readonly dashes = new Map<number, number>()
  names: { readonly style: 'block' | 'flow'; readonly quote: '' | '"' | "'" } | undefined
  readonly #text: string
  readonly #seen = new Set<Node>()

  constructor(text: string) {
    this.#text = text
  }

  get complete(): boolean {
    return this.steps.size > 0 && this.offsets.size > 0 && this.dashes.size > 0 && this.names !== undefined
  }

  visit(node: Node, parent: number | undefined, depth: number): void {
    if (depth > 60 || this.#seen.has(node)) return
    this.#seen.add(node)
    if (node.is === 'map') {
      const layout = mapLayout(node)
      const own = layout?.style === 'block' ? column(this.#text, layout.start) : undefined
      if (own !== undefined && parent !== undefined && own > parent) count(this.steps, own - parent)
      for (const [key, { node: child, inherited }] of node.entries) {
        if (inherited === true) continue
        if ((key === 'drop' || key === 'add') && child.is === 'list') this.#names(child)
        this.visit(child, own, depth + 1)
      }
    } else if (node.is === 'list') {
      const layout = listLayout(node)
      const own = layout?.style === 'block' ? column(this.#text, layout.start) : undefined
      if (own !== undefined && parent !== undefined && own >= parent) count(this.offsets, own - parent)
      node.items.forEach((child, i) => {
        const item = layout?.items[i]
        if (own !== undefined && item !== undefined && lineStart(this.#text, item.slot.start) === lineStart(this.#text, item.start)) {
          const width = item.slot.start - item.start
          if (width > 1) count(this.dashes, width)
        }
        this.visit(child, undefined, depth + 1)
      })
    }
  }

  #names(list: Node): void {
    const layout = listLayout(list)
    if (this.names !== undefined || layout === undefined || list.is !== 'list' || list.items.length === 0) return
    const first = layout.items[0]
    const char = first === undefined ? '' : this.#text[first.slot.value]
    this.names = { style: layout.style, quote: char === '"' || char === "'" ? char : '' }
  }
}

function count(counts: Map<number, number>, value: number): void {
  counts.set(value, (counts.get(value) ?? 0) + 1)
}

function mostFrequent(counts: ReadonlyMap<number, number>): number | undefined {
  let best: number | undefined
  for (const [value, times] of counts) if (best === undefined || times > (counts.get(best) ?? 0)) best = value
  return best
}
