/** Insertions and replacements in block style. Each function returns the edits, or says why it cannot. */
import { indentAt, lineBreakNear, lineEnd, lineStart, nextLine } from '../../text/lines.ts'
import type { Edit, Node } from '../../types.ts'
import type { ItemLayout, ListLayout, MapLayout, PairLayout, Slot } from './layout.ts'
import type { Position } from './position.ts'
import { renderItem, renderPair } from './render.ts'
import { column, type Style } from './style.ts'

export type Edits = readonly Edit[] | { readonly refused: string }

/** A whole-lines insertion at a line start, or behind the last line of a text without final line break. */
export function insertLines(text: string, offset: number, lines: readonly string[], depth: number): Edit {
  const eol = lineBreakNear(text, offset)
  const open = offset === text.length && offset > 0 && text[offset - 1] !== '\n'
  const block = open ? lines.map((line) => eol + line).join('') : lines.map((line) => line + eol).join('')
  return { start: offset, end: offset, text: block, depth }
}

/**
 * Line start behind the line that holds the end of a value, and behind the comment lines that belong to it: those
 * that follow at once by `stays`, and behind blank lines those to the right of `keys`, which are part of the value.
 */
function behind(text: string, end: number, keys: number, stays: (commentColumn: number) => boolean): number {
  // The text of a block scalar with kept line breaks ends at the start of a line already.
  let at = end > 0 && text[end - 1] === '\n' ? end : nextLine(text, end)
  while (at < text.length) {
    const indent = indentAt(text, at)
    if (text[at + indent] !== '#' || !stays(indent)) break
    at = nextLine(text, at)
  }
  let next = at
  while (next < text.length) {
    const indent = indentAt(text, next)
    const isBlank = text.slice(next + indent, lineEnd(text, next)).trim() === ''
    if (!isBlank && (text[next + indent] !== '#' || indent <= keys)) break
    next = nextLine(text, next)
    if (!isBlank) at = next
  }
  return at
}

/** Line start of a key's line, above the comment lines that announce it; undefined when something else begins on that line. */
function above(text: string, pair: PairLayout, previousEnd: number): number | undefined {
  let at = lineStart(text, pair.start)
  if (text.slice(at, pair.start).trim() !== '') return undefined
  const own = pair.start - at
  while (at > previousEnd) {
    const before = lineStart(text, at - 1)
    if (before < previousEnd || indentAt(text, before) !== own || text[before + own] !== '#') break
    at = before
  }
  return at
}

function offsetOf(text: string, map: MapLayout, position: Position): number | undefined {
  const keys = column(text, map.start)
  if ('before' in position) {
    const pair = map.pairs[position.before]
    if (pair === undefined) return undefined
    const previous = position.before === 0 ? 0 : (map.pairs[position.before - 1]?.end ?? 0)
    const at = above(text, pair, previous)
    return at ?? offsetOf(text, map, { after: position.before })
  }
  const pair = map.pairs[position.after]
  if (pair === undefined) return undefined
  if (pair.openEnd) return above(text, pair, map.pairs[position.after - 1]?.end ?? 0)
  const isLast = position.after === map.pairs.length - 1
  return behind(text, pair.end, keys, (at) => (isLast ? at >= keys : at > keys))
}

export function insertPair(text: string, map: MapLayout, position: Position, key: string, node: Node, style: Style, depth: number): Edits {
  const at = offsetOf(text, map, position)
  if (at === undefined) return { refused: 'there is no line to put the field on' }
  return [insertLines(text, at, renderPair(key, node, column(text, map.start), style), depth)]
}

