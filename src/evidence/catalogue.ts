/** The built-in catalogue of public images, and which of its records holds for a reference. */
import { catalogueText } from '#catalogue'
import type { WritablePath } from '../types.ts'
import type { Reference } from './reference.ts'

type Confidence = 'read' | 'inferred'

/** One record of `data/*.yaml`; the fields are explained in `data/README.md`. */
export interface ImageRecord {
  readonly image: string
  readonly aliases?: readonly string[]
  readonly tags?: readonly string[]
  readonly user: { readonly name: string | null; readonly uid: number | null; readonly gid: number | null }
  readonly defaultUser: string | null
  readonly defaultUserHistory?: readonly { readonly from: string; readonly defaultUser: string | null }[]
  readonly runsAsNonRoot: 'yes' | 'with-uid' | 'with-config' | 'no'
  readonly needsEnv?: Readonly<Record<string, string>>
  readonly writablePaths: readonly (WritablePath & { readonly confidence: Confidence })[] | null
  readonly ports: readonly number[]
  readonly capabilities: readonly string[]
  readonly fileCapabilities?: readonly FileCapability[]
  readonly readOnlyRootSeen?: 'documented' | 'upstream-manifest' | 'third-party-manifest'
  readonly confidence: { readonly user: Confidence; readonly runsAsNonRoot: Confidence; readonly writablePaths: Confidence }
  readonly source: string
}

export interface FileCapability {
  readonly path: string
  readonly capabilities: readonly string[]
  /** Put on the file by the entry point when it starts as root. */
  readonly setAtStart?: boolean
}

export interface TraitsRecord {
  readonly traits: string
  readonly tags?: readonly string[]
  readonly toolbox?: boolean
  readonly hostAgent?: boolean
  readonly rootRequired?: string
  readonly home?: string
  readonly stepsDownTo?: { readonly uid: number | null; readonly gid: number | null; readonly by: string }
  readonly mustOwnData?: readonly string[]
  readonly movesPaths?: Readonly<Record<string, string>>
  readonly movesPart?: readonly string[]
  readonly movesPort?: Readonly<Record<string, number>>
  readonly ownedBy?: Readonly<Record<string, string>>
  readonly fileCapabilities?: readonly FileCapability[]
  readonly usesSetuid?: boolean
  readonly needsSudo?: boolean
  readonly needsSyscalls?: readonly string[]
  readonly inferred?: readonly string[]
  readonly confidence: Confidence
  readonly source?: string
}

export interface CatalogueData {
  readonly version: string
  readonly records: readonly (ImageRecord | TraitsRecord)[]
}

/** What the catalogue has for one reference. */
export interface Found {
  readonly image?: ImageRecord
  readonly traits?: TraitsRecord
  /** The record is one of a whole family of names. */
  readonly family: boolean
  /** The tag lies within what the record says. Not for a digest alone, nor for releases older than the record's history. */
  readonly covered: boolean
  /** What USER says for this tag. `unknown`: not read. */
  readonly defaultUser: string | null
  /** Numbers of its user in other releases and variants. */
  readonly otherNumbers: readonly number[]
}

let loaded: Index | undefined
const found = new Map<string, Found | undefined>()

export function catalogueVersion(): string {
  return index().version
}

interface Index {
  readonly version: string
  readonly images: Records<ImageRecord>
  readonly traits: Records<TraitsRecord>
}

interface Records<T> {
  readonly byName: ReadonlyMap<string, readonly T[]>
  /** Longest text first. */
  readonly globs: readonly { readonly name: string; readonly pattern: RegExp; readonly records: readonly T[] }[]
}

function index(): Index {
  if (loaded === undefined) {
    const data = JSON.parse(catalogueText()) as CatalogueData
    const images = data.records.filter((record): record is ImageRecord => 'image' in record)
    const traits = data.records.filter((record): record is TraitsRecord => 'traits' in record)
    loaded = {
      version: data.version,
      images: indexed(images, (record) => [record.image, ...(record.aliases ?? [])]),
      traits: indexed(traits, (record) => [record.traits]),
    }
  }
  return loaded
}

