/**
 * The only door to the `yaml` package: text of one slice of a file to neutral documents. The parser's own
 * tree is dropped at once; what an editor needs of it stays as layout.
 */
import { type CST, Composer, isAlias, isMap, isPair, isScalar, isSeq, type Pair, Parser, type ParsedNode, type YAMLMap, type YAMLSeq } from 'yaml'
import { shadowOf } from './shadow.ts'
import type { Comment, Document, Entry, Node, Path, ProblemCode } from '../../types.ts'
import { lineStart } from '../../text/lines.ts'
import { plainValue } from './scalar.ts'
import type { Duplicate, ItemLayout, LaidList, LaidMap, ListLayout, MapLayout, PairLayout, Slot } from './layout.ts'

export interface ParsedDocument extends Document {
  readonly duplicates: readonly Duplicate[]
  /** Nodes inside values that cannot be told apart (keys that occur twice): used there too, unseen. */
  readonly hidden: ReadonlySet<Node>
}

export interface Failure {
  readonly code: ProblemCode
  readonly at: number
  readonly message: string
}

export type Parsed = { readonly documents: readonly ParsedDocument[] } | { readonly failure: Failure }

/** More nodes than this, counted with every alias expanded, is an attack or a mistake; Kubernetes refuses such documents too. */
const EXPANDED_LIMIT = 2_000_000

