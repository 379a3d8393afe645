/**
 * Members added to object and array literals, each as its neighbours are written. All wishes for one literal are
 * collected first, so that each place is written once.
 */
import type { ts } from 'ts-morph'
import { inFieldOrder } from '../../kube/order.ts'
import type { Edit, Json } from '../../types.ts'
import { literalOf } from './hops.ts'
import { indentAt, isMultiline, type Style, styleOf } from './style.ts'
import { compiler, member, valueOf } from './syntax.ts'

/** A value to be written: plain, or code of its own (`Capability.ALL`). */
export type Written = { readonly json: Json } | { readonly code: string }

export type Refused = { readonly refused: string; readonly at: ts.Node }

/** What is still to be written below a literal that is there. */
type Pending = Written | { readonly members: Map<string, Pending> } | { readonly items: Pending[] }

export class Literals {
  readonly #file: ts.SourceFile
  readonly #style: Style
  readonly #objects = new Map<ts.ObjectLiteralExpression, Map<string, Pending>>()
  readonly #arrays = new Map<ts.ArrayLiteralExpression, Pending[]>()
  readonly #replaced = new Map<ts.Node, Written>()
  readonly #removed = new Set<ts.ObjectLiteralElementLike>()

  constructor(file: ts.SourceFile) {
    this.#file = file
    this.#style = styleOf(file)
  }

