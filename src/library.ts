/**
 * The library: harden text or plain objects. Nothing that it reaches needs Node, so it can be bundled for a browser
 * (`test/browser.test.ts`).
 *
 * ```ts
 * import { harden } from 'podharden'
 * const { text, findings } = harden(yaml, { atLeast: 'likely' })
 * ```
 */
import transforms from '../transforms/index.ts'
import { isProblem } from './decode.ts'
import { makeFindings } from './findings.ts'
import { contextOf } from './know.ts'
import { manifest } from './languages/manifest/index.ts'
import { EMPTY_SURVEY, mistakeIn, refuse, withDefaults } from './options.ts'
import { hardenObject, NO_FILES, type PlainObject, planObject } from './objects.ts'
import { planSite, wantedChanges } from './plan.ts'
import { unifiedDiff } from './text/diff.ts'
import { isText, sourceOf, unitOf } from './given.ts'
import type { Change, Context, Edit, Finding, Note, ObjectRef, Options, Problem, SiteVerdict } from './types.ts'
import { exemptionNotes, hardenUnit, ownedNotes } from './unit.ts'

export * from './types.ts'
export { type EvaluatedWorkload, type EvaluateOptions, type Evaluation, evaluate } from './evaluation.ts'
export type { PlainObject } from './objects.ts'
export type { Issue, StandardLevel } from './standards/check.ts'
export type { Verdict, Violation } from './standards/evaluate.ts'
/** The transforms in the order in which they are planned; `id` is what `only`, `skip` and `override` take. */
export { transforms }

/** {@link Options} as far as you want other than the defaults, and the name of the text. */
export interface TextOptions extends Partial<Options> {
  /** Name used in findings and diffs, and to tell JSON from YAML. Default `stdin.yaml`. */
  readonly path?: string
}

/** What became of a text. */
export interface TextResult {
  /** With the byte order mark it came with. The same text when nothing was changed. */
  readonly text: string
  readonly changed: boolean
  /** Unified diff, empty when nothing was changed. */
  readonly diff: string
  readonly findings: readonly Finding[]
  /** What the Pod Security Standards say of each workload, before and after. */
  readonly verdicts: readonly SiteVerdict[]
  readonly problems: readonly Problem[]
  readonly notes: readonly Note[]
  /** On the original text without byte order mark, in the order of application. */
  readonly edits: readonly Edit[]
}

/** What became of a plain object. */
export interface ObjectResult<T> {
  /** A new object when something was changed, else the one given. */
  readonly object: T
  readonly changed: boolean
  readonly findings: readonly Finding[]
  readonly verdicts: readonly SiteVerdict[]
}

/** What would be changed, field by field, without making the text. */
export interface Plan {
  readonly changes: readonly { readonly object: ObjectRef; readonly changes: readonly Change[] }[]
  readonly findings: readonly Finding[]
  readonly problems: readonly Problem[]
  readonly notes: readonly Note[]
}

/**
 * Hardens every pod spec in a text of YAML or JSON, or in one plain Kubernetes object (a list of them counts as one).
 * Nobody sees a diff here, so by default only changes that are `certain` or `known` are made; ask for more with
 * `atLeast`. An existing Job or bare Pod cannot be updated in place, so these are changed from `likely` on only.
 * What is given is never changed. Text that cannot be read, or an edit that fails its own check, is a
 * problem, never an exception.
 *
 * @throws TypeError where an option has a value that is not known.
 */
export function harden(text: string | Uint8Array, options?: TextOptions): TextResult
export function harden<T extends PlainObject>(object: T, options?: Partial<Options>): ObjectResult<T>
export function harden(input: string | Uint8Array | PlainObject, options: TextOptions = {}): TextResult | ObjectResult<PlainObject> {
  return isText(input) ? hardenText(input, options) : hardenObject(input, contextFor(options))
}

/**
 * The changes that `harden` would make with the same options, field by field and without making the text. What a text
 * has no place for (a shared anchor, a template) shows only when it is made: then `harden` makes less.
 *
 * @throws TypeError where an option has a value that is not known.
 */
export function plan(input: string | Uint8Array | PlainObject, options: TextOptions = {}): Plan {
  const context = contextFor(options)
  if (!isText(input)) {
    const { plans } = planObject(input, context)
    return { ...summary(plans), findings: makeFindings(plans, NO_FILES, new Set()), problems: plans.flatMap(({ problems }) => problems), notes: [] }
  }
  const source = sourceOf(input, options.path)
  if (isProblem(source)) return { changes: [], findings: [], problems: [source], notes: [] }
  const unit = unitOf(source, context.options.workloads)
  const located = manifest.locate(unit)
  const plans = located.sites.filter(({ owner }) => owner === undefined).map((site) => planSite(site, transforms, context, new Map()))
  return {
    ...summary(plans),
    findings: makeFindings(plans, unit.files, new Set()),
    problems: [...located.problems, ...plans.flatMap(({ problems }) => problems)],
    notes: [...located.notes, ...ownedNotes(unit, located.sites), ...exemptionNotes(plans, { transforms, context }, unit)],
  }
}

function contextFor(options: Partial<Options>): Context {
  refuse(
    mistakeIn(
      options,
      transforms.map(({ id }) => id),
    ),
  )
  return contextOf(withDefaults(options, false), EMPTY_SURVEY)
}

function summary(plans: readonly ReturnType<typeof planSite>[]): Pick<Plan, 'changes'> {
  return {
    changes: plans
      .map((sitePlan) => ({ object: sitePlan.pod.site.object, changes: wantedChanges([sitePlan]).map(({ change }) => change) }))
      .filter(({ changes }) => changes.length > 0),
  }
}

function hardenText(input: string | Uint8Array, options: TextOptions): TextResult {
  const source = sourceOf(input, options.path)
  if (isProblem(source)) {
    const text = typeof input === 'string' ? input : new TextDecoder('latin1').decode(input)
    return { text, changed: false, diff: '', findings: [], verdicts: [], problems: [source], notes: [], edits: [] }
  }
  const context = contextFor(options)
  const result = hardenUnit(unitOf(source, context.options.workloads), { language: manifest, transforms, context })
  const output = result.outputs[0]
  const text = (source.bom ? '\uFEFF' : '') + (output?.text ?? source.text)
  return {
    text,
    changed: output !== undefined,
    diff: output === undefined ? '' : unifiedDiff(output.source, output.text, output.edits),
    findings: result.findings,
    verdicts: result.verdicts,
    problems: result.problems,
    notes: result.notes,
    edits: output?.edits ?? [],
  }
}