/** Parses `text.slice(start, end)`; every offset in the result is one of `text`. */
export function parseSlice(file: string, text: string, start: number, end: number, firstIndex: number): Parsed {
  // A mark in the middle of a stream, before or behind the marker line, is no part of the first key.
  const from = start + (/^(?:---[ \t]*(?:#[^\n]*)?\r?\n)?\uFEFF/.exec(text.slice(start, start + 400))?.[0].length ?? 0)
  const whole = from === 0 && end === text.length ? text : text.slice(from, end)
  const first = attempt(file, text, whole, from, firstIndex)
  if (!('failure' in first) || !SHADOW_HELPS.has(first.failure.code)) return first
  const shadow = shadowOf(whole)
  if (shadow === undefined) return first
  const second = attempt(file, text, shadow, from, firstIndex)
  return 'failure' in second ? first : second
}

const SHADOW_HELPS: ReadonlySet<ProblemCode> = new Set(['UNPARSABLE'])

function attempt(file: string, text: string, parserText: string, base: number, firstIndex: number): Parsed {
  try {
    const tokens = [...new Parser().parse(parserText)]
    const composer = new Composer<ParsedNode>({ merge: true, uniqueKeys: false, keepSourceTokens: true, version: '1.2', logLevel: 'silent' })
    const composed = [...composer.compose(tokens, false, parserText.length)]
    const streams = tokens.filter((token) => token.type === 'document')
    for (const document of composed) {
      const error = document.errors[0]
      if (error === undefined) continue
      // The composer runs out of stack before we do, and says so as if it were a mistake of the text.
      if (/call stack/.test(error.message)) return { failure: TOO_DEEP(base + error.pos[0]) }
      return { failure: { code: 'UNPARSABLE', at: base + error.pos[0], message: firstLine(error.message) } }
    }
    const comments = collectComments(file, text, tokens, base)
    const documents = composed.map((document, index): ParsedDocument => {
      const from = index === 0 ? base : base + (streams[index]?.offset ?? 0)
      const to = base + (streams[index + 1]?.offset ?? parserText.length)
      const converter = new Converter(file, text, base)
      const root = converter.convert(document.contents as ParsedNode | null)
      return {
        id: `${file}#${firstIndex + index}`,
        file,
        span: { start: from, end: to },
        root,
        comments: composed.length === 1 ? comments : comments.filter(({ at }) => at.span.start >= from && at.span.start < to),
        duplicates: converter.duplicates,
        hidden: converter.hidden,
        shares: converter.shares,
      }
    })
    const broken = documents.map((document) => strangeBreak(parserText, base, document.root)).find((at) => at !== undefined)
    if (broken !== undefined) return { failure: { code: 'LINE_BREAKS', at: broken, message: 'a line break of YAML 1.1 (U+0085, U+2028 or U+2029) stands outside of quotes' } }
    for (const document of documents) {
      if (document.shares && expandedSize(document.root) > EXPANDED_LIMIT) {
        return { failure: { code: 'ALIAS_BOMB', at: document.span.start, message: 'aliases expand to more than two million nodes' } }
      }
    }
    return { documents }
  } catch (error) {
    if (error instanceof RangeError) return { failure: TOO_DEEP(base) }
    throw error
  }
}

/**
 * Kubernetes' parser ends a line at these characters, ours does not. In quotes they do no harm; elsewhere the
 * two read different documents. The offset of one that is not in a quoted value, undefined when there is none.
 */
function strangeBreak(text: string, base: number, root: Node): number | undefined {
  const found = [...text.matchAll(/[\u0085\u2028\u2029]/g)].map(({ index }) => base + index)
  if (found.length === 0) return undefined
  const quoted: { readonly start: number; readonly end: number }[] = []
  const visit = (node: Node): void => {
    if (node.is === 'value') {
      if (node.quoted === true && /^["']/.test(node.raw ?? '') && node.at !== undefined) quoted.push(node.at.span)
    } else if (node.is === 'list') for (const item of node.items) visit(item)
    else if (node.is === 'map') for (const { node: child } of node.entries.values()) visit(child)
  }
  visit(root)
  return found.find((at) => !quoted.some(({ start, end }) => start <= at && at < end))
}

const TOO_DEEP = (at: number): Failure => ({ code: 'TOO_DEEP', at, message: 'nested too deeply to be read' })

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, '')
}

function expandedSize(root: Node): number {
  const sizes = new Map<Node, number>()
  const size = (node: Node): number => {
    if (node.is !== 'map' && node.is !== 'list') return 1
    const known = sizes.get(node)
    if (known !== undefined) return known
    let sum = 1
    if (node.is === 'list') for (const item of node.items) sum += size(item)
    else for (const entry of node.entries.values()) sum += size(entry.node)
    sizes.set(node, sum)
    return sum
  }
  return size(root)
}

/** Every comment of the slice, in order, wherever the parser put its token. */
function collectComments(file: string, text: string, tokens: readonly CST.Token[], base: number): readonly Comment[] {
  const found: Comment[] = []
  const take = (list: readonly CST.SourceToken[] | undefined): void => {
    if (list === undefined) return
    for (const token of list) if (token.type === 'comment') add(token.offset, token.source)
  }
  const add = (offset: number, source: string): void => {
    const start = base + offset
    const line = lineStart(text, start)
    let at = line
    while (at < start && (text[at] === ' ' || text[at] === '\t')) at++
    found.push({ at: { file, span: { start, end: start + source.length } }, text: source, inline: at < start })
  }
  const visit = (token: CST.Token | null | undefined): void => {
    if (token === null || token === undefined) return
    switch (token.type) {
      case 'comment':
        add(token.offset, token.source)
        break
      case 'document':
        take(token.start)
        visit(token.value)
        take(token.end)
        break
      case 'block-scalar':
        for (const part of token.props) if (part.type === 'comment') visit(part)
        break
      case 'block-map':
      case 'block-seq':
      case 'flow-collection':
        for (const item of token.items) {
          take(item.start)
          if ('key' in item) visit(item.key)
          take(item.sep)
          visit(item.value)
        }
        if (token.type === 'flow-collection') take(token.end)
        break
      default:
        if ('end' in token) take(token.end)
    }
  }
  for (const token of tokens) visit(token)
  return found.sort((a, b) => a.at.span.start - b.at.span.start)
}

/** Composed nodes of one document to neutral nodes with layout. */
class Converter {
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

function lineComment(token: CST.Token | undefined): string | undefined {
  if (token === undefined || !('end' in token) || token.end === undefined) return undefined
  for (const part of token.end) {
    if (part.type === 'newline') return undefined
    if (part.type === 'comment') return part.source.slice(1).trim()
  }
  return undefined
}

function endOfSource(token: CST.SourceToken): number {
  return token.offset + token.source.length
}

/** Behind the last character that means something: no comment, blank or line break after a flow or block collection. */
function endOfToken(token: CST.Token): number {
  switch (token.type) {
    case 'block-scalar':
      return token.props.reduce((end, part) => ('source' in part ? Math.max(end, part.offset + part.source.length) : end), token.offset) + token.source.length
    case 'flow-collection': {
      const close = token.end.find(({ type }) => type === 'flow-map-end' || type === 'flow-seq-end')
      return close === undefined ? token.start.offset + 1 : endOfSource(close)
    }
    case 'block-map':
    case 'block-seq': {
      for (let i = token.items.length - 1; i >= 0; i--) {
        const item = token.items[i] as CST.BlockMap['items'][number]
        if (item.value) return endOfToken(item.value)
        const marks = [...item.start, ...(item.sep ?? [])].filter(({ type }) => type !== 'space' && type !== 'newline' && type !== 'comment')
        const last = marks.at(-1)
        if (item.key || last !== undefined) return Math.max(item.key ? endOfToken(item.key) : 0, last === undefined ? 0 : endOfSource(last))
      }
      return token.offset
    }
    default:
      return 'source' in token ? token.offset + token.source.length : token.offset
  }
}

function lastToken(token: CST.Token | null | undefined): CST.Token | undefined {
  if (token === null || token === undefined) return undefined
  if (token.type !== 'block-map' && token.type !== 'block-seq') return token
  const last = token.items.findLast((item) => item.value)
  return last === undefined ? token : lastToken(last.value)
}