function indexed<T>(records: readonly T[], names: (record: T) => readonly string[]): Records<T> {
  const byName = new Map<string, T[]>()
  for (const record of records) {
    for (const name of names(record)) {
      const known = byName.get(name)
      if (known === undefined) byName.set(name, [record])
      else known.push(record)
    }
  }
  const globs = [...byName].filter(([name]) => name.includes('*')).map(([name, list]) => ({ name, pattern: globPattern(name), records: list }))
  return { byName, globs: globs.sort((a, b) => b.name.replaceAll('*', '').length - a.name.replaceAll('*', '').length) }
}

/** `*` stands for any characters, `[0-9]` for a set. */
function globPattern(glob: string): RegExp {
  return new RegExp(`^${glob.replace(/[.+?^${}()|\\]/g, '\\$&').replaceAll('*', '.*')}$`)
}

export function lookUp(reference: Reference): Found | undefined {
  const key = `${reference.repository}:${reference.openTag === true ? '?' : (reference.tag ?? '')}@${reference.digest ?? ''}`
  if (found.has(key)) return found.get(key)
  const answer = search(reference)
  found.set(key, answer)
  return answer
}

function search(reference: Reference): Found | undefined {
  const { images, traits } = index()
  const tag = reference.tag ?? (reference.digest === undefined && reference.openTag !== true ? 'latest' : undefined)
  const { record: image, family } = pick(images, [reference.repository], tag)
  // Traits go by the image's first name; the reference may use another.
  const names = image === undefined || family ? [reference.repository] : [reference.repository, image.image]
  const { record: trait } = pick(traits, names, tag)
  if (image === undefined && trait === undefined) return undefined
  const history = image === undefined ? { covered: true, defaultUser: 'unknown' } : atTag(image, tag)
  return {
    ...(image === undefined ? {} : { image }),
    ...(trait === undefined ? {} : { traits: trait }),
    family,
    covered: tag !== undefined && history.covered,
    defaultUser: history.defaultUser,
    otherNumbers: image === undefined || family ? [] : numbersOf(images.byName.get(image.image) ?? [image]),
  }
}

function numbersOf(records: readonly ImageRecord[]): readonly number[] {
  const history = records.flatMap(({ defaultUserHistory }) => defaultUserHistory ?? []).map(({ defaultUser }) => Number(/^[1-9]\d*(?=:|$)/.exec(defaultUser ?? '')?.[0] ?? 0))
  return [...new Set([...records.map(({ user }) => user.uid ?? 0), ...history])].filter((uid) => uid > 0)
}

/** The first record whose tags match. Without a tag (a digest alone) only one for all tags will do. */
function pick<T extends { readonly tags?: readonly string[] }>(
  records: Records<T>,
  names: readonly string[],
  tag: string | undefined,
): { readonly record: T | undefined; readonly family: boolean } {
  const named = names.map((name) => records.byName.get(name)).find((list) => list !== undefined)
  const glob = named === undefined ? records.globs.find(({ pattern }) => names.some((name) => pattern.test(name))) : undefined
  // `v1.9` is the release 1.9.
  const plain = tag?.replace(/^v(?=\d)/, '')
  const record = (named ?? glob?.records ?? []).find(
    ({ tags }) => tags === undefined || (plain !== undefined && tags.some((one) => globPattern(one).test(tag ?? '') || globPattern(one).test(plain))),
  )
  return { record, family: glob !== undefined }
}

/** USER as it was in the release that the tag names. Nothing is known before the first entry of a history. */
function atTag(record: ImageRecord, tag: string | undefined): { readonly covered: boolean; readonly defaultUser: string | null } {
  const history = record.defaultUserHistory
  const release = tag === undefined ? undefined : releaseOf(tag)
  if (history === undefined || release === undefined) return { covered: true, defaultUser: record.defaultUser }
  const entry = history.findLast(({ from }) => compare(releaseOf(from) ?? [], release) <= 0)
  return entry === undefined ? { covered: false, defaultUser: 'unknown' } : { covered: true, defaultUser: entry.defaultUser }
}

/** `v1.20-alpine` is 1.20 and whatever is newest there. */
function releaseOf(tag: string): readonly number[] | undefined {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(tag)
  if (match === null) return undefined
  return [match[1], match[2], match[3]].map((part) => (part === undefined ? Number.POSITIVE_INFINITY : Number(part)))
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < 3; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0]
    if (x !== y) return x < y ? -1 : 1
  }
  return 0
}
