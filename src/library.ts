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
import { makeFindings } from './findings.ts'
import { contextOf } from './know.ts'
import { manifest } from './languages/manifest/index.ts'
import { EMPTY_SURVEY, mistakeIn, withDefaults } from './options.ts'
import { hardenObject, type PlainObject, planObject } from './objects.ts'
import { planSite, wantedChanges } from './plan.ts'
import { decode } from './decode.ts'
import { unifiedDiff } from './text/diff.ts'
import type { Change, Context, Edit, Files, Finding, Note, ObjectRef, Options, Problem, SiteVerdict, Source, Unit, WorkloadKind } from './types.ts'
import { hardenUnit } from './unit.ts'

export * from './types.ts'
export { type PodTemplate, evaluate, type Verdict, type Violation } from './standards/evaluate.ts'
export { transforms }

export interface TextOptions extends Partial<Options> {
  /** Name used in findings and diffs, and to tell JSON from YAML. Default `stdin.yaml`. */
  readonly path?: string
}

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
 * Hardens every pod spec in a text of YAML or JSON, or in one plain Kubernetes object. Nobody sees a diff
 * here, so by default only changes that are `certain` or `known` are made; ask for more with `atLeast`.
 * Text that cannot be read, or an edit that fails its own check, is a problem, never an exception.
 */
export function harden(text: string | Uint8Array, options?: TextOptions): TextResult
export function harden<T extends PlainObject>(object: T, options?: Partial<Options>): ObjectResult<T>
export function harden(input: string | Uint8Array | PlainObject, options: TextOptions = {}): TextResult | ObjectResult<PlainObject> {
  return typeof input === 'string' || input instanceof Uint8Array ? hardenText(input, options) : hardenObject(input, contextFor(options))
}

/** The changes that `harden` would make with the same options. */
export function plan(input: string | Uint8Array | PlainObject, options: TextOptions = {}): Plan {
  const context = contextFor(options)
  if (typeof input !== 'string' && !(input instanceof Uint8Array)) {
    const { plans } = planObject(input, context)
    return { ...summary(plans), findings: makeFindings(plans, NO_FILES, new Set()), problems: plans.flatMap(({ problems }) => problems), notes: [] }
  }
  const source = sourceOf(input, options.path)
  if ('code' in source) return { changes: [], findings: [], problems: [source], notes: [] }
  const unit = unitOf(source, context.options.workloads)
  const located = manifest.locate(unit)
  const plans = located.sites.map((site) => planSite(site, transforms, context, new Map()))
  return {
    ...summary(plans),
    findings: makeFindings(plans, unit.files, new Set()),
    problems: [...located.problems, ...plans.flatMap(({ problems }) => problems)],
    notes: located.notes,
  }
}

/** @throws where an option has a value that is not known. */
function contextFor(options: Partial<Options>): Context {
  const mistake = mistakeIn(
    options,
    transforms.map(({ id }) => id),
  )
  if (mistake !== undefined) throw new TypeError(`podharden: ${mistake}`)
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
  if ('code' in source) {
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

function sourceOf(input: string | Uint8Array, path = 'stdin.yaml'): Source | Problem {
  return decode(path, typeof input === 'string' ? new TextEncoder().encode(input) : input)
}

function unitOf(source: Source, kinds: readonly WorkloadKind[]): Unit {
  const files: Files = { list: () => [source.path], read: (path) => (path === source.path ? source : undefined) }
  return { id: source.path, kind: 'manifest', root: '', files, kinds, writable: () => true }
}

const NO_FILES: Files = { list: () => [], read: () => undefined }
