/** Insertions in flow style and in JSON. Ends come from tokens, never from a search for a bracket. */
import { isBlankFrom, lineBreakNear, lineEnd, lineStart } from '../../text/lines.ts'
import type { Node } from '../../types.ts'
import type { Edits } from './edit-block.ts'
import type { ListLayout, MapLayout, PairLayout } from './layout.ts'
import type { Position } from './position.ts'
import { type FlowStyle, renderFlow, renderFlowPair, renderJson } from './render.ts'

/** The style of a flow map: measured on itself, else on `fallback`. */
export function flowStyleOf(text: string, map: MapLayout, fallback: FlowStyle): FlowStyle {
  const first = map.pairs[0]
  const second = map.pairs[1]
  if (first === undefined) return fallback
  const pad = /^[ \t]*/.exec(text.slice(map.start + 1, first.start))?.[0] ?? ''
  const between = second === undefined ? '' : text.slice(first.end, second.start)
  const colon = first.slot.end > first.colon ? /^[ \t]*/.exec(text.slice(first.colon, first.slot.start))?.[0] : undefined
  const quoteKeys = text[first.start] === '"'
  const value = text[first.slot.value]
  return {
    pad: text.slice(map.start + 1, first.start).includes('\n') ? fallback.pad : pad,
    comma: second === undefined ? (quoteKeys && colon === '' ? ',' : fallback.comma) : between.includes('\n') ? ', ' : `,${/^,([ \t]*)$/.exec(between.trimStart())?.[1] ?? ' '}`,
    // Without a blank a colon ends a key only behind a quote.
    colon: colon === '' && quoteKeys ? ':' : `:${colon === undefined || colon === '' ? ' ' : colon.length > 1 ? ' ' : colon}`,
    quoteKeys,
    quote: quoteKeys && value === '"' ? '"' : fallback.quote === '"' && quoteKeys ? '"' : '',
  }
}

interface Line {
  readonly indent: string
  /** The value begins its line. */
  readonly alone: boolean
}

function lineOf(text: string, offset: number): Line {
  const start = lineStart(text, offset)
  const before = text.slice(start, offset)
  const blanks = /^[ \t]*/.exec(before)?.[0] ?? ''
  return { indent: blanks, alone: blanks.length === before.length }
}

/** In JSON, new members go before an existing one: the comma is then on the new line and no old line changes. */
export function insertJsonPairs(text: string, map: MapLayout, position: Position, pairs: readonly (readonly [string, Node])[], style: FlowStyle, unit: string): Edits {
  const eol = lineBreakNear(text, map.start)
  if (map.pairs.length === 0) return fillJsonMap(text, map, pairs, style, unit, eol)
  const wanted = 'before' in position ? position.before : position.after + 1
  const target = map.pairs[Math.min(wanted, map.pairs.length - 1)]
  if (target === undefined) return { refused: 'there is no member to put the field beside' }
  const line = lineOf(text, target.start)
  const parts = pairs.map(([key, node]) =>
    line.alone ? `${JSON.stringify(key)}: ${renderJson(node, line.indent, unit, eol)},${eol}${line.indent}` : `${renderFlowPair(key, node, style)}${style.comma}`,
  )
  return [{ start: target.start, end: target.start, text: parts.join('') }]
}

function fillJsonMap(text: string, map: MapLayout, pairs: readonly (readonly [string, Node])[], style: FlowStyle, unit: string, eol: string): Edits {
  const inside = text.slice(map.start + 1, map.end - 1)
  if (inside.trim() !== '') return { refused: 'the braces hold text that is no member' }
  const span = { start: map.start + 1, end: map.end - 1 }
  const line = lineOf(text, map.start)
  if (!text.slice(0, map.start).includes('\n')) {
    return [{ ...span, text: pairs.map(([key, node]) => renderFlowPair(key, node, style)).join(style.comma) }]
  }
  const inner = line.indent + unit
  return [
    { ...span, text: `${eol}${inner}${pairs.map(([key, node]) => `${JSON.stringify(key)}: ${renderJson(node, inner, unit, eol)}`).join(`,${eol}${inner}`)}${eol}${line.indent}` },
  ]
}