  /** Sets the member at `path` below an object literal, making what is missing between. */
  set(object: ts.ObjectLiteralExpression, path: readonly (string | number)[], value: Written): Refused | undefined {
    return this.#walk(object, path, (parent, key) => {
      const property = member(parent, key)
      if (property === undefined) return this.#into(parent, key, value)
      const old = valueOf(property)
      if (old === undefined) return { refused: 'it is written in a way that cannot be changed', at: property }
      // What was to go away is said anew instead.
      this.#removed.delete(property)
      this.#replaced.set(compiler().isShorthandPropertyAssignment(property) ? property : old, value)
      return undefined
    })
  }

  /** Adds to the list at `path`, making it when there is none. */
  append(object: ts.ObjectLiteralExpression, path: readonly (string | number)[], value: Written): Refused | undefined {
    return this.#walk(object, path, (parent, key) => {
      const property = member(parent, key)
      if (property === undefined) {
        const pending = this.#membersOf(parent)
        const known = pending.get(key)
        if (known !== undefined && 'items' in known) known.items.push(value)
        else pending.set(key, { items: [value] })
        return undefined
      }
      const list = valueOf(property)
      const found = list === undefined ? undefined : literalOf(list)
      if (found === undefined || !compiler().isArrayLiteralExpression(found.to)) return { refused: 'the list is not a literal', at: property }
      if (found.shared) return { refused: 'the list is shared with other code', at: property }
      if (found.fixed === true) return { refused: 'the type of the list is fixed', at: property }
      this.#itemsOf(found.to).push(value)
      return undefined
    })
  }

  /** Takes a member out, with the lines that it stands on. */
  remove(object: ts.ObjectLiteralExpression, path: readonly (string | number)[]): Refused | undefined {
    return this.#walk(object, path, (parent, key) => {
      const property = member(parent, key)
      if (property === undefined) return { refused: 'it is not written here', at: object }
      this.#removed.add(property)
      return undefined
    })
  }

  #walk(
    object: ts.ObjectLiteralExpression,
    path: readonly (string | number)[],
    end: (parent: ts.ObjectLiteralExpression, key: string) => Refused | undefined,
  ): Refused | undefined {
    const t = compiler()
    let at: ts.ObjectLiteralExpression = object
    for (let i = 0; i < path.length - 1; i++) {
      const step = path[i] as string | number
      const property = member(at, String(step))
      if (property === undefined) return this.#below(at, path.slice(i), end)
      const value = valueOf(property)
      let found = value === undefined ? undefined : literalOf(value)
      // A member that was to go away is written into after all: only what stands in it goes.
      if (this.#removed.delete(property) && found !== undefined && t.isObjectLiteralExpression(found.to)) for (const inner of found.to.properties) this.#removed.add(inner)
      if (found?.shared === true) return { refused: 'it is shared with other code', at: property }
      if (found?.fixed === true) return { refused: 'its type has no place for another member', at: property }
      const index = path[i + 1]
      if (found !== undefined && t.isArrayLiteralExpression(found.to) && typeof index === 'number') {
        const item = found.to.elements.filter((element) => !t.isSpreadElement(element))[index]
        found = item === undefined ? undefined : literalOf(item)
        if (found?.shared === true) return { refused: 'it is shared with other code', at: property }
        if (found?.fixed === true) return { refused: 'its type has no place for another member', at: property }
        i++
      }
      if (found === undefined || !t.isObjectLiteralExpression(found.to)) return { refused: 'it is not a literal', at: property }
      at = found.to
    }
    return end(at, String(path.at(-1)))
  }

  /** The rest of the path is new: it goes into what is pending. */
  #below(
    parent: ts.ObjectLiteralExpression,
    path: readonly (string | number)[],
    end: (parent: ts.ObjectLiteralExpression, key: string) => Refused | undefined,
  ): Refused | undefined {
    // `end` only looks for members of a literal; a new one has none, so it is asked with an empty stand-in.
    let members = this.#membersOf(parent)
    for (const step of path.slice(0, -1)) {
      const known = members.get(String(step))
      const next = known !== undefined && 'members' in known ? known : { members: new Map<string, Pending>() }
      members.set(String(step), next)
      members = next.members
    }
    const stand = compiler().factory.createObjectLiteralExpression()
    this.#objects.set(stand, members)
    const refused = end(stand, String(path.at(-1)))
    this.#objects.delete(stand)
    return refused
  }

  #into(parent: ts.ObjectLiteralExpression, key: string, value: Written): undefined {
    this.#membersOf(parent).set(key, value)
  }

  #membersOf(object: ts.ObjectLiteralExpression): Map<string, Pending> {
    const known = this.#objects.get(object) ?? new Map<string, Pending>()
    this.#objects.set(object, known)
    return known
  }

  #itemsOf(array: ts.ArrayLiteralExpression): Pending[] {
    const known = this.#arrays.get(array) ?? []
    this.#arrays.set(array, known)
    return known
  }

  edits(): readonly Edit[] {
    const edits: Edit[] = []
    for (const [object, members] of this.#objects) {
      const texts = inFieldOrder([...members.keys()]).map(
        (key) => (indent: string, inline: boolean) => `${keyText(key, this.#style)}: ${this.#text(members.get(key) as Pending, indent, inline)}`,
      )
      edits.push(...this.#added(object, object.properties, texts))
    }
    for (const [array, items] of this.#arrays)
      edits.push(
        ...this.#added(
          array,
          array.elements,
          items.map((item) => (indent: string, inline: boolean) => this.#text(item, indent, inline)),
        ),
      )
    // After the additions, which take the place of what goes.
    for (const property of this.#removed) edits.push(this.#without(property))
    for (const [node, value] of this.#replaced) {
      const name = compiler().isShorthandPropertyAssignment(node) ? `${node.name.text}: ` : ''
      edits.push({ start: node.getStart(), end: node.end, text: name + this.#text(value, indentAt(this.#file.text, node.getStart()), true) })
    }
    return edits
  }

  /** On lines of its own it goes with them; else with the comma behind it, or, as the last one, with the one before. */
  #without(property: ts.ObjectLiteralElementLike): Edit {
    const { text } = this.#file
    const start = property.getStart()
    const lineStart = text.lastIndexOf('\n', start - 1) + 1
    const comma = /^[ \t]*,/.exec(text.slice(property.end))?.[0].length ?? 0
    const end = property.end + comma
    const rest = /^[ \t]*(?:\r?\n)/.exec(text.slice(end))?.[0]
    if (text.slice(lineStart, start).trim() === '' && rest !== undefined) return { start: lineStart, end: end + rest.length, text: '' }
    if (comma > 0) return { start, end: end + (/^[ \t]*/.exec(text.slice(end))?.[0].length ?? 0), text: '' }
    const before = /,?[ \t]*$/.exec(text.slice(0, start))?.[0].length ?? 0
    return { start: start - before, end, text: '' }
  }

  /** Behind the last member, as it stands: on lines of their own, or on the same line. */
  #added(
    node: ts.ObjectLiteralExpression | ts.ArrayLiteralExpression,
    list: ts.NodeArray<ts.Node>,
    texts: readonly ((indent: string, inline: boolean) => string)[],
  ): readonly Edit[] {
    const { text } = this.#file
    const { newline, trailingComma } = this.#style
    const last = list.at(-1)
    if (last === undefined) {
      const inner = text.slice(node.getStart() + 1, node.end - 1)
      if (inner.trim() !== '') return this.#afterComment(node, texts)
      const isObject = compiler().isObjectLiteralExpression(node)
      const joined = texts.map((make) => make('', true)).join(', ')
      return [{ start: node.getStart() + 1, end: node.end - 1, text: isObject ? ` ${joined} ` : joined }]
    }
    const slot = list.find((one) => this.#removed.has(one as ts.ObjectLiteralElementLike))
    if (slot !== undefined) {
      this.#removed.delete(slot as ts.ObjectLiteralElementLike)
      const lines = isMultiline(node)
      const indent = indentAt(text, slot.getStart())
      return [{ start: slot.getStart(), end: slot.end, text: texts.map((make) => make(indent, !lines)).join(lines ? `,${newline}${indent}` : ', ') }]
    }
    const hasComma = list.hasTrailingComma === true
    if (!isMultiline(node)) {
      // `[{` over several lines keeps its form: the new item begins on the line where the last one ends.
      const isHugging = text.slice(node.getStart(), node.end).includes('\n') && compiler().isArrayLiteralExpression(node) && text.slice(last.getStart(), last.end).includes('\n')
      const indent = indentAt(text, node.getStart())
      const joined = texts.map((make) => `, ${make(indent, !isHugging)}`).join('')
      return [{ start: last.end, end: last.end, text: joined }]
    }
    const indent = indentAt(text, last.getStart())
    const lines = texts.map((make) => `${newline}${indent}${make(indent, false)}`).join(',')
    const isTrailing = hasComma || (trailingComma && list.length === 0)
    const from = hasComma ? list.end : last.end
    // Comments that begin on the line of the last member stay with it.
    const rest = /^[ \t]*(?:\/\*(?:[^*]|\*(?!\/))*\*\/[ \t]*)*(?:\/\/[^\r\n]*)?(?=\r?\n)/.exec(text.slice(from))?.[0] ?? ''
    const at = from + rest.length
    const end = isTrailing ? ',' : ''
    if (hasComma) return [{ start: at, end: at, text: lines + end }]
    if (rest === '') return [{ start: last.end, end: last.end, text: `,${lines}${end}` }]
    return [
      { start: last.end, end: last.end, text: ',' },
      { start: at, end: at, text: lines + end },
    ]
  }

  /** A literal that holds nothing but a comment. */
  #afterComment(node: ts.ObjectLiteralExpression | ts.ArrayLiteralExpression, texts: readonly ((indent: string, inline: boolean) => string)[]): readonly Edit[] {
    const { newline, unit } = this.#style
    const { text } = this.#file
    const outer = indentAt(text, node.end - 1)
    const start = text.slice(0, node.end - 1).trimEnd().length
    // A block comment on the line of the braces leaves room behind it.
    if (!text.slice(node.getStart(), node.end).includes('\n')) {
      const isObject = compiler().isObjectLiteralExpression(node)
      return [{ start, end: node.end - 1, text: ` ${texts.map((make) => make('', true)).join(', ')}${isObject ? ' ' : ''}` }]
    }
    const lines = texts.map((make) => `${newline}${outer}${unit}${make(outer + unit, false)},`).join('')
    return [{ start, end: node.end - 1, text: `${lines}${newline}${outer}` }]
  }

  #text(value: Pending, indent: string, inline: boolean): string {
    if ('code' in value) return value.code
    if ('json' in value) return this.#json(value.json, indent, inline)
    if ('items' in value) return this.#list(value.items, indent, inline)
    return this.#object(
      [...value.members].map(([key, item]) => [key, item]),
      indent,
      inline,
    )
  }

  #json(value: Json, indent: string, inline: boolean): string {
    if (Array.isArray(value))
      return this.#list(
        value.map((json: Json) => ({ json })),
        indent,
        inline,
      )
    if (typeof value === 'object' && value !== null)
      return this.#object(
        Object.entries(value as Record<string, Json>).map(([key, json]) => [key, { json }]),
        indent,
        inline,
      )
    return typeof value === 'string' ? quoted(value, this.#style) : String(value)
  }

  #list(items: readonly Pending[], indent: string, inline: boolean): string {
    const short = `[${items.map((item) => this.#text(item, indent, true)).join(', ')}]`
    const isLong = items.some(
      (item) => 'members' in item || ('json' in item && typeof item.json === 'object') || ('code' in item && item.code.startsWith('{') && short.length > SHORT),
    )
    if (inline || !isLong) return short
    const { newline, unit, trailingComma } = this.#style
    const inner = indent + unit
    return `[${newline}${items.map((item) => `${inner}${this.#text(item, inner, false)}`).join(`,${newline}`)}${trailingComma ? ',' : ''}${newline}${indent}]`
  }

  #object(members: readonly (readonly [string, Pending])[], indent: string, inline: boolean): string {
    const order = inFieldOrder(members.map(([key]) => key))
    const sorted = [...members].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
    if (sorted.length === 0) return '{}'
    const short = `{ ${sorted.map(([key, item]) => `${keyText(key, this.#style)}: ${this.#text(item, indent, true)}`).join(', ')} }`
    if (inline || (short.length <= SHORT && sorted.length <= 2)) return short
    const { newline, unit, trailingComma } = this.#style
    const inner = indent + unit
    const lines = sorted.map(([key, item]) => `${inner}${keyText(key, this.#style)}: ${this.#text(item, inner, false)}`)
    return `{${newline}${lines.join(`,${newline}`)}${trailingComma ? ',' : ''}${newline}${indent}}`
  }
}

/** Longer ones get a line for each member. */
const SHORT = 60

function keyText(key: string, style: Style): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key, style)
}

export function quoted(text: string, { quote }: Pick<Style, 'quote'>): string {
  const escaped = JSON.stringify(text).slice(1, -1)
  return quote === '"' ? `"${escaped}"` : `'${escaped.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
