/** Workloads of files for commands that only look: nothing is planned and nothing written. */
import { discover } from './discover.ts'
import { languageOf, unitOf } from './languages/index.ts'
import { isProgram, mayMakePods } from './languages/program/files.ts'
import { EMPTY_SURVEY } from './options.ts'
import { isProblem } from './decode.ts'
import { mayHoldPods, readWanted } from './read.ts'
import { surveyTree } from './survey-tree.ts'
import { positions } from './text/lines.ts'
import type { Problem, Site, Source, Survey, UnknownKind, WorkloadKind } from './types.ts'

/** What one file holds. */
export interface Looked {
  readonly sites: readonly Site[]
  readonly problems: readonly Problem[]
  readonly survey: Survey
  readonly unknownKinds: readonly UnknownKind[]
  /** One-based line of an offset of the file. */
  lineOf(offset: number): number
}

export interface Around {
  readonly survey?: Survey
  readonly root?: string
  /** Kinds of the user's own that hold pod specs. */
  readonly kinds?: readonly WorkloadKind[]
}

export function lookAt(source: Source, { survey = EMPTY_SURVEY, root = '', kinds = [] }: Around = {}): Looked {
  const { sites, problems, unknownKinds = [] } = languageOf(source.path).locate(unitOf(root, source, kinds))
  const position = positions(source.text)
  return { sites, problems, survey, unknownKinds, lineOf: (offset) => position(offset).line }
}

/** Generated and vendored files too: they are what runs. */
export function* lookThrough(paths: readonly string[], where: { readonly cwd: string; readonly root?: string; readonly kinds?: readonly WorkloadKind[] }): Generator<Looked> {
  const found = discover(paths, { ...where, includeGenerated: true })
  const { survey } = surveyTree(found)
  yield { ...nothingBut(found.problems), survey }
  for (const path of found.files) {
    const source = readWanted(found.root, path, isProgram(path) ? mayMakePods : mayHoldPods)
    if (source === undefined) continue
    yield isProblem(source) ? nothingBut([source]) : lookAt(source, { survey, root: found.root, ...(where.kinds === undefined ? {} : { kinds: where.kinds }) })
  }
}

/** What the tree around a folder says, without a look at any workload. */
export function surveyAround(where: { readonly cwd: string; readonly root?: string }): Survey {
  return surveyTree(discover(['.'], { ...where, includeGenerated: true })).survey
}

export function nothingBut(problems: readonly Problem[]): Looked {
  return { sites: [], problems, survey: EMPTY_SURVEY, unknownKinds: [], lineOf: () => 1 }
}