/** Pairs at the end of a flow map: through its trailing comma, or with a comma behind the last value, before any comment. */
export function appendFlow(text: string, collection: MapLayout | ListLayout, parts: readonly string[], style: FlowStyle): Edits {
  const last = ('pairs' in collection ? collection.pairs : collection.items).at(-1)
  if (last === undefined) return fillFlow(text, collection, parts, style)
  const comma = collection.trailingComma
  const from = comma === undefined ? last.end : comma + 1
  const line = lineOf(text, last.start)
  const ownLine = line.alone && isBlankOrComment(text, from) && lineEnd(text, from) < collection.end - 1
  if (ownLine) {
    const eol = lineBreakNear(text, from)
    const at = lineEnd(text, from)
    const added = parts.map((part) => `${eol}${line.indent}${part}`).join(',')
    if (comma !== undefined) return [{ start: at, end: at, text: `${added},` }]
    return [
      { start: from, end: from, text: ',' },
      { start: at, end: at, text: added },
    ]
  }
  if (comma !== undefined) return [{ start: from, end: from, text: parts.map((part) => ` ${part},`).join('') }]
  return [{ start: from, end: from, text: parts.map((part) => style.comma + part).join('') }]
}

function isBlankOrComment(text: string, from: number): boolean {
  return isBlankFrom(text, from) || /^[ \t]+#/.test(text.slice(from, lineEnd(text, from)))
}

function fillFlow(text: string, collection: MapLayout | ListLayout, parts: readonly string[], style: FlowStyle): Edits {
  const inside = text.slice(collection.start + 1, collection.end - 1)
  const joined = parts.join(style.comma)
  if (inside.trim() === '') return [{ start: collection.start + 1, end: collection.end - 1, text: `${style.pad}${joined}${style.pad}` }]
  // A comment stands inside: the pairs get a line of their own before the closing bracket.
  const close = collection.end - 1
  const line = lineOf(text, close)
  if (!line.alone) return { refused: 'the braces hold text that is no pair' }
  const comment = /\n([ \t]*)#/.exec(inside)
  const start = lineStart(text, close)
  const indent = comment?.[1] !== undefined && comment[1].length > line.indent.length ? comment[1] : `${line.indent}  `
  return [{ start, end: start, text: `${indent}${joined}${lineBreakNear(text, start)}` }]
}

/** Items at the end of a JSON list. The line of the last item gets its comma; that cannot be avoided. */
export function appendJsonItems(text: string, list: ListLayout, nodes: readonly Node[], style: FlowStyle, unit: string): Edits {
  const last = list.items.at(-1)
  const eol = lineBreakNear(text, list.start)
  if (last === undefined) {
    const line = lineOf(text, list.start)
    const span = { start: list.start + 1, end: list.end - 1 }
    if (text.slice(span.start, span.end).trim() !== '') return { refused: 'the brackets hold text that is no item' }
    if (!text.slice(0, list.start).includes('\n')) return [{ ...span, text: nodes.map((node) => renderFlow(node, style)).join(style.comma) }]
    const inner = line.indent + unit
    return [{ ...span, text: `${eol}${inner}${nodes.map((node) => renderJson(node, inner, unit, eol)).join(`,${eol}${inner}`)}${eol}${line.indent}` }]
  }
  const line = lineOf(text, last.start)
  const spread = text.slice(list.start, list.end).includes('\n')
  const parts = nodes.map((node) =>
    line.alone
      ? `,${eol}${line.indent}${renderJson(node, line.indent, unit, eol)}`
      : spread
        ? `, ${renderJson(node, lineOf(text, last.end - 1).indent, unit, eol)}`
        : `${style.comma}${renderFlow(node, style)}`,
  )
  return [{ start: last.end, end: last.end, text: parts.join('') }]
}

/** Takes a pair with one of the commas beside it. A comment on the way would be lost, so then it cannot. */
export function removeFlowPair(text: string, map: MapLayout, pair: PairLayout): Edits {
  return cutOut(text, map.pairs, map.pairs.indexOf(pair))
}

/** The same for an item of a list. */
export function removeFlowItem(text: string, list: ListLayout, index: number): Edits {
  return cutOut(text, list.items, index)
}

function cutOut(text: string, parts: readonly { readonly start: number; readonly end: number }[], index: number): Edits {
  const own = parts[index] as { readonly start: number; readonly end: number }
  const next = parts[index + 1]
  const previous = parts[index - 1]
  const span = next !== undefined ? { start: own.start, end: next.start } : previous !== undefined ? { start: previous.end, end: own.end } : own
  if (/(?:^|\s)#/.test(text.slice(span.start, span.end))) return { refused: 'a comment stands beside the field' }
  return [{ start: span.start, end: span.end, text: '' }]
}
