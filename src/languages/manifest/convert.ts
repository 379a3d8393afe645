/** The parser's tree to neutral nodes with layout. The only file that knows the shape of both. */
import { type CST, isAlias, isMap, isPair, isScalar, isSeq, type Pair, type ParsedNode, type YAMLMap, type YAMLSeq } from 'yaml'
import { lineStart } from '../../text/lines.ts'
import type { Entry, Node, Path } from '../../types.ts'
import type { Duplicate, ItemLayout, LaidList, LaidMap, ListLayout, MapLayout, PairLayout, Slot } from './layout.ts'
import { plainValue } from './scalar.ts'
import { endOfSource, endOfToken, lastToken, lineComment } from './tokens.ts'

/** Composed nodes of one document to neutral nodes with layout. */
export class Converter {
  readonly duplicates: Duplicate[] = []
  readonly hidden = new Set<Node>()
  shares = false
  readonly #anchors = new Map<string, Node>()
  readonly #file: string
  readonly #text: string
  readonly #base: number

  constructor(file: string, text: string, base: number) {
    this.#file = file
    this.#text = text
    this.#base = base
  }

  convert(node: ParsedNode | null, path: Path = []): Node {
    if (node === null) return { is: 'value', value: null }
    if (isAlias(node)) {
      this.shares = true
      return this.#anchors.get(node.source) ?? { is: 'opaque', why: 'alias', text: `*${node.source}`, at: this.#place(node.range) }
    }
    const made = this.#make(node, path)
    const anchor = (node as { anchor?: string }).anchor
    if (anchor !== undefined) this.#anchors.set(anchor, made)
    return made
  }

  #make(node: ParsedNode, path: Path): Node {
    if (isScalar(node)) {
      const raw = node.srcToken !== undefined && 'source' in node.srcToken ? node.srcToken.source : ''
      const quoted = node.type !== 'PLAIN' && node.type !== undefined
      const string = quoted || (node.tag?.endsWith(':str') === true && this.#tagged(node))
      const value = string ? String(node.value ?? '') : plainValue(node.source ?? raw)
      const comment = lineComment(node.srcToken)
      const at = this.#place(node.range)
      return comment === undefined ? { is: 'value', value, raw, quoted, at } : { is: 'value', value, raw, quoted, at, comment }
    }
    if (isMap(node)) return this.#map(node as YAMLMap.Parsed, path)
    if (isSeq(node)) return this.#list(node as YAMLSeq.Parsed, path)
    return { is: 'opaque', why: 'unsupported', text: '', at: this.#place(node.range) }
  }

  /** The composer resolves `!!str` itself; a plain string has the same tag without one being written. */
  #tagged(node: { range?: readonly number[] | null }): boolean {
    const start = this.#base + (node.range?.[0] ?? 0)
    return /!(?:!str|<tag:yaml\.org,2002:str>)[ \t]+(?:&\S+[ \t]+)?$/.test(this.#text.slice(lineStart(this.#text, start), start))
  }

  #map(node: YAMLMap.Parsed, path: Path): Node {
    const token = node.srcToken
    const entries = new Map<string, Entry>()
    const pairs: PairLayout[] = []
    const merges: Node[] = []
    let open = false
    for (const pair of node.items as Pair<ParsedNode, ParsedNode | null>[]) {
      const layout = this.#pair(pair)
      const keyNode = pair.key
      if (isScalar(keyNode) && keyNode.source === '<<' && keyNode.type === 'PLAIN') {
        const source = this.convert(pair.value, [...path, '<<'])
        for (const from of source.is === 'list' ? source.items : [source]) {
          if (from.is === 'map') merges.push(from)
          else open = true
        }
        if (layout !== undefined) pairs.push({ ...layout, key: '<<' })
        continue
      }
      if (!isScalar(keyNode)) {
        // A complex key or an alias as key: something is here that cannot be named.
        open = true
        this.#hide(this.convert(pair.value, path))
        if (layout !== undefined) pairs.push(layout)
        continue
      }
      const key = String(keyNode.value ?? '')
      const child = this.convert(pair.value, [...path, key])
      const at = this.#place(keyNode.range)
      if (entries.has(key)) {
        this.duplicates.push({ path, key, at: at.span.start })
        this.#hide(entries.get(key)?.node)
        this.#hide(child)
        entries.set(key, { key: at, node: { is: 'opaque', why: 'duplicate-key', text: key, at } })
      } else entries.set(key, { key: at, node: child })
      if (layout !== undefined) pairs.push({ ...layout, key })
    }
    for (const from of merges) {
      this.shares = true
      if (from.is !== 'map') continue
      for (const [key, entry] of from.entries) if (!entries.has(key)) entries.set(key, { ...entry, inherited: true })
      if (from.open) open = true
    }
    const at = this.#place(node.range)
    if (token === undefined || pairs.length !== node.items.length) return { is: 'map', entries, open, at }
    const start = this.#base + (token.type === 'block-map' ? (pairs[0]?.start ?? token.offset + this.#base) - this.#base : token.offset)
    const layout: MapLayout = {
      style: token.type === 'block-map' ? 'block' : 'flow',
      start,
      end: this.#base + endOfToken(token),
      pairs,
      trailingComma: token.type === 'flow-collection' ? this.#trailingComma(token) : undefined,
      merges,
    }
    const made: LaidMap = { is: 'map', entries, open, at: { file: this.#file, span: { start: layout.start, end: layout.end } }, layout }
    return made
  }

  #hide(node: Node | undefined): void {
    if (node === undefined || this.hidden.has(node)) return
    this.hidden.add(node)
    if (node.is === 'list') for (const item of node.items) this.#hide(item)
    else if (node.is === 'map') for (const { node: child } of node.entries.values()) this.#hide(child)
  }

  #pair(pair: Pair<ParsedNode, ParsedNode | null>): PairLayout | undefined {
    const token = pair.srcToken
    if (token === undefined || !('key' in token) || token.key === undefined) return undefined
    const keyToken = token.key
    const firstProp = token.start.find(({ type }) => type === 'explicit-key-ind' || type === 'anchor' || type === 'tag')
    const keyStart = firstProp?.offset ?? keyToken?.offset ?? 0
    const keyEnd = keyToken === null ? keyStart : endOfToken(keyToken)
    const colonToken = token.sep?.find(({ type }) => type === 'map-value-ind')
    const colon = colonToken === undefined ? keyEnd : colonToken.offset + 1
    const slot = this.#slot(token.sep ?? [], token.value, colon, pair.value)
    return {
      key: '',
      start: this.#base + keyStart,
      colon: this.#base + colon,
      hasColon: colonToken !== undefined,
      explicit: token.start.some(({ type }) => type === 'explicit-key-ind'),
      end: Math.max(slot.end, this.#base + colon),
      slot,
      openEnd: this.#runsToTheEnd(token.value),
    }
  }

  /** A block scalar at the end of a text without final line break: a line added after it would add one to the value. */
  #runsToTheEnd(token: CST.Token | null | undefined): boolean {
    const last = lastToken(token)
    if (last?.type !== 'block-scalar') return false
    const end = this.#base + endOfToken(last)
    return end >= this.#text.length && !this.#text.endsWith('\n')
  }