export function appendItems(text: string, list: ListLayout, nodes: readonly Node[], style: Style, depth: number): Edits {
  const last = list.items.at(-1) as ItemLayout
  const dash = column(text, last.start)
  const sameLine = lineStart(text, last.start) === lineStart(text, last.slot.start)
  const width = sameLine && last.slot.start - last.start > 1 ? last.slot.start - last.start : style.dashWidth
  const char = text[last.slot.value]
  const quote = char === '"' || char === "'" ? char : ''
  const tail = text.slice(last.slot.value, last.end)
  if (last.end >= text.length && /^[|>]/.test(tail) && !text.endsWith('\n')) return { refused: 'the list ends in a text block that runs to the end of the file' }
  const at = behind(text, last.end, dash, (commentColumn) => commentColumn > dash)
  return [
    insertLines(
      text,
      at,
      nodes.flatMap((node) => renderItem(node, dash, { ...style, dashWidth: width }, quote)),
      depth,
    ),
  ]
}

/**
 * A pair whose value is null or an empty collection gets block lines below its key. `lines` are made for
 * a column: that of the commented-out children, if there are some, else one step in.
 */
export function fillBelow(text: string, map: MapLayout, pair: PairLayout, isList: boolean, style: Style, depth: number, lines: (at: number) => readonly string[]): Edits {
  if (!pair.hasColon) return { refused: 'the key has no colon' }
  const keys = column(text, map.start)
  const { slot } = pair
  const keyLine = lineStart(text, pair.colon)
  const edits: Edit[] = []
  if (slot.end > slot.value && lineStart(text, slot.value) !== keyLine) {
    // The value stands on a line of its own: the new lines take its place and its column.
    const at = column(text, slot.value)
    if (at <= keys && !isList) return { refused: 'the empty value stands left of where its children would go' }
    const eol = lineBreakNear(text, slot.value)
    return [{ start: slot.value, end: slot.end, text: lines(at).join(eol).slice(at) }]
  }
  if (slot.end > slot.value) {
    let from = slot.value
    while (text[from - 1] === ' ' || text[from - 1] === '\t') from--
    edits.push({ start: from, end: slot.end, text: '' })
  }
  const line = Math.max(pair.colon, slot.start)
  const at = nextLine(text, Math.max(line, slot.end))
  const comment = text[at + indentAt(text, at)] === '#' ? indentAt(text, at) : undefined
  const usual = keys + (isList ? style.listOffset : style.step)
  const wanted = comment !== undefined && comment > keys ? comment : usual
  edits.push(insertLines(text, at, lines(wanted), depth))
  return edits
}

/** Takes an item with its lines. One that shares a line with what is around it, or has a comment, cannot be taken. */
export function removeItem(text: string, list: ListLayout, index: number): Edits {
  const item = list.items[index] as ItemLayout
  return removeLines(text, item.start, item.start, item.end)
}

/** Takes a pair with its lines. A comment on the way would be lost, so then it cannot. */
export function removePair(text: string, pair: PairLayout): Edits {
  return removeLines(text, pair.start, pair.colon, pair.end)
}

function removeLines(text: string, from: number, marker: number, to: number): Edits {
  const start = lineStart(text, from)
  if (text.slice(start, from).trim() !== '') return { refused: 'other text stands before the field on its line' }
  const end = to > 0 && text[to - 1] === '\n' ? to : nextLine(text, to)
  if (text.slice(to, lineEnd(text, to)).trim() !== '' || /(?:^|\s)#/.test(text.slice(marker, to))) return { refused: 'a comment stands beside the field' }
  if (end === text.length && !text.endsWith('\n')) {
    const before = start === 0 ? 0 : text[start - 2] === '\r' ? start - 2 : start - 1
    return [{ start: before, end, text: '' }]
  }
  return [{ start, end, text: '' }]
}

/** An alias in block style becomes `<<: *alias` and the entries that differ, or the entries alone. */
export function replaceAlias(text: string, slot: Slot, at: number, onKeyLine: boolean, lines: readonly string[], depth: number): Edits {
  const eol = lineBreakNear(text, slot.start)
  if (!onKeyLine) return [{ start: slot.start, end: slot.end, text: lines.join(eol).slice(at) }]
  let from = slot.start
  while (text[from - 1] === ' ' || text[from - 1] === '\t') from--
  return [{ start: from, end: slot.end, text: '' }, insertLines(text, nextLine(text, slot.end), lines, depth)]
}
