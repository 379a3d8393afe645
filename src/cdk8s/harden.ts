/** `harden(scope)`: what the scope synthesises is hardened, whenever and however it is synthesised. */
import { writeFileSync } from 'node:fs'
import type { IConstruct } from 'constructs'
import transforms from '../../transforms/index.ts'
import { configAt, underneath } from '../config/read.ts'
import { DISCOVER_IO } from '../discover.ts'
import { contextOf } from '../know.ts'
import { findRoot } from '../named-paths.ts'
import { hardenObject, type PlainObject } from '../objects.ts'
import { mistakeIn, withDefaults } from '../options.ts'
import { startSurvey } from '../survey.ts'
import type { Context, ImageFacts, Options, Survey } from '../types.ts'
import { type HardenReport, Report, violationsOf } from './report.ts'
import { type ApiObjectLike, type Hardener, hook, isApiObject, mark, nearest, unhardened } from './scopes.ts'

/** {@link Options} as far as you want other than the defaults, and what belongs to synthesis. */
export interface HardenOptions extends Partial<Omit<Options, 'images' | 'inspected' | 'recorded' | 'pinUid'>> {
  /** What you know of your images. The first that matches counts; the entries of `podharden.yaml` come after these. */
  readonly images?: readonly (Omit<ImageFacts, 'source'> & { readonly source?: string })[]
  /** Whether `podharden.yaml` at the root of the repository is read. Default true. */
  readonly config?: boolean
  /** Synthesis fails where the standards still refuse something. Default false. */
  readonly strict?: boolean
  /** Where the report goes after `app.synth()`: to stderr, to a file, or nowhere. Default `stderr`. */
  readonly report?: 'stderr' | 'none' | { readonly file: string }
}

/**
 * Hardens every pod that `scope` will synthesise, with the transforms and the evidence of the command line. Objects that
 * are added later, by `Include` and `Helm` too, are hardened like the others. Each object once: where scopes are nested,
 * the options of the nearest one count, and where a scope is given twice, the last ones.
 *
 * By default only changes that are `certain` or `known` are made; `uid: 10001` or `atLeast: 'assumed'` go further. A Job
 * or bare Pod that is in the cluster cannot be updated, so these are changed from `atLeast: 'likely'` on only.
 * Nothing is written but the report. The answer is filled by each synthesis.
 *
 * @throws where an option has a value that is not known, or `podharden.yaml` cannot be understood.
 */
export function harden(scope: IConstruct, options: HardenOptions = {}): HardenReport {
  const hardener = new ScopeHardener(options)
  add(scope, hardener)
  return hardener.report
}

/** The same as a mixin, for constructs 10.5 and later: `app.with(hardened())`. */
export function hardened(options: HardenOptions = {}): { readonly report: HardenReport; supports(construct: IConstruct): boolean; applyTo(construct: IConstruct): void } {
  const hardener = new ScopeHardener(options)
  return {
    report: hardener.report,
    // A scope reaches what is below it; the objects themselves need no mark of their own unless they stand alone.
    supports: (construct) => nearest(construct) !== hardener,
    applyTo: (construct) => add(construct, hardener),
  }
}

function add(scope: IConstruct, hardener: ScopeHardener): void {
  const before = mark(scope, hardener)
  if (before === undefined) {
    // Every synthesis validates first, and by then the tree is complete.
    scope.node.addValidation({
      validate: () => {
        hook(scope)
        return nearest(scope)?.validate(scope) ?? []
      },
    })
  }
  hook(scope)
  const run = runOf(scope.node.root)
  run.hardeners.delete(before as ScopeHardener)
  run.hardeners.add(hardener)
  watch(scope.node.root, run)
}

class ScopeHardener implements Hardener {
  readonly report = new Report()
  readonly #options: HardenOptions
  readonly #settings: Options
  #context: { readonly survey: Survey; readonly context: Context } | undefined

  constructor(options: HardenOptions) {
    this.#options = options
    const given = settingsOf(options)
    const mistake = mistakeIn(
      given,
      transforms.map(({ id }) => id),
    )
    if (mistake !== undefined) throw new Error(`podharden: ${mistake}`)
    this.#settings = withDefaults(given, false)
  }