  #slot(before: readonly CST.SourceToken[], token: CST.Token | null | undefined, marker: number, node: unknown): Slot {
    let first: CST.SourceToken | undefined
    let last: CST.SourceToken | undefined
    let anchored = false
    for (const part of before) {
      if (part.type !== 'anchor' && part.type !== 'tag') continue
      first ??= part
      last = part
      if (part.type === 'anchor') anchored = true
    }
    const has = token !== null && token !== undefined
    const value = has ? token.offset : last === undefined ? marker : endOfSource(last)
    const start = first?.offset ?? value
    const end = has ? endOfToken(token) : value
    return { start: this.#base + start, value: this.#base + value, end: this.#base + Math.max(end, start), alias: isAlias(node), anchored }
  }

  #list(node: YAMLSeq.Parsed, path: Path): Node {
    const token = node.srcToken
    const items: Node[] = []
    const layouts: ItemLayout[] = []
    const nodes = node.items as (ParsedNode | Pair<ParsedNode, ParsedNode | null>)[]
    const sources =
      token === undefined
        ? []
        : token.items.filter((item) =>
            token.type === 'block-seq'
              ? item.start.some(({ type }) => type === 'seq-item-ind')
              : item.value !== undefined || item.sep !== undefined || item.key !== undefined || item.start.some(({ type }) => type === 'anchor' || type === 'tag'),
          )
    nodes.forEach((item, index) => {
      items.push(isPair(item) ? { is: 'opaque', why: 'unsupported', text: '' } : this.convert(item, [...path, index]))
      const source = sources[index]
      if (source === undefined) return
      const dash = source.start.find(({ type }) => type === 'seq-item-ind')
      const marker = dash === undefined ? ((source.key ?? source.value)?.offset ?? 0) : dash.offset + 1
      const slot = this.#slot(source.start, source.key === undefined ? source.value : (source.value ?? source.key), marker, item)
      const start = dash === undefined ? slot.start : this.#base + dash.offset
      layouts.push({ start, end: Math.max(slot.end, this.#base + marker), slot })
    })
    const at = this.#place(node.range)
    if (token === undefined || layouts.length !== items.length) return { is: 'list', items, open: false, at }
    const layout: ListLayout = {
      style: token.type === 'block-seq' ? 'block' : 'flow',
      start: layouts[0] !== undefined && token.type === 'block-seq' ? layouts[0].start : this.#base + token.offset,
      end: this.#base + endOfToken(token),
      items: layouts,
      trailingComma: token.type === 'flow-collection' ? this.#trailingComma(token) : undefined,
    }
    const made: LaidList = { is: 'list', items, open: false, at: { file: this.#file, span: { start: layout.start, end: layout.end } }, layout }
    return made
  }

  /** A comma that stands behind the last item: the parser keeps it at the start of an item that is otherwise empty. */
  #trailingComma(token: CST.FlowCollection): number | undefined {
    const last = token.items.at(-1)
    if (last === undefined || last.value !== undefined || last.key !== undefined || last.sep !== undefined) return undefined
    const comma = last.start.find(({ type }) => type === 'comma')
    return comma === undefined ? undefined : this.#base + comma.offset
  }

  #place(range: readonly number[] | null | undefined): { readonly file: string; readonly span: { readonly start: number; readonly end: number } } {
    return { file: this.#file, span: { start: this.#base + (range?.[0] ?? 0), end: this.#base + (range?.[1] ?? 0) } }
  }
}
