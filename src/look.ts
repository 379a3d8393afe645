/** Workloads of files for commands that only look: nothing is planned and nothing written. */
import { discover } from './discover.ts'
import { languageOf, unitOf } from './languages/index.ts'
import { isProgram, mayMakePods } from './languages/program/files.ts'
import { EMPTY_SURVEY } from './options.ts'
import { isProblem, mayHoldPods, readWanted } from './read.ts'
import { surveyTree } from './survey-tree.ts'
import { positions } from './text/lines.ts'
import type { Problem, Site, Source, Survey } from './types.ts'

/** What one file holds. */
export interface Looked {
  readonly sites: readonly Site[]
  readonly problems: readonly Problem[]
  readonly survey: Survey
  /** One-based line of an offset of the file. */
  lineOf(offset: number): number
}

export function lookAt(source: Source, survey: Survey = EMPTY_SURVEY, root = ''): Looked {
  const { sites, problems } = languageOf(source.path).locate(unitOf(root, source))
  const position = positions(source.text)
  return { sites, problems, survey, lineOf: (offset) => position(offset).line }
}

/** Generated and vendored files too: they are what runs. */
export function* lookThrough(paths: readonly string[], where: { readonly cwd: string; readonly root?: string }): Generator<Looked> {
  const found = discover(paths, { ...where, includeGenerated: true })
  const { survey } = surveyTree(found)
  yield { ...nothingBut(found.problems), survey }
  for (const path of found.files) {
    const source = readWanted(found.root, path, isProgram(path) ? mayMakePods : mayHoldPods)
    if (source === undefined) continue
    yield isProblem(source) ? nothingBut([source]) : lookAt(source, survey, found.root)
  }
}

/** What the tree around a folder says, without a look at any workload. */
export function surveyAround(where: { readonly cwd: string; readonly root?: string }): Survey {
  return surveyTree(discover(['.'], { ...where, includeGenerated: true })).survey
}

export function nothingBut(problems: readonly Problem[]): Looked {
  return { sites: [], problems, survey: EMPTY_SURVEY, lineOf: () => 1 }
}
