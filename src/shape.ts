/**
 * YAML files of the user's own, checked key by key: one description gives both the reader, whose mistakes have a
 * place and the nearest key, and the JSON Schema for editors.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml'

/** A mistake in the file, with its place. One-based. */
export interface Mistake {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** What a value must be. `read` gives undefined where it is something else, after it has said so. */
export interface Shape<T> {
  /** `a user id from 1 to 2147483647` */
  readonly must: string
  readonly schema: object
  read(node: Node, name: string, file: Reading): T | undefined
}

/** Where a map of the file stands, and what is wrong with it as a whole. */
export interface At {
  /** `podharden.yaml:3` */
  readonly source: string
  readonly line: number
  /** At the value of a key where it is given, else at the map. */
  wrong(message: string, key?: string): void
}

export type Keys<T> = { readonly [K in keyof T]-?: { readonly shape: Shape<NonNullable<T[K]>>; readonly says: string; readonly required?: true } }

class Reading {
  readonly mistakes: Mistake[] = []
  readonly lines = new LineCounter()
  readonly name: string
  readonly document: Document.Parsed

  constructor(name: string, text: string) {
    this.name = name
    this.document = parseDocument(text, { lineCounter: this.lines })
  }

  mistake(at: number, message: string): void {
    const { line, col } = this.lines.linePos(at)
    this.mistakes.push({ line, column: col, message })
  }

  wrong(node: Node | null | undefined, message: string): void {
    this.mistake(node?.range?.[0] ?? 0, message)
  }

  resolved(node: Node): Node {
    return isAlias(node) ? ((node.resolve(this.document) as Node | undefined) ?? node) : node
  }
}

/** `name` goes into places and sources. An empty file reads as an empty map. */
export function readShape<T>(name: string, text: string, shape: Shape<T>): { readonly value: T } | { readonly mistakes: readonly Mistake[] } {
  const file = new Reading(name, text)
  const { document } = file
  for (const error of document.errors) file.mistake(error.pos[0], error.message.split('\n')[0] ?? 'cannot be read')
  if (document.errors.length > 0) return { mistakes: file.mistakes }
  const root = isSaid(document.contents) ? document.contents : (document.createNode({}) as Node)
  const value = shape.read(root, 'the file', file)
  return file.mistakes.length > 0 || value === undefined ? { mistakes: file.mistakes } : { value }
}

export function scalar<T>(must: string, ok: (value: unknown) => value is T, schema: object): Shape<T> {
  return {
    must,
    schema,
    read(node, name, file) {
      const value: unknown = isScalar(node) ? node.value : undefined
      if (ok(value)) return value
      file.wrong(node, `${name} must be ${must}`)
      return undefined
    },
  }
}

/** Scalars whose mistakes are told of the list: `writablePaths must be a list of absolute paths`. */
export function listOf<T>(must: string, ok: (value: unknown) => value is T, items: object): Shape<readonly T[]> {
  return {
    must,
    schema: { type: 'array', items },
    read(node, name, file) {
      const value: unknown = isSeq(node) ? node.toJS(file.document) : undefined
      if (Array.isArray(value) && value.every(ok)) return value
      file.wrong(node, `${name} must be ${must}`)
      return undefined
    },
  }
}

export function each<T>(item: Shape<T>): Shape<readonly T[]> {
  return {
    must: `a list, each item ${item.must}`,
    schema: { type: 'array', items: item.schema },
    read(node, name, file) {
      if (!isSeq(node)) {
        file.wrong(node, `${name} must be a list`)
        return undefined
      }
      return (node.items as Node[]).flatMap((one) => item.read(file.resolved(one), `an item of ${name}`, file) ?? [])
    },
  }
}

/** A map with these keys and no others. A key that is left empty says nothing. `make` may still refuse what it holds. */
export function map<T extends object, U>(keys: Keys<T>, make: (value: Partial<T>, at: At) => U | undefined, more: object = {}): Shape<U> {
  const names = Object.keys(keys)
  const required = names.filter((name) => keys[name as keyof T].required === true)
  const schemas = names.map((name): [string, object] => {
    const { shape, says } = keys[name as keyof T]
    return [name, { description: says, ...shape.schema }]
  })
  return {
    must: 'a map',
    schema: { type: 'object', additionalProperties: false, ...(required.length === 0 ? {} : { required }), properties: Object.fromEntries(schemas), ...more },
    read(node, name, file) {
      if (!isMap(node)) {
        file.wrong(node, `${name} must be a map with ${names.join(', ')}`)
        return undefined
      }
      const before = file.mistakes.length
      const value = readKeys(node, keys, file)
      for (const key of required) if (node.get(key) === undefined || node.get(key) === null) file.wrong(node, `${key} is missing`)
      if (file.mistakes.length > before) return undefined
      const { line } = file.lines.linePos(node.range?.[0] ?? 0)
      const made = make(value, { source: `${file.name}:${line}`, line, wrong: (message, key) => file.wrong(key === undefined ? node : (node.get(key, true) as Node), message) })
      return file.mistakes.length > before ? undefined : made
    },
  }
}

function readKeys<T extends object>(node: YAMLMap, keys: Keys<T>, file: Reading): Partial<T> {
  const names = Object.keys(keys)
  const found: Partial<T> = {}
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : '?'
    if (!names.includes(name)) file.wrong(key as Node, `there is no key "${name}"; did you mean ${nearest(name, names)}?`)
    else if (isSaid(value)) {
      const read = keys[name as keyof T].shape.read(file.resolved(value as Node), name, file)
      if (read !== undefined) found[name as keyof T] = read as T[keyof T]
    }
  }
  return found
}

function isSaid(node: unknown): node is Node {
  return node !== null && node !== undefined && !(isScalar(node) && node.value === null)
}

/** One that begins with the same letters, else by the fewest changed letters. */
export function nearest(name: string, known: readonly string[]): string {
  const longer = known.find((one) => name.length > 2 && one.toLowerCase().startsWith(name.toLowerCase()))
  if (longer !== undefined) return longer
  return [...known].sort((a, b) => distance(name.toLowerCase(), a.toLowerCase()) - distance(name.toLowerCase(), b.toLowerCase()))[0] as string
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row.at(-1) as number
}

/** The same value as the text that a ConfigMap can hold: `"10001"`, `"true"`, and a list with commas between its items. */
export function asText<T>(shape: Shape<T>): Shape<T> {
  return {
    ...shape,
    read(node, name, file) {
      const given: unknown = isScalar(node) ? node.value : undefined
      if (typeof given !== 'string') return shape.read(node, name, file)
      const isList = 'type' in shape.schema && shape.schema.type === 'array'
      const meant = given === 'true' ? true : given === 'false' ? false : /^\d{1,15}$/.test(given) ? Number(given) : given
      const list = given
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '')
      const made = file.document.createNode(isList ? list : meant) as Node
      made.range = node.range ?? null
      return shape.read(made, name, file)
    },
  }
}

export const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
export const TEXT = { type: 'string', minLength: 1 } as const

export function text(must: string): Shape<string> {
  return scalar(must, isText, TEXT)
}

export function flag(): Shape<boolean> {
  return scalar('true or false', (value) => typeof value === 'boolean', { type: 'boolean' })
}

export function oneOf<T extends string | number>(values: readonly T[]): Shape<T> {
  return scalar(`one of ${values.join(', ')}`, (value): value is T => values.includes(value as T), { enum: [...values] })
}
