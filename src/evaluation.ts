/** The verdict of the Pod Security Standards on texts and plain objects, as the library gives it. */
import { isProblem } from './decode.ts'
import { isText, sourceOf, unitOf } from './given.ts'
import { manifest } from './languages/manifest/index.ts'
import { locateObject, type PlainObject } from './objects.ts'
import { mistakeIn, refuse } from './options.ts'
import { templateOf } from './pod.ts'
import type { StandardLevel } from './standards/check.ts'
import { evaluate as evaluateTemplate, type Verdict } from './standards/evaluate.ts'
import { positions } from './text/lines.ts'
import type { Note, ObjectRef, Options, Problem, Site } from './types.ts'

/** Whose standards, and what the text is called. */
export interface EvaluateOptions extends Partial<Pick<Options, 'pssVersion' | 'workloads'>> {
  /** Name used in problems and notes. Default `stdin.yaml`. */
  readonly path?: string
  /** Default `restricted`. */
  readonly level?: StandardLevel
}

/** The verdict on one workload. */
export interface EvaluatedWorkload extends Verdict {
  readonly object: ObjectRef
  /** One-based, of the object in the text. Absent for a plain object. */
  readonly line?: number
}

/** The verdict on every workload of a text or an object. */
export interface Evaluation {
  readonly workloads: readonly EvaluatedWorkload[]
  readonly problems: readonly Problem[]
  readonly notes: readonly Note[]
}

/**
 * What the Pod Security Standards say of every workload in a text, or in one plain Kubernetes object: what the API
 * server would say of it as it stands. Text that cannot be read is a problem, never an exception.
 *
 * @throws TypeError where an option has a value that is not known.
 */
export function evaluate(input: string | Uint8Array | PlainObject, options: EvaluateOptions = {}): Evaluation {
  const { level = 'restricted', pssVersion = 'latest', path, workloads: kinds = [] } = options
  if (level !== 'baseline' && level !== 'restricted') throw new TypeError(`podharden: level must be one of baseline, restricted, not ${JSON.stringify(level)}`)
  refuse(mistakeIn({ pssVersion }, []))
  const judged = (site: Site): EvaluatedWorkload => ({
    object: site.object,
    ...evaluateTemplate({ template: templateOf(site), isPod: site.object.kind === 'Pod' }, level, pssVersion),
  })
  if (!isText(input)) return { workloads: locateObject(input, '', kinds).sites.map(judged), problems: [], notes: [] }
  const source = sourceOf(input, path)
  if (isProblem(source)) return { workloads: [], problems: [source], notes: [] }
  const { sites, problems, notes } = manifest.locate(unitOf(source, kinds))
  const position = positions(source.text)
  return { workloads: sites.map((site) => ({ ...judged(site), line: position(site.root.at?.span.start ?? 0).line })), problems, notes }
}
