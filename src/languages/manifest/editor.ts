/**
 * One document as it is and as it must read, walked side by side: each difference becomes an edit in the style of
 * its surroundings, or a refusal with its place.
 */
import { inFieldOrder } from '../../kube/order.ts'
import { columnAt, isBlankFrom, lineBreakNear, lineStart } from '../../text/lines.ts'
import { overlaps } from '../../text/paths.ts'
import { isNull, nodeAt, sameNode } from '../../tree.ts'
import type { Edit, ListNode, MapNode, Node, Path, Place, ReviewReason } from '../../types.ts'
import { appendItems, type Edits, fillBelow, insertPair, removeItem, removePair, replaceAlias } from './edit-block.ts'
import { appendFlow, appendJsonItems, flowStyleOf, insertJsonPairs, removeFlowItem, removeFlowPair } from './edit-flow.ts'
import { type ListLayout, listLayout, type MapLayout, mapLayout, type PairLayout, type Slot } from './layout.ts'
import type { ParsedDocument } from './parse.ts'
import { positionOf } from './position.ts'
import { FLOW, type FlowStyle, type Quote, renderEntries, renderFlow, renderFlowPair, renderItem, renderJson, renderPair, renderScalar } from './render.ts'
import { entriesBesideMerge, findSharing, type Sharing } from './sharing.ts'
import { column, DEFAULT_STYLE, measureStyle, type Style } from './style.ts'

/** The place of the nearest written node at or above a path. */
export function placeNear(root: Node, path: Path): Place | undefined {
  for (let length = path.length; length > 0; length--) {
    const at = nodeAt(root, path.slice(0, length))?.at
    if (at !== undefined) return at
  }
  return undefined
}

export interface EditorRefusal {
  readonly path: Path
  readonly reason: ReviewReason
  readonly message: string
  readonly at: Place | undefined
}

/** Where a value stands: in a pair of a map, as an item of a list, or as the root. */
interface Context {
  readonly path: Path
  readonly map?: MapLayout
  readonly pair?: PairLayout
  readonly slot?: Slot
  readonly inFlow: boolean
}

export class DocumentEditor {
  readonly edits: Edit[] = []
  readonly refusals: EditorRefusal[] = []
  readonly #text: string
  readonly #document: ParsedDocument
  readonly #wanted: Node
  readonly #specs: readonly Path[]
  readonly #json: boolean
  readonly #flow: FlowStyle
  #sharing: Sharing | undefined
  readonly #styles = new Map<string, Style>()
  #unit: string | undefined

  constructor(text: string, document: ParsedDocument, wanted: Node, specs: readonly Path[]) {
    this.#text = text
    this.#document = document
    this.#wanted = wanted
    this.#specs = specs
    const root = mapLayout(document.root)
    const first = root?.pairs[0]
    this.#json = root?.style === 'flow' && (document.file.endsWith('.json') || (first !== undefined && text[first.start] === '"'))
    const minified = this.#json && root !== undefined && !text.slice(root.start, root.end).includes('\n')
    this.#flow = this.#json ? { ...FLOW, quoteKeys: true, quote: '"', ...(minified && first !== undefined && text[first.colon] !== ' ' ? { comma: ',', colon: ':' } : {}) } : FLOW
  }

  run(): void {
    if (this.#document.shares) {
      this.#sharing = findSharing(this.#document.root, this.#wanted, this.#document.hidden)
      for (const { own, places } of this.#sharing.conflicts.values()) {
        this.#refuse(own, 'shared-node', `the same text is used elsewhere (${places === 1 ? 'one place' : `${places} places`}) where it must stay as it is`)
      }
    }
    this.#visit(this.#document.root, this.#wanted, { path: [], inFlow: false })
  }