  validate(scope: IConstruct): string[] {
    const run = runOf(scope.node.root)
    // An App validates once more for each of its charts; nothing has changed in between.
    const known = run.isOn ? run.violations.get(scope) : undefined
    if (known !== undefined) return known
    if (!run.isOn) run.survey = undefined
    this.report.clear()
    const found = this.#options.strict === true ? this.#violations(scope) : []
    run.violations.set(scope, found)
    return found
  }

  #violations(scope: IConstruct): string[] {
    const objects = scope.node.findAll().filter(isApiObject)
    const paths = new Set(objects.filter((object) => nearest(object) === this).map((object) => object.node.path))
    for (const object of objects) if (paths.has(object.node.path)) this.harden(object, unhardened(object))
    return this.report.constructs.filter(({ path }) => paths.has(path)).flatMap(violationsOf)
  }

  harden(object: ApiObjectLike, manifest: PlainObject): PlainObject {
    const path = object.node.path
    const { object: result, findings, verdicts } = hardenObject(manifest, this.#contextFor(object.node.root), path)
    if (verdicts.length > 0) this.report.set({ path, findings, verdicts })
    return result
  }

  #contextFor(root: IConstruct): Context {
    const run = runOf(root)
    run.survey ??= surveyOf(root)
    if (this.#context?.survey !== run.survey) this.#context = { survey: run.survey, context: contextOf(this.#settings, run.survey) }
    return this.#context.context
  }

  print(): void {
    const where = this.#options.report ?? 'stderr'
    if (where === 'none') return
    const text = this.report.toString()
    if (where === 'stderr') process.stderr.write(text)
    else writeFileSync(where.file, text)
  }
}

/** What is given, and under it what the config file says. */
function settingsOf({ images = [], config = true, strict: _strict, report: _report, ...rest }: HardenOptions): Partial<Options> {
  const own = { ...rest, images: { images: images.map((image) => ({ source: 'harden()', ...image })), prefixes: [] }, today: rest.today ?? new Date().toISOString().slice(0, 10) }
  if (!config) return own
  const found = configAt(findRoot('.', process.cwd(), DISCOVER_IO), readText)
  if ('mistakes' in found) throw new Error(found.mistakes.join('; '))
  return underneath(own, found.config)
}

function readText(file: string): string | undefined {
  try {
    return DISCOVER_IO.readFileSync(file, 'utf8') as string
  } catch {
    return undefined
  }
}

/** What the other manifests of the whole tree say: claims that are shared, labels of namespaces, the same image elsewhere. */
function surveyOf(root: IConstruct): Survey {
  const survey = startSurvey()
  for (const object of root.node.findAll().filter(isApiObject)) {
    try {
      survey.add(`${object.node.path}.json`, JSON.stringify(unhardened(object)))
    } catch {
      // One that cannot be made yet says nothing; where it is synthesised itself, it fails by itself.
    }
  }
  return survey.finish().survey
}

/** What is remembered of one App, over one synthesis where its beginning and end can be seen. */
interface Run {
  isOn: boolean
  readonly hardeners: Set<ScopeHardener>
  survey: Survey | undefined
  readonly violations: Map<IConstruct, string[]>
}

const runs = new WeakMap<IConstruct, Run>()

function runOf(root: IConstruct): Run {
  let run = runs.get(root)
  if (run === undefined) {
    run = { isOn: false, hardeners: new Set(), survey: undefined, violations: new Map() }
    runs.set(root, run)
  }
  return run
}

const watched = new WeakSet<IConstruct>()

/** `synth` and `synthYaml` of an App begin and end where we can see it; the report is printed after `synth`. */
function watch(root: IConstruct, run: Run): void {
  if (watched.has(root)) return
  watched.add(root)
  for (const name of ['synth', 'synthYaml'] as const) {
    const app = root as IConstruct & Partial<Record<typeof name, () => unknown>>
    const method = app[name]
    if (typeof method !== 'function') continue
    const value = (): unknown => {
      run.isOn = true
      run.survey = undefined
      run.violations.clear()
      try {
        const result = method.call(app)
        if (name === 'synth') for (const hardener of run.hardeners) hardener.print()
        return result
      } finally {
        run.isOn = false
        run.survey = undefined
      }
    }
    Object.defineProperty(app, name, { value, configurable: true, writable: true, enumerable: false })
  }
}
