/**
 * The proof's own reading of an edited document: another parser than the one that planned the edit, so that a
 * mistake of one is seen by the other. It knows the shapes that nearly every manifest is made of (no anchors,
 * tags, merge keys, odd keys or repeated ones) and leaves any other document to the first parser. No layout.
 */
import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, type ScalarEvent } from 'js-yaml'
import type { Comment, Entry, Node, Span } from '../../types.ts'
import type { ParsedDocument } from './parse.ts'
import { plainValue } from './scalar.ts'

/** The one document in `text.slice(start, end)`, undefined when it is not of the plain shapes or cannot be read. */
export function rereadSlice(file: string, text: string, start: number, end: number, index: number): ParsedDocument | undefined {
  const slice = start === 0 && end === text.length ? text : text.slice(start, end)
  if (ODD_BREAKS.test(slice)) return undefined
  let events: readonly Event[]
  try {
    events = parseEvents(slice, { maxDepth: DEEPEST })
  } catch {
    return undefined
  }
  const reader = new EventReader(file, slice, start, events)
  const root = reader.document()
  if (root === undefined) return undefined
  return { id: `${file}#${index}`, file, span: { start, end }, root, comments: reader.comments, duplicates: [], hidden: NOTHING, shares: false }
}

/** Beyond this the first parser says what is wrong. */
const DEEPEST = 500
/** Line breaks (those of YAML 1.1, a lone carriage return) and marks that the two parsers may take differently. */
const ODD_BREAKS = /[\u0085\u2028\u2029\uFEFF]|\r(?!\n)/
const NOTHING: ReadonlySet<Node> = new Set()
const UNUSUAL = Symbol('unusual')
/** Plain keys that are strings in every version of YAML and are no merge key. */
const STRING_KEY = /^(?!(?:null|true|false|yes|no|on|off|y|n)$)[A-Za-z_/$@*%(]|^\.(?!inf$|nan$)[A-Za-z_]/i
const LINE_COMMENT = /["']?[ \t]+#([^\r\n]*)/y

class EventReader {
  readonly comments: Comment[] = []
  readonly #file: string
  readonly #text: string
  readonly #base: number
  readonly #events: readonly Event[]
  #next = 0
  /** Everything before is read. */
  #read = 0
  #hash: number

  constructor(file: string, text: string, base: number, events: readonly Event[]) {
    this.#file = file
    this.#text = text
    this.#base = base
    this.#events = events
    this.#hash = text.indexOf('#')
  }

  document(): Node | undefined {
    const first = this.#events[this.#next++]
    if (first?.type !== EVENT_ID.DOCUMENT || first.directives.length > 0) return undefined
    const root = this.#node()
    if (root === UNUSUAL) return undefined
    this.#next++
    if (this.#next !== this.#events.length) return undefined
    this.#pass(this.#text.length)
    return root
  }

  #node(): Node | typeof UNUSUAL {
    const event = this.#events[this.#next++]
    if (event === undefined || event.type === EVENT_ID.ALIAS || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) return UNUSUAL
    if (event.tagStart !== -1 || event.anchorStart !== -1) return UNUSUAL
    if (event.type === EVENT_ID.SCALAR) return this.#scalar(event)
    this.#pass(event.start)
    return event.type === EVENT_ID.MAPPING ? this.#map(event.start) : this.#list(event.start)
  }

  #map(start: number): Node | typeof UNUSUAL {
    const entries = new Map<string, Entry>()
    while (this.#events[this.#next]?.type !== EVENT_ID.POP) {
      const event = this.#events[this.#next++]
      if (event?.type !== EVENT_ID.SCALAR || event.tagStart !== -1 || event.anchorStart !== -1) return UNUSUAL
      const key = getScalarValue(this.#text, event)
      if (entries.has(key) || (event.style === SCALAR_STYLE.PLAIN && !STRING_KEY.test(key))) return UNUSUAL
      const span = this.#span(event)
      this.#pass(event.valueStart, event.valueEnd)
      const node = this.#node()
      if (node === UNUSUAL) return UNUSUAL
      entries.set(key, { key: { file: this.#file, span }, node })
    }
    this.#next++
    return { is: 'map', entries, open: false, at: this.#since(start) }
  }

  #list(start: number): Node | typeof UNUSUAL {
    const items: Node[] = []
    while (this.#events[this.#next]?.type !== EVENT_ID.POP) {
      const node = this.#node()
      if (node === UNUSUAL) return UNUSUAL
      items.push(node)
    }
    this.#next++
    return { is: 'list', items, open: false, at: this.#since(start) }
  }

  #scalar(event: ScalarEvent): Node {
    if (event.valueStart < 0) return { is: 'value', value: null, raw: '', quoted: false }
    this.#pass(event.valueStart, event.valueEnd)
    const text = getScalarValue(this.#text, event)
    const plain = event.style === SCALAR_STYLE.PLAIN
    const node = {
      is: 'value',
      value: plain ? plainValue(text) : text,
      raw: this.#text.slice(event.valueStart, event.valueEnd),
      quoted: !plain,
      at: { file: this.#file, span: this.#span(event) },
    } as const
    const comment = this.#hash === -1 || event.style > SCALAR_STYLE.DOUBLE_QUOTED ? null : this.#commentBehind(event.valueEnd)
    return comment === null ? node : { ...node, comment }
  }

  #commentBehind(end: number): string | null {
    LINE_COMMENT.lastIndex = end
    return LINE_COMMENT.exec(this.#text)?.[1]?.trim() ?? null
  }

  #span(event: ScalarEvent): Span {
    const quotes = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED ? 1 : 0
    return { start: this.#base + event.valueStart - quotes, end: this.#base + event.valueEnd + quotes }
  }

  #since(start: number): { readonly file: string; readonly span: Span } {
    return { file: this.#file, span: { start: this.#base + start, end: this.#base + Math.max(start, this.#read) } }
  }

  /** Between scalars stand only indicators, blanks and comments: a `#` behind a blank begins a comment. */
  #pass(to: number, end = to): void {
    const text = this.#text
    while (this.#hash !== -1 && this.#hash < to) {
      const at = this.#hash
      if (at > 0 && !/[\s]/.test(text[at - 1] as string)) {
        this.#hash = text.indexOf('#', at + 1)
        continue
      }
      const stop = /[\r\n]|$/g
      stop.lastIndex = at
      const source = text.slice(at, stop.exec(text)?.index ?? text.length)
      const line = text.slice(text.lastIndexOf('\n', at) + 1, at)
      const start = this.#base + at
      this.comments.push({ at: { file: this.#file, span: { start, end: start + source.length } }, text: source, inline: line.trim() !== '' })
      this.#hash = text.indexOf('#', at + source.length)
    }
    if (this.#hash !== -1 && this.#hash < end) this.#hash = text.indexOf('#', end)
    this.#read = end
  }
}
