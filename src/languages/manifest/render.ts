/** New nodes to text: block lines, one-line flow, or indented JSON. Reads the same in every YAML version. */
import type { Node, Scalar } from '../../types.ts'
import { inFieldOrder } from '../../kube/order.ts'
import { isPlainString } from './scalar.ts'
import type { Style } from './style.ts'

export type Quote = '' | '"' | "'"

export function renderScalar(value: Scalar, quote: Quote = ''): string {
  if (typeof value !== 'string') return String(value)
  if (quote === '"' || (quote === '' && !isPlainString(value))) return JSON.stringify(value)
  return quote === "'" ? `'${value.replaceAll("'", "''")}'` : value
}

/** Lines of `key: value` in column `at`, without line breaks. */
export function renderPair(key: string, node: Node, at: number, style: Style): readonly string[] {
  const pad = ' '.repeat(at)
  const name = renderScalar(key)
  if (node.is === 'map' && node.entries.size > 0) return [`${pad}${name}:`, ...renderEntries(node, at + style.step, style)]
  if (node.is === 'list' && node.items.length > 0) {
    if ((key === 'drop' || key === 'add') && node.items.every((item) => item.is === 'value')) {
      if (style.names === 'flow') return [`${pad}${name}: [${node.items.map((item) => renderFlow(item, { ...FLOW, quote: style.quote })).join(', ')}]`]
      return [`${pad}${name}:`, ...node.items.flatMap((item) => renderItem(item, at + style.listOffset, style, style.quote))]
    }
    return [`${pad}${name}:`, ...node.items.flatMap((item) => renderItem(item, at + style.listOffset, style))]
  }
  return [`${pad}${name}: ${renderFlow(node, FLOW)}`]
}

export function renderEntries(node: Node, at: number, style: Style): readonly string[] {
  if (node.is !== 'map') return []
  return inFieldOrder([...node.entries.keys()]).flatMap((key) => renderPair(key, node.entries.get(key)?.node as Node, at, style))
}

/** Lines of a list item whose dash stands in column `at`. */
export function renderItem(node: Node, at: number, style: Style, quote: Quote = ''): readonly string[] {
  const dash = `${' '.repeat(at)}-${' '.repeat(style.dashWidth - 1)}`
  if (node.is === 'map' && node.entries.size > 0) {
    const lines = renderEntries(node, at + style.dashWidth, style)
    return lines.map((line, i) => (i === 0 ? dash + line.slice(at + style.dashWidth) : line))
  }
  return [dash + (node.is === 'value' ? renderScalar(node.value, quote) : renderFlow(node, FLOW))]
}

export interface FlowStyle {
  /** Between a brace and what is inside it. */
  readonly pad: string
  readonly comma: string
  readonly colon: string
  readonly quoteKeys: boolean
  readonly quote: Quote
}

export const FLOW: FlowStyle = { pad: '', comma: ', ', colon: ': ', quoteKeys: false, quote: '' }

export function renderFlow(node: Node, style: FlowStyle): string {
  switch (node.is) {
    case 'value':
      return renderScalar(node.value, typeof node.value === 'string' && style.quote !== '' ? style.quote : '')
    case 'opaque':
      return node.text
    case 'list':
      return `[${node.items.map((item) => renderFlow(item, style)).join(style.comma)}]`
    case 'map': {
      const pairs = inFieldOrder([...node.entries.keys()]).map((key) => renderFlowPair(key, node.entries.get(key)?.node as Node, style))
      return pairs.length === 0 ? '{}' : `{${style.pad}${pairs.join(style.comma)}${style.pad}}`
    }
  }
}

export function renderFlowPair(key: string, node: Node, style: FlowStyle): string {
  return `${renderScalar(key, style.quoteKeys ? '"' : '')}${style.colon}${renderFlow(node, style)}`
}

/** JSON over several lines. `indent` is that of the line the value starts on, `unit` one level. */
export function renderJson(node: Node, indent: string, unit: string, eol: string): string {
  if (node.is === 'value') return JSON.stringify(node.value)
  if (node.is === 'opaque') return node.text
  const inner = indent + unit
  const parts =
    node.is === 'list'
      ? node.items.map((item) => renderJson(item, inner, unit, eol))
      : inFieldOrder([...node.entries.keys()]).map((key) => `${JSON.stringify(key)}: ${renderJson(node.entries.get(key)?.node as Node, inner, unit, eol)}`)
  const [open, close] = node.is === 'list' ? ['[', ']'] : ['{', '}']
  if (parts.length === 0) return open + close
  return `${open}${eol}${inner}${parts.join(`,${eol}${inner}`)}${eol}${indent}${close}`
}