  #refuse(path: Path, reason: ReviewReason, message: string): void {
    this.refusals.push({ path, reason, message, at: placeNear(this.#document.root, path) })
  }

  #take(path: Path, edits: Edits): void {
    if ('refused' in edits) this.#refuse(path, 'opaque', edits.refused)
    else this.edits.push(...edits)
  }

  #styleAt(path: Path): Style {
    const spec = this.#specs.find((candidate) => overlaps(candidate, path) && candidate.length <= path.length) ?? []
    const key = spec.join('/')
    const known = this.#styles.get(key)
    if (known !== undefined) return known
    const near = nodeAt(this.#document.root, spec) ?? this.#document.root
    const style = this.#json ? DEFAULT_STYLE : measureStyle(this.#text, near, this.#document.root)
    this.#styles.set(key, style)
    return style
  }

  /** One level of JSON indentation: the blanks before the first member of the root. */
  #jsonUnit(): string {
    if (this.#unit === undefined) {
      const first = mapLayout(this.#document.root)?.pairs[0]
      const start = first === undefined ? 0 : lineStart(this.#text, first.start)
      const blanks = first === undefined ? '' : this.#text.slice(start, first.start)
      this.#unit = /^[ \t]+$/.test(blanks) ? blanks : '  '
    }
    return this.#unit
  }

  #visit(node: Node, want: Node, at: Context): void {
    if (node === want || sameNode(node, want)) return
    if (at.slot?.alias === true) {
      this.#alias(node, want, at)
      return
    }
    if (this.#sharing?.conflicts.has(node) === true) return
    if (isNull(node) || (node.is === 'map' && node.entries.size === 0) || (node.is === 'list' && node.items.length === 0)) {
      this.#fill(node, want, at)
    } else if (node.is === 'map' && want.is === 'map') this.#map(node, want, at)
    else if (node.is === 'list' && want.is === 'list') this.#list(node, want, at)
    else if (node.is === 'value' && want.is === 'value') this.#scalar(node, want, at)
    else this.#refuse(at.path, 'wrong-type', 'the value has another type than the field')
  }

  #map(node: MapNode, want: MapNode, at: Context): void {
    const layout = mapLayout(node)
    if (layout === undefined) {
      this.#refuse(at.path, 'opaque', 'the text of this map cannot be edited')
      return
    }
    const added: string[] = []
    for (const [key, entry] of want.entries) {
      const old = node.entries.get(key)
      if (old === undefined || old.inherited === true) {
        if (!this.#inherits(layout, key, entry.node)) added.push(key)
        continue
      }
      const pair = layout.pairs.find((other) => other.key === key)
      if (pair === undefined) this.#refuse([...at.path, key], 'opaque', 'the text of this field was not found')
      else this.#visit(old.node, entry.node, { path: [...at.path, key], map: layout, pair, slot: pair.slot, inFlow: layout.style === 'flow' })
    }
    for (const [key, entry] of node.entries) {
      if (want.entries.has(key)) continue
      const pair = layout.pairs.find((other) => other.key === key)
      const path = [...at.path, key]
      if (pair === undefined || entry.inherited === true) this.#refuse(path, 'opaque', 'the field cannot be taken out here')
      else this.#take(path, layout.style === 'flow' ? removeFlowPair(this.#text, layout, pair) : removePair(this.#text, pair))
    }
    if (added.length > 0) this.#add(layout, want, inFieldOrder(added), at)
  }

  /** A merge key brings the entry as it must be, once its source is edited. */
  #inherits(layout: MapLayout, key: string, want: Node): boolean {
    for (const source of layout.merges) {
      const later = this.#sharing?.own.get(source) ?? source
      const entry = later.is === 'map' ? later.entries.get(key) : undefined
      if (entry !== undefined) return sameNode(this.#sharing?.own.get(entry.node) ?? entry.node, want)
    }
    return false
  }

  #add(layout: MapLayout, want: MapNode, keys: readonly string[], at: Context): void {
    const text = this.#text
    const names = layout.pairs.map(({ key }) => key)
    const node = (key: string): Node => want.entries.get(key)?.node as Node
    const container = want.entries.get('containers')?.node
    const inside = mapLayout(container?.is === 'list' ? container.items[0] : undefined)?.pairs.map(({ key }) => key)
    if (layout.style === 'block') {
      const style = this.#styleAt(at.path)
      for (const key of keys) this.#take([...at.path, key], insertPair(text, layout, positionOf(names, at.path, key, inside), key, node(key), style, at.path.length))
      return
    }
    const flow = flowStyleOf(text, layout, this.#flow)
    if (this.#json) {
      for (const key of keys) {
        const position = names.length === 0 ? { after: 0 } : positionOf(names, at.path, key, inside)
        this.#take([...at.path, key], insertJsonPairs(text, layout, position, [[key, node(key)]], flow, this.#jsonUnit()))
      }
      return
    }
    this.#take(
      at.path,
      appendFlow(
        text,
        layout,
        keys.map((key) => renderFlowPair(key, node(key), flow)),
        flow,
      ),
    )
  }

  #list(node: Node, want: Node, at: Context): void {
    const layout = listLayout(node)
    if (node.is === 'list' && want.is === 'list' && layout !== undefined && want.items.length < node.items.length) {
      this.#shorten(node, want, layout, at)
      return
    }
    if (node.is !== 'list' || want.is !== 'list' || layout === undefined) {
      this.#refuse(at.path, 'opaque', 'the text of this list cannot be edited')
      return
    }
    node.items.forEach((item, i) => {
      const slot = layout.items[i]?.slot
      if (slot !== undefined) this.#visit(item, want.items[i] as Node, { path: [...at.path, i], slot, inFlow: layout.style === 'flow' })
    })
    const added = want.items.slice(node.items.length)
    if (added.length === 0) return
    if (layout.style === 'block') this.#take(at.path, appendItems(this.#text, layout, added, this.#styleAt(at.path), at.path.length + 1))
    else if (this.#json) this.#take(at.path, appendJsonItems(this.#text, layout, added, this.#flow, this.#jsonUnit()))
    else {
      const quote = quoteAt(this.#text, layout.items.at(-1)?.slot)
      const between = layout.items.length > 1 ? this.#text.slice(layout.items.at(-2)?.end, layout.items.at(-1)?.start) : ', '
      const comma = /^,[ \t]*$/.test(between) ? between : ', '
      this.#take(
        at.path,
        appendFlow(
          this.#text,
          layout,
          added.map((item) => renderFlow(item, { ...this.#flow, quote })),
          { ...this.#flow, comma },
        ),
      )
    }
  }

  /** Items that are gone; the others stay as they are, in their order. */
  #shorten(node: ListNode, want: ListNode, layout: ListLayout, at: Context): void {
    let kept = 0
    const gone: number[] = []
    node.items.forEach((item, index) => {
      const next = want.items[kept]
      if (next === undefined || !alike(item, next)) {
        gone.push(index)
        return
      }
      kept++
      const slot = layout.items[index]?.slot
      if (slot !== undefined) this.#visit(item, next, { path: [...at.path, index], slot, inFlow: layout.style === 'flow' })
    })
    if (kept < want.items.length || kept === 0) this.#refuse(at.path, 'opaque', 'the text of this list cannot be edited')
    else for (const index of gone) this.#take([...at.path, index], layout.style === 'flow' ? removeFlowItem(this.#text, layout, index) : removeItem(this.#text, layout, index))
  }

  #scalar(node: Node, want: Node, at: Context): void {
    if (want.is !== 'value' || node.is !== 'value' || at.slot === undefined) return
    const token = this.#text.slice(at.slot.value, at.slot.end)
    if (token.includes('\n') || /^[|>]/.test(token)) {
      this.#refuse(at.path, 'opaque', 'the value is text over several lines')
      return
    }
    const quote: Quote = this.#json && typeof want.value === 'string' ? '"' : quoteAt(this.#text, at.slot)
    this.edits.push({ start: at.slot.value, end: at.slot.end, text: renderScalar(want.value, quote) })
  }

  /** Null, `{}` or `[]` that must hold something. */
  #fill(node: Node, want: Node, at: Context): void {
    const text = this.#text
    const { pair, map, slot } = at
    if (want.is === 'value') {
      if (slot !== undefined && slot.end > slot.value) this.edits.push({ start: slot.value, end: slot.end, text: renderScalar(want.value) })
      else this.#refuse(at.path, 'opaque', 'there is no value to replace')
      return
    }
    if (slot === undefined) {
      this.#refuse(at.path, 'opaque', 'the text of this value cannot be edited')
      return
    }
    const layout = node.is === 'map' ? mapLayout(node) : node.is === 'list' ? listLayout(node) : undefined
    const inside = layout === undefined ? '' : text.slice(layout.start + 1, layout.end - 1)
    const ownComment = inside.trim() !== ''
    if (at.inFlow || ownComment || pair === undefined || map === undefined) {
      this.#fillFlow(layout, want, at, slot)
      return
    }
    // A comment behind a value on its own line stays behind that value, so the value stays on one line.
    if (slot.end > slot.value && lineStart(text, slot.value) !== lineStart(text, pair.colon) && !isBlankFrom(text, slot.end)) {
      this.#fillFlow(layout, want, at, slot)
      return
    }
    const style = this.#styleAt(at.path)
    const lines = (start: number): readonly string[] =>
      want.is === 'map' ? renderEntries(want, start, style) : want.is === 'list' ? want.items.flatMap((item) => renderItem(item, start, style)) : []
    this.#take(at.path, fillBelow(text, map, pair, want.is === 'list', style, at.path.length, lines))
  }

  /** Over several lines where the document is written so. */
  #jsonText(want: Node, at: number): string {
    const text = this.#text
    if (!text.slice(this.#document.span.start, at).trimStart().includes('\n')) return renderFlow(want, this.#flow)
    const indent = /^[ \t]*/.exec(text.slice(lineStart(text, at), at))?.[0] ?? ''
    return renderJson(want, indent, this.#jsonUnit(), lineBreakNear(text, at))
  }

  #fillFlow(layout: MapLayout | ReturnType<typeof listLayout>, want: Node, at: Context, slot: Slot): void {
    const flow = at.map === undefined ? this.#flow : flowStyleOf(this.#text, at.map, this.#flow)
    if (layout === undefined) {
      if (slot.end > slot.value) this.edits.push({ start: slot.value, end: slot.end, text: this.#json ? this.#jsonText(want, slot.value) : renderFlow(want, flow) })
      else if (at.pair !== undefined) {
        const lead = !at.pair.hasColon ? ': ' : /[ \t]/.test(this.#text[slot.value - 1] ?? '') ? '' : ' '
        this.edits.push({ start: slot.value, end: slot.value, text: lead + renderFlow(want, flow) })
      } else this.#refuse(at.path, 'opaque', 'there is no value to replace')
      return
    }
    if (this.#json && want.is === 'map' && 'pairs' in layout) {
      const pairs = inFieldOrder([...want.entries.keys()]).map((key) => [key, want.entries.get(key)?.node as Node] as const)
      this.#take(at.path, insertJsonPairs(this.#text, layout, { after: 0 }, pairs, this.#flow, this.#jsonUnit()))
    } else if (this.#json && want.is === 'list' && 'items' in layout) {
      this.#take(at.path, appendJsonItems(this.#text, layout, want.items, this.#flow, this.#jsonUnit()))
    } else if (want.is === 'map') {
      const parts = inFieldOrder([...want.entries.keys()]).map((key) => renderFlowPair(key, want.entries.get(key)?.node as Node, flow))
      this.#take(at.path, appendFlow(this.#text, layout, parts, flow))
    } else if (want.is === 'list')
      this.#take(
        at.path,
        appendFlow(
          this.#text,
          layout,
          want.items.map((item) => renderFlow(item, flow)),
          flow,
        ),
      )
  }

  /** A use of an anchor. Nothing to do where the anchor's own edit brings what is wanted here too. */
  #alias(node: Node, want: Node, at: Context): void {
    const later = this.#sharing?.own.get(node) ?? node
    if (sameNode(later, want)) return
    const slot = at.slot as Slot
    if (node.is === 'value' && want.is === 'value') {
      this.edits.push({ start: slot.start, end: slot.end, text: renderScalar(want.value) })
      return
    }
    if (want.is !== 'map' || (node.is !== 'map' && !isNull(node))) {
      this.#refuse(at.path, 'shared-node', 'the value is shared through an alias, and the places need different things')
      return
    }
    const empty = node.is !== 'map' || node.entries.size === 0
    const keys = empty ? [...want.entries.keys()] : entriesBesideMerge(later, want)
    if (keys === undefined) {
      this.#refuse(at.path, 'shared-node', 'the value is shared through an alias, and the places need different things')
      return
    }
    const ordered = inFieldOrder(keys)
    const alias = this.#text.slice(slot.start, slot.end)
    const child = (key: string): Node => want.entries.get(key)?.node as Node
    if (at.inFlow) {
      const parts = ordered.map((key) => renderFlowPair(key, child(key), this.#flow))
      const merge = empty ? [] : [`<<: ${alias}`]
      this.edits.push({ start: slot.start, end: slot.end, text: `{${[...merge, ...parts].join(', ')}}` })
      return
    }
    const style = this.#styleAt(at.path)
    const onKeyLine = at.pair !== undefined
    const start = onKeyLine ? column(this.#text, (at.map as MapLayout).start) + style.step : columnAt(this.#text, slot.start)
    const lines = [...(empty ? [] : [`${' '.repeat(start)}<<: ${alias}`]), ...ordered.flatMap((key) => renderPair(key, child(key), start, style))]
    this.#take(at.path, replaceAlias(this.#text, slot, start, onKeyLine, lines, at.path.length))
  }
}

/** The same item, maybe with a field changed. Only a guess: the proof compares what comes of it. */
function alike(a: Node, b: Node): boolean {
  if (sameNode(a, b)) return true
  return a.is === 'map' && b.is === 'map' && [...a.entries].some(([key, { node }]) => sameNode(node, b.entries.get(key)?.node))
}

function quoteAt(text: string, slot: Slot | undefined): Quote {
  const char = slot === undefined ? '' : text[slot.value]
  return char === '"' || char === "'" ? char : ''
}
