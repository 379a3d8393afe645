/**
 * Text of one slice of a file to neutral documents. The parser's own tree is dropped at once; what an editor
 * needs of it stays as layout.
 */
import { Composer, Parser, type ParsedNode } from 'yaml'
import type { Document, Node, ProblemCode } from '../../types.ts'
import { collectComments } from './comments.ts'
import { Converter } from './convert.ts'
import type { Duplicate } from './layout.ts'
import { shadowOf } from './shadow.ts'

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
