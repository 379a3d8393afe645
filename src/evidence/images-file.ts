/** The file of `--images`: what the user states of images, checked key by key. */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml'
import type { ImageFacts, ImageOptions } from '../types.ts'

/** A mistake in the file, with its place. One-based. */
export interface Mistake {
  readonly line: number
  readonly column: number
  readonly message: string
}

export type ImagesFile = { readonly options: ImageOptions } | { readonly mistakes: readonly Mistake[] }

const TOP = ['images', 'prefixes'] as const
const IMAGE = ['image', 'uid', 'gid', 'writablePaths', 'ports', 'capabilities', 'needsRoot'] as const
const PREFIX = ['from', 'to'] as const

/** `name` goes into the source of each fact: `images.yaml:3`. */
export function readImagesFile(name: string, text: string): ImagesFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const reader = new ImagesReader(name, lines)
  for (const error of document.errors) reader.mistake(error.pos[0], error.message.split('\n')[0] ?? 'cannot be read')
  if (document.errors.length === 0) reader.read(document.contents)
  return reader.mistakes.length > 0 ? { mistakes: reader.mistakes } : { options: { images: reader.images, prefixes: reader.prefixes } }
}

class ImagesReader {
  readonly mistakes: Mistake[] = []
  readonly images: ImageFacts[] = []
  readonly prefixes: { readonly from: string; readonly to: string }[] = []
  readonly #name: string
  readonly #lines: LineCounter

  constructor(name: string, lines: LineCounter) {
    this.#name = name
    this.#lines = lines
  }

  mistake(at: number, message: string): void {
    const { line, col } = this.#lines.linePos(at)
    this.mistakes.push({ line, column: col, message })
  }

  read(root: unknown): void {
    if (root === null) return
    if (!isMap(root)) {
      this.mistake(0, 'the file must be a map with images and prefixes')
      return
    }
    this.#keys(root, TOP)
    this.#each(root, 'images', (item) => this.#image(item))
    this.#each(root, 'prefixes', (item) => this.#prefix(item))
  }

  #each(root: YAMLMap, key: string, take: (item: YAMLMap) => void): void {
    const list = root.get(key, true) as Node | undefined
    if (list === undefined || (isScalar(list) && list.value === null)) return
    if (!isSeq(list)) this.#wrong(list, `${key} must be a list`)
    else for (const item of list.items) isMap(item) ? take(item) : this.#wrong(item as Node, `an item of ${key} must be a map`)
  }

  #keys(map: YAMLMap, known: readonly string[]): void {
    for (const { key } of map.items) {
      const name = isScalar(key) ? String(key.value) : '?'
      if (!known.includes(name)) this.#wrong(key as Node, `there is no key "${name}"; did you mean ${nearest(name, known)}?`)
    }
  }

  #wrong(node: Node | null | undefined, message: string): void {
    this.mistake(node?.range?.[0] ?? 0, message)
  }

  /** The value of a key when it is of the wanted kind; a mistake otherwise. */
  #value<T>(map: YAMLMap, key: string, wanted: string, ok: (value: unknown) => value is T): T | undefined {
    const node = map.get(key, true) as Node | undefined
    // A key that is left empty says nothing.
    if (node === undefined || (isScalar(node) && node.value === null)) return undefined
    const value: unknown = isScalar(node) ? node.value : isSeq(node) ? node.toJSON() : undefined
    if (ok(value)) return value
    this.#wrong(node, `${key} must be ${wanted}`)
    return undefined
  }

  #image(map: YAMLMap): void {
    this.#keys(map, IMAGE)
    const image = this.#value(map, 'image', 'a name or glob', isText)
    const uid = this.#value(map, 'uid', 'a user id from 1 to 2147483647', isId)
    const gid = this.#value(map, 'gid', 'a group id from 1 to 2147483647', isId)
    const writablePaths = this.#value(map, 'writablePaths', 'a list of absolute paths', isPaths)
    const ports = this.#value(map, 'ports', 'a list of ports', isPorts)
    const capabilities = this.#value(map, 'capabilities', 'a list of names without CAP_', isNames)
    const needsRoot = this.#value(map, 'needsRoot', 'true or false', isFlag)
    if (image === undefined) {
      if (map.get('image') === undefined) this.#wrong(map, 'image is missing')
      return
    }
    if (gid !== undefined && uid === undefined) this.#wrong(map, 'gid says nothing without uid')
    if (needsRoot === true && uid !== undefined) this.#wrong(map, 'uid and needsRoot: true exclude each other')
    const { line } = this.#lines.linePos(map.range?.[0] ?? 0)
    this.images.push({
      image,
      source: `${this.#name}:${line}`,
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
      ...(writablePaths === undefined ? {} : { writablePaths }),
      ...(ports === undefined ? {} : { ports }),
      ...(capabilities === undefined ? {} : { capabilities }),
      ...(needsRoot === undefined ? {} : { needsRoot }),
    })
  }

  #prefix(map: YAMLMap): void {
    this.#keys(map, PREFIX)
    const from = this.#value(map, 'from', 'the beginning of a name', isText)
    const to = this.#value(map, 'to', 'the beginning of a name', isText)
    if (from === undefined || to === undefined) this.#wrong(map, 'a prefix needs from and to')
    else this.prefixes.push({ from, to })
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
const isId = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0 && (value as number) <= 2147483647
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean'
const isPaths = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((path) => typeof path === 'string' && /^\/[^\0:]/.test(path) && !path.split('/').includes('..'))
const isPorts = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every((port) => Number.isInteger(port) && port > 0 && port < 65536)
const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string' && /^[A-Z][A-Z_]+$/.test(name) && !name.startsWith('CAP_'))

/** By the fewest changed letters. */
function nearest(name: string, known: readonly string[]): string {
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
