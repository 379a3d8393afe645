/**
 * The stages in order, one unit at a time: what is done with is let go, so a large tree needs no more memory
 * than its largest file.
 */
import transforms from '../transforms/index.ts'
import { changedSince } from './changed.ts'
import { type Discovery, discover } from './discover.ts'
import { generatedHeader } from './generated.ts'
import { contextOf } from './know.ts'
import { mayHoldDocument } from './kube/documents.ts'
import { languageOf, unitOf } from './languages/index.ts'
import { isProgram, mayMakePods } from './languages/program/files.ts'
import { isProblem, mayHoldPods, readWanted } from './read.ts'
import { surveyTree } from './survey-tree.ts'
import type { Context, Note, Options, Source, UnitResult } from './types.ts'
import { hardenUnit } from './unit.ts'

export interface RunOptions {
  /** Files and directories that may be changed. */
  readonly paths: readonly string[]
  readonly cwd: string
  /** What evidence is read from. Default: the nearest folder with `.git` above the first path. */
  readonly root?: string
  readonly includeGenerated: boolean
  /** A revision of git: only files that differ from it are changed. Evidence is read from the whole tree all the same. */
  readonly changedSince?: string
  readonly options: Options
}

export interface Run {
  readonly root: string
  /** Files that may be changed, relative to the root; known before the first result. */
  readonly files: readonly string[]
  /** Results in the order of paths; the first holds what discovery had to say. */
  results(): Generator<UnitResult>
  /** What was planned with; known once the results have begun. */
  context(): Context
}

export function run(request: RunOptions): Run {
  const found = narrowed(
    discover(request.paths, { cwd: request.cwd, includeGenerated: request.includeGenerated, ...(request.root === undefined ? {} : { root: request.root }) }),
    request.changedSince,
  )
  let context: Context | undefined
  const begin = (): { readonly context: Context; readonly patchFiles: ReadonlyMap<string, string> } => {
    const { survey, patchFiles } = surveyTree(found)
    context = contextOf(request.options, survey)
    return { context, patchFiles }
  }
  return { root: found.root, files: found.files, results: () => results(found, request, begin), context: () => context ?? begin().context }
}

function narrowed(found: Discovery, ref: string | undefined): Discovery {
  if (ref === undefined) return found
  const changed = changedSince(found.root, ref)
  return 'code' in changed ? { ...found, files: [], problems: [...found.problems, changed] } : { ...found, files: found.files.filter((path) => changed.has(path)) }
}

function* results(found: Discovery, request: RunOptions, begin: () => { readonly context: Context; readonly patchFiles: ReadonlyMap<string, string> }): Generator<UnitResult> {
  yield { ...NOTHING, unit: '', problems: found.problems, notes: found.notes }
  const { context, patchFiles } = begin()
  for (const path of found.files) {
    const isCode = isProgram(path)
    const source = readWanted(found.root, path, isCode ? mayMakePods : (bytes) => mayHoldPods(bytes) || mayHoldOtherShape(bytes))
    if (source === undefined) continue
    if (isProblem(source)) {
      yield { ...NOTHING, unit: path, problems: [source] }
      continue
    }
    const note = isCode || !mayHoldDocument(source.text) ? undefined : leftAlone(source, found.named.has(path) || request.includeGenerated, patchFiles)
    if (note !== undefined) {
      yield { ...NOTHING, unit: path, notes: [note] }
      continue
    }
    yield hardenUnit(unitOf(found.root, source), { language: languageOf(path), transforms, context })
  }
}

export const NOTHING: UnitResult = {
  unit: '',
  sites: 0,
  containers: 0,
  standings: { certain: 0, known: 0, likely: 0, assumed: 0 },
  findings: [],
  verdicts: [],
  problems: [],
  notes: [],
  patches: [],
  outputs: [],
}

/** Kinds with containers of their own shape are named in a note. */
function mayHoldOtherShape(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return text.includes('argoproj.io/') || text.includes('tekton.dev/')
}

function leftAlone({ path, text }: Source, anyway: boolean, patchFiles: ReadonlyMap<string, string>): Note | undefined {
  const kustomization = patchFiles.get(path)
  if (kustomization !== undefined) {
    return {
      code: 'KUSTOMIZE_PATCH',
      file: path,
      message: `a patch of ${kustomization}; left as it is`,
      hint: 'The object it is applied to is hardened where it lies in this tree.',
    }
  }
  const header = anyway ? undefined : generatedHeader(text)
  if (header === undefined) return undefined
  return {
    code: 'GENERATED',
    file: path,
    message: `generated ("${header.slice(0, 80)}"); left as it is`,
    hint: 'Harden what it is generated from, or name the file, or use --include-generated.',
  }
}
