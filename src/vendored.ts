/** Files that belong to someone else, or to a program: edits to them are lost at the next update. */
import { below, matcher, type Patterns } from './gitignore.ts'
import type { NoteCode } from './types.ts'

/** Why a file is left alone, the same object for all files of one cause: one note speaks for all. */
export interface Hold {
  readonly code: Extract<NoteCode, 'VENDORED' | 'GENERATED'>
  /** What the note points at: a folder, or the `.gitattributes` with the line that says so. */
  readonly file: string
  readonly line?: number
  /** `vendored`, `output of cdk8s`: completes "12 files are …". */
  readonly because: string
  readonly hint: string
}

const VENDOR_FOLDERS: ReadonlySet<string> = new Set(['vendor', 'third_party', 'node_modules'])
const ANYWAY = 'or use --include-generated'

/** The folder holds copies of other people's files, by its name. */
export function vendorFolder(path: string, name: string): Hold | undefined {
  if (!VENDOR_FOLDERS.has(name)) return undefined
  return { code: 'VENDORED', file: path, because: 'vendored', hint: `Harden them where they come from, ${ANYWAY}.` }
}

/** Charts that a chart depends on, in its `charts/` folder. */
export function chartDependencies(path: string): Hold {
  return { code: 'VENDORED', file: path, because: 'dependencies of a Helm chart', hint: `Set their values in the parent chart, ${ANYWAY}.` }
}

export interface CdkOutput {
  /** Relative to the root. */
  readonly folder: string
  readonly hold: Hold
}

/** Where a cdk8s project writes its manifests: `output:` of `cdk8s.yaml`, default `dist`. `folder` is the project's. */
export function cdkOutput(folder: string, config: string): CdkOutput | undefined {
  const value = /^output:[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s#][^\n#]*))/m.exec(config)
  const named = (value?.[1] ?? value?.[2] ?? value?.[3]?.trim() ?? 'dist').replaceAll('\\', '/')
  const parts = folder === '' ? [] : folder.split('/')
  for (const part of named.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  const output = parts.join('/')
  if (output === folder || named.startsWith('/')) return undefined
  const project = folder === '' ? 'cdk8s.yaml' : `${folder}/cdk8s.yaml`
  return {
    folder: output,
    hold: { code: 'GENERATED', file: output, because: `output of the cdk8s project ${project}`, hint: `Harden the program and synthesise again, ${ANYWAY}.` },
  }
}

/** One `.gitattributes` line that says something of linguist: https://github.com/github-linguist/linguist/blob/main/docs/overrides.md */
interface Marking extends Patterns {
  readonly attribute: string
  /** Undefined where the line takes the mark away. */
  readonly hold: Hold | undefined
}

export type Markings = readonly Marking[]

/** The lines of one `.gitattributes` that matter, in order. */
export function markings(folder: string, text: string): Markings {
  const file = folder === '' ? '.gitattributes' : `${folder}/.gitattributes`
  return text.split(/\r?\n/).flatMap((line, index) => {
    const parts = /^[ \t]*("(?:[^"\\]|\\.)*"|[^\s#"!]\S*)[ \t]+(.*linguist-(?:generated|vendored).*)$/.exec(line)
    if (parts === null) return []
    const pattern = unquoted(parts[1] as string)
    // A pattern for a folder matches nothing below it in git; who writes one means its files.
    const rules = matcher().add(pattern)
    return (parts[2] as string).split(/\s+/).flatMap((word) => {
      const mark = /^([-!]?)(linguist-(generated|vendored))(?:=(.*))?$/.exec(word)
      if (mark === null) return []
      const on = mark[1] === '' && mark[4] !== 'false'
      const generated = mark[3] === 'generated'
      const hold: Hold = {
        code: generated ? 'GENERATED' : 'VENDORED',
        file,
        line: index + 1,
        because: `marked ${mark[2]} by the pattern ${pattern}`,
        hint: generated ? `Harden what they are generated from, ${ANYWAY}.` : `Harden them where they come from, ${ANYWAY}.`,
      }
      return [{ folder, rules, attribute: mark[2] as string, hold: on ? hold : undefined }]
    })
  })
}

/** The last line that speaks of the path decides, for each attribute by itself. `all` from the root inwards. */
export function markedBy(all: Markings, path: string): Hold | undefined {
  const settled = new Set<string>()
  for (let i = all.length - 1; i >= 0; i--) {
    const { folder, rules, attribute, hold } = all[i] as Marking
    if (settled.has(attribute) || !rules.ignores(below(folder, path))) continue
    if (hold !== undefined) return hold
    settled.add(attribute)
  }
  return undefined
}

function unquoted(pattern: string): string {
  return pattern.startsWith('"') ? pattern.slice(1, -1).replace(/\\(.)/g, '$1') : pattern
}
