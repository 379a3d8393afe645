/** Files to explained workloads, one file at a time. Nothing is planned and nothing written. */
import { discover } from '../discover.ts'
import { contextOf } from '../know.ts'
import { manifest } from '../languages/manifest/index.ts'
import { EMPTY_SURVEY, withDefaults } from '../options.ts'
import { isProblem, mayHoldPods, readSource, readWanted } from '../read.ts'
import { startSurvey } from '../survey.ts'
import { positions } from '../text/lines.ts'
import type { Context, Problem, Source } from '../types.ts'
import { type ExplainedWorkload, explainSite } from './explain.ts'

export interface Explained {
  readonly workloads: readonly ExplainedWorkload[]
  readonly problems: readonly Problem[]
}

/** `minor`: version of the standards. */
export function explainSource(source: Source, context: Context, minor: number): Explained {
  const files = { list: () => [source.path], read: () => source }
  const located = manifest.locate({ id: source.path, kind: 'manifest', root: '', files, writable: () => false })
  const position = positions(source.text)
  return { workloads: located.sites.map((site) => explainSite(site, context, minor, ({ span }) => position(span.start).line)), problems: located.problems }
}

/** Generated and vendored files too: they are what runs. */
export function* explainPaths(paths: readonly string[], where: { readonly cwd: string; readonly root?: string }, minor: number): Generator<Explained> {
  const found = discover(paths, { ...where, includeGenerated: true })
  yield { workloads: [], problems: found.problems }
  const survey = startSurvey(found.root)
  for (const path of found.all) {
    const source = readSource(found.root, path)
    if (!isProblem(source)) survey.add(path, source.text)
  }
  const context = contextOf(withDefaults({}, true), survey.finish().survey)
  for (const path of found.files) {
    const source = readWanted(found.root, path, mayHoldPods)
    if (source === undefined) continue
    yield isProblem(source) ? { workloads: [], problems: [source] } : explainSource(source, context, minor)
  }
}

export function explainStdin(source: Source, minor: number): Explained {
  return explainSource(source, contextOf(withDefaults({}, true), EMPTY_SURVEY), minor)
}
