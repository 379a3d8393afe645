/**
 * The stages in order, one unit at a time: what is done with is let go, so a large tree needs no more memory
 * than its largest file.
 */
import { resolve } from 'node:path'
import transforms from '../transforms/index.ts'
import { changedSince } from './changed.ts'
import { type Discovery, discover } from './discover.ts'
import { CONFIG_FILE } from './config/read.ts'
import { ruleNotes } from './exemptions/notes.ts'
import { generatedHeader } from './generated.ts'
import { matcher } from './gitignore.ts'
import { contextOf } from './know.ts'
import { mayHoldDocument } from './kube/documents.ts'
import { languageOf, unitOf } from './languages/index.ts'
import { isProgram, mayMakePods } from './languages/program/files.ts'
import { isProblem } from './decode.ts'
import { namespaceFacts } from './namespaces.ts'
import { selected } from './plan.ts'
import { NEWEST, parseVersion } from './standards/versions.ts'
import { mayHoldPods, readSource, readWanted } from './read.ts'
import { plural } from './report/safe.ts'
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
  /** Patterns as in `.gitignore`, from the root: such files are never changed. */
  readonly ignore?: readonly string[]
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
  /** One of the files planned once more, as it is on disk now, with other options; undefined where it cannot be read. */
  again(path: string, options: Options): UnitResult | undefined
}

export function run(request: RunOptions): Run {
  const found = narrowed(
    discover(request.paths, { cwd: request.cwd, includeGenerated: request.includeGenerated, ...(request.root === undefined ? {} : { root: request.root }) }),
    request,
  )
  let context: Context | undefined
  const begin = (): { readonly context: Context; readonly patchFiles: ReadonlyMap<string, string> } => {
    const { survey, patchFiles } = surveyTree(found)
    const minor = parseVersion(request.options.pssVersion) ?? NEWEST
    const namespaces = wantsNamespaces(request.options) ? namespaceFacts(found, request.options.workloads, minor) : survey.namespaces
    context = contextOf(request.options, { ...survey, namespaces })
    return { context, patchFiles }
  }
  const again = (path: string, options: Options): UnitResult | undefined => {
    const source = readSource(found.root, path)
    if (isProblem(source)) return undefined
    const { survey } = context ?? begin().context
    return hardenUnit(unitOf(found.root, source, options.workloads, wantsNamespaces(options)), { language: languageOf(path), transforms, context: contextOf(options, survey) })
  }
  return { root: found.root, files: found.files, results: () => results(found, request, begin), context: () => context ?? begin().context, again }
}

function wantsNamespaces(options: Options): boolean {
  return selected(transforms, options).some(({ on }) => on === 'namespace')
}

function narrowed(found: Discovery, { changedSince: ref, ignore = [] }: RunOptions): Discovery {
  const ignored = matcher().add([...ignore])
  const files = found.files.filter((path) => !ignored.ignores(path))
  const count = found.files.length - files.length
  const notes = count === 0 ? found.notes : [...found.notes, ignoredNote(count)]
  if (ref === undefined) return { ...found, files, notes }
  const changed = changedSince(found.root, ref)
  return 'code' in changed ? { ...found, files: [], notes, problems: [...found.problems, changed] } : { ...found, notes, files: files.filter((path) => changed.has(path)) }
}

function ignoredNote(count: number): Note {
  return { code: 'IGNORED', file: CONFIG_FILE, message: `${plural(count, 'file is', 'files are')} left alone by ignore`, hint: 'Take the pattern out to have them hardened.' }
}

function* results(found: Discovery, request: RunOptions, begin: () => { readonly context: Context; readonly patchFiles: ReadonlyMap<string, string> }): Generator<UnitResult> {
  yield { ...NOTHING, unit: '', problems: found.problems, notes: found.notes }
  const { context, patchFiles } = begin()
  const used = new Set<string>()
  const namespaces = wantsNamespaces(request.options)
  for (const path of found.files) {
    const isCode = isProgram(path)
    const source = readWanted(
      found.root,
      path,
      isCode
        ? mayMakePods
        : (bytes) => mayHoldPods(bytes) || mayHoldOtherShape(bytes) || (namespaces && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('Namespace')),
    )
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
    const result = hardenUnit(unitOf(found.root, source, request.options.workloads, namespaces), { language: languageOf(path), transforms, context })
    for (const finding of result.findings) if (finding.outcome === 'exempt') used.add(finding.by)
    yield result
  }
  // Of a part of the tree nothing can be said about rules for all of it.
  const isWhole = request.changedSince === undefined && request.paths.some((path) => resolve(request.cwd, path) === resolve(found.root))
  const notes = ruleNotes(request.options, used, isWhole)
  if (notes.length > 0) yield { ...NOTHING, unit: CONFIG_FILE, notes }
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
