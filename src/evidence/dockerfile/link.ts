/** One place that says which Dockerfile makes which image. */
import { parseReference } from '../reference.ts'
import { filledIn } from './variables.ts'

export interface Link {
  /** Repository in full form; with `partial` only what follows the last slash. */
  readonly image: string
  readonly tag?: string
  /** The beginning of the name comes from outside of the file. */
  readonly partial: boolean
  /** Where the Dockerfile may lie, relative to the root: the first that exists. */
  readonly files: readonly string[]
  readonly target?: string
  /** Build arguments; undefined: one whose value cannot be read. */
  readonly given: ReadonlyMap<string, string | undefined>
  /** `Makefile:12` */
  readonly source: string
}

export interface Found {
  readonly image: string
  readonly variables: ReadonlyMap<string, string>
  readonly files: readonly (string | undefined)[]
  readonly target: unknown
  readonly given: ReadonlyMap<string, string | undefined>
  readonly source: string
}

/** None when the end of the image's name, or the place of the Dockerfile, is not written in the file. */
export function linkOf({ image, variables, files, target, given, source }: Found): readonly Link[] {
  const where = files.filter((file) => file !== undefined)
  const name = filledIn(image, variables)
  const [, before = '', last = ''] = /^(.*\/)?([^/]*)$/s.exec(name) ?? []
  const [repository = '', tag] = last.replace(/@.*$/, '').split(':')
  if (where.length === 0 || repository === '' || /[^a-z0-9._-]/.test(repository)) return []
  const partial = /[^\w./:-]/.test(before)
  const reference = partial ? undefined : parseReference(`${before}${repository}`)
  if (!partial && reference === undefined) return []
  return [
    {
      image: reference?.repository ?? repository,
      ...(tag !== undefined && /^[\w.-]+$/.test(tag) ? { tag } : {}),
      partial,
      files: where,
      ...(typeof target === 'string' && /^[\w.-]+$/.test(target) ? { target } : {}),
      given,
      source,
    },
  ]
}

/** A path below a folder of the tree; undefined when it leads out of it, or is none. */
export function inFolder(folder: string, path: string): string | undefined {
  if (/^(?:\/|[a-z+]+:\/\/|git@)|[\0$`{}*]/.test(path.trim())) return undefined
  const parts: string[] = []
  for (const part of `${folder}/${path.trim()}`.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}
