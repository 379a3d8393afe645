/** The command line: the only user of console and process. Everything else returns. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { styleText } from 'node:util'
import transforms from '../transforms/index.ts'
import { argumentParser, type ExplainRequest, type ImagesRequest, type Inspection, type Request, STDIN, UsageError } from './arguments.ts'
import { CONFIG_FILE, configAt, underneath } from './config.ts'
import { DISCOVER_IO } from './discover.ts'
import { catalogueVersion } from './evidence/catalogue.ts'
import { caps } from './explain/caps.ts'
import { ExplainJson, explainMarkdown, explainText } from './explain/print.ts'
import { explainSite } from './explain/explain.ts'
import type { Recordings } from './evidence/from-recording.ts'
import type { Inspected } from './evidence/inspect.ts'
import { parseReference } from './evidence/reference.ts'
import { ImageList, type ListedImage } from './images/list.ts'
import { withStubs } from './images/stubs.ts'
import { imageLines, imagesJson, imageTotals } from './images/print.ts'
import { inspect, placesOf } from './inspection.ts'
import { findRoot } from './named-paths.ts'
import { isProgram } from './languages/program/files.ts'
import { type Looked, lookAt, lookThrough, nothingBut, surveyAround } from './look.ts'
import { contextOf } from './know.ts'
import { manifest } from './languages/manifest/index.ts'
import { EMPTY_SURVEY, withDefaults } from './options.ts'
import type { Proof } from './prove/compare.ts'
import { proveBySynthesis } from './prove/programs.ts'
import { decode, isProblem, readSource } from './read.ts'
import { JsonReport } from './report/json.ts'
import { plural, safe } from './report/safe.ts'
import { endLines, type Paint, plain, workloadLines } from './report/text.ts'
import { Totals } from './report/totals.ts'
import { NOTHING, type Run, run } from './run.ts'
import { unifiedDiff } from './text/diff.ts'
import type { ImageOptions, Problem, Survey, UnitResult } from './types.ts'
import { hardenUnit } from './unit.ts'
import { VERSION } from './version.ts'
import { cleanUp, writeFiles, writeTree } from './write.ts'

export async function main(argv: readonly string[]): Promise<number> {
  const stop = stopOnSignals()
  try {
    let code = 0
    const args = argv.map((arg) => (arg === '-' ? STDIN : arg))
    const parser = argumentParser(
      args,
      { columns: process.stdout.columns, color: process.env.NO_COLOR === undefined && process.stderr.isTTY === true, print: (text) => process.stdout.write(text), read: readText },
      {
        harden: async (given) => {
          const request = { ...given, options: { ...given.options, images: stated(given.options.images ?? NO_IMAGES, given) } }
          code = request.paths.includes(STDIN) ? await hardenStdin(request, stop) : await hardenPaths(request, stop)
        },
        explain: async (request) => {
          code = await explain({ ...request, images: stated(request.images, request) }, stop)
        },
        images: async (request) => {
          code = await listImages({ ...request, images: stated(request.images, request) }, stop)
        },
        caps: (request) => {
          const answer = caps(request)
          if ('error' in answer) throw new UsageError(answer.error)
          process.stdout.write(answer.text)
        },
      },
    )
    await parser.parseAsync()
    return code
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`podharden: ${safe(error.message)}\nSee podharden --help.\n`)
      return 2
    }
    cleanUp()
    process.stderr.write(
      `podharden: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nPlease report this. Files already written are complete; no file is half-written.\n`,
    )
    return 2
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

const NO_IMAGES: ImageOptions = { images: [], prefixes: [] }

interface Where {
  readonly paths: readonly string[]
  readonly root: string | undefined
}

function rootOf({ paths, root }: Where): string {
  const first = paths[0]
  return root === undefined ? findRoot(first === undefined || first === STDIN || !existsSync(first) ? '.' : first, process.cwd(), DISCOVER_IO) : resolve(root)
}

/** What the flags state of images, and under it what the config file does. */
function stated(images: ImageOptions, where: Where): ImageOptions {
  const found = configAt(rootOf(where), readText)
  if ('mistakes' in found) throw new UsageError(found.mistakes.join('; '))
  return underneath(images, found.config)
}

function painter(color: boolean): Paint {
  return color ? (style, text) => styleText(style, text, { validateStream: false }) : plain
}

/** Images that are asked for are read first; what is wrong with one is a problem of the run. */
function inspection(request: { readonly inspection: Inspection }, looked: () => Iterable<Looked>, stop: Stop, more: Iterable<string> = []): Promise<Inspected> {
  return inspect(request.inspection, looked, more, placesOf(process.env, homedir()), (text) => stop.progress(text))
}

async function hardenStdin(request: Request, stop: Stop): Promise<number> {
  const source = decode('stdin.yaml', readFileSync(0))
  const totals = new Totals()
  if (isProblem(source)) {
    totals.add({ ...NOTHING, unit: 'stdin', problems: [source] })
    process.stderr.write(endLines(totals, { written: false, dry: false, full: false }, painter(request.color)))
    return 2
  }
  const named = source.text.trimStart().startsWith('{') ? { ...source, path: 'stdin.json' } : source
  const unit = { id: named.path, kind: 'manifest' as const, root: '', files: { list: () => [named.path], read: () => named }, writable: () => true }
  const inspected = await inspection(request, () => [lookAt(named)], stop)
  const read = hardenUnit(unit, { language: manifest, transforms, context: contextOf(withDefaults({ ...request.options, inspected }, false), EMPTY_SURVEY) })
  const result = { ...read, problems: [...inspected.problems, ...read.problems] }
  totals.add(result)
  process.stdout.write((source.bom ? '\uFEFF' : '') + (result.outputs[0]?.text ?? source.text))
  reportUnused(request)
  if (!request.quiet || totals.problems.length > 0) process.stderr.write(endLines(totals, { written: true, dry: false, full: false }, painter(request.color)))
  return totals.problems.length > 0 ? 2 : request.check && totals.changedFiles > 0 ? 1 : 0
}

async function hardenPaths(request: Request, stop: Stop): Promise<number> {
  const where = { cwd: process.cwd(), ...(request.root === undefined ? {} : { root: request.root }) }
  const inspected = await inspection(request, () => lookThrough(request.paths, where), stop)
  const started: Run = run({
    paths: request.paths,
    cwd: process.cwd(),
    ...(request.root === undefined ? {} : { root: request.root }),
    includeGenerated: request.includeGenerated,
    options: withDefaults({ ...request.options, inspected }, true),
  })
  const dry = !request.write && request.outDir === undefined
  const paint = painter(request.color)
  const totals = new Totals()
  const sinks = openSinks(request, paint)
  sinks.start()
  const programs: UnitResult[] = []
  const take = (result: UnitResult): void => {
    const problems = dry ? [] : write(started, request, result)
    const all = problems.length === 0 ? result : { ...result, outputs: [], problems: [...result.problems, ...problems] }
    totals.add(all)
    sinks.unit(all)
  }
  let lastPause = Date.now()
  let done = 0
  for (const one of started.results()) {
    // The first result is about the run itself.
    const result = one.unit === '' ? { ...one, problems: [...one.problems, ...inspected.problems] } : one
    if (request.prove && result.outputs.some(({ source }) => isProgram(source.path))) programs.push(result)
    else take(result)
    if (Date.now() - lastPause > 50) {
      // Lets a signal or a closed pipe be noticed between two units, never inside one.
      await new Promise((next) => setImmediate(next))
      lastPause = Date.now()
      stop.progress(`${++done} / ${started.files.length} files`)
    } else done++
    if (stop.asked) {
      stop.progress('')
      process.stderr.write(`podharden: stopped; ${dry ? 'nothing was written' : `${totals.changedFiles} files were written, the others are untouched`}\n`)
      return 130
    }
    if (stop.closed && dry && request.output === undefined) return 0
  }
  if (programs.length > 0) {
    stop.progress('synthesising…')
    const proved = proveBySynthesis(started.root, programs, started.context(), process.env)
    stop.progress('')
    for (const result of proved.results) take(result)
    for (const { folder, proofs } of proved.projects) process.stderr.write(proofLine(folder, proofs))
  }
  stop.progress('')
  sinks.end(totals)
  reportUnused(request)
  if (totals.problems.length > 0) return 2
  return request.check && totals.changedFiles > 0 && dry ? 1 : 0
}

/** Problems go to stderr in every format, and into the JSON. */
async function explain(request: ExplainRequest, stop: Stop): Promise<number> {
  const { format, level, minor, root } = request
  const json = new ExplainJson()
  const paint = request.color ? painter(true) : plain
  const problems: Problem[] = []
  if (format === 'json') process.stdout.write(json.start())
  // stdin can be read only once.
  const parts = request.inspection.registries ? [...looked(request.paths, root)] : undefined
  const inspected = await inspection(request, () => parts ?? [], stop)
  problems.push(...inspected.problems)
  let last = Date.now()
  let workloads = 0
  for (const part of parts ?? looked(request.paths, root)) {
    problems.push(...part.problems)
    const context = contextOf(withDefaults({ images: request.images, inspected, recorded: request.recorded }, true), part.survey)
    for (const site of part.sites) {
      const workload = explainSite(site, context, minor, ({ span }) => part.lineOf(span.start))
      workloads++
      process.stdout.write(format === 'json' ? json.workload(workload) : format === 'markdown' ? explainMarkdown(workload, level) : explainText(workload, level, paint))
    }
    if (Date.now() - last > 50) {
      await new Promise((next) => setImmediate(next))
      last = Date.now()
    }
    if (stop.closed) return 0
    if (stop.asked) return 130
  }
  if (format === 'json') process.stdout.write(json.end(problems))
  else if (workloads === 0) process.stderr.write('podharden: no workloads found\n')
  reportUnused(request)
  return reportProblems(problems)
}

function proofLine(folder: string, proofs: readonly Proof[]): string {
  const count = (outcome: Proof['outcome']): number => proofs.filter((proof) => proof.outcome === outcome).length
  return `podharden: ${safe(folder === '' ? 'the project' : folder)} synthesised before and after: ${plural(proofs.length, 'object')}, ${count('gained')} hardened in full, ${count('partly')} in part, ${count('unchanged')} unchanged, ${count('broken')} different\n`
}

/** A name that is spelt otherwise would go unnoticed. */
function reportUnused({ recorded }: { readonly recorded: Recordings }): void {
  for (const name of recorded.unused) process.stderr.write(`podharden: --evidence ${safe(name)}: says nothing of any container that was looked at\n`)
}

function reportProblems(problems: readonly Problem[]): number {
  for (const { file, line, message, hint } of problems) process.stderr.write(`podharden: ${safe(file)}${line === undefined ? '' : `:${line}`}: ${safe(message)}. ${safe(hint)}\n`)
  return problems.length > 0 ? 2 : 0
}

/** Every file that is looked at, or stdin. */
function* looked(paths: readonly string[], root: string | undefined): Generator<Looked> {
  if (!paths.includes(STDIN)) {
    yield* lookThrough(paths, { cwd: process.cwd(), ...(root === undefined ? {} : { root }) })
    return
  }
  const source = decode('stdin.yaml', readFileSync(0))
  yield isProblem(source) ? nothingBut([source]) : lookAt(source)
}

/** What is no path and looks like an image is one: `podharden images redis:7`. */
async function listImages(request: ImagesRequest, stop: Stop): Promise<number> {
  const list = new ImageList()
  const problems: Problem[] = []
  const isPath = (path: string): boolean => path === STDIN || existsSync(path)
  const names = request.paths.filter((path) => !isPath(path) && parseReference(path) !== undefined)
  for (const name of names) list.name(name)
  const paths = request.paths.filter((path) => !names.includes(path))
  let survey: Survey | undefined
  const parts = paths.length > 0 ? [...looked(paths, request.root)] : []
  const inspected = await inspection(request, () => parts, stop, names)
  problems.push(...inspected.problems)
  if (paths.length > 0)
    for (const part of parts) {
      survey = part.survey
      problems.push(...part.problems)
      for (const site of part.sites) list.add(site, part.lineOf, part.survey.images.get(site.file))
    }
  const { builds, neighbours } = survey ?? surveyAround({ cwd: process.cwd(), ...(request.root === undefined ? {} : { root: request.root }) })
  const images = list.list({ images: request.images, builds, neighbours, inspected, recorded: request.recorded })
  if (request.format === 'json') process.stdout.write(imagesJson(images, problems))
  else {
    const paint = painter(request.color)
    for (const image of images) process.stdout.write(imageLines(image, paint))
    process.stderr.write(imageTotals(images))
  }
  if (request.writeConfig) problems.push(...writeStubs(rootOf(request), images))
  return reportProblems(problems)
}

/** The file is made where there is none. */
function writeStubs(root: string, images: readonly ListedImage[]): readonly Problem[] {
  const path = join(root, CONFIG_FILE)
  const isNew = !existsSync(path)
  const source = isNew ? { path: CONFIG_FILE, text: '', bom: false } : readSource(root, CONFIG_FILE)
  if (isProblem(source)) return [source]
  const answer = withStubs(source.text, images)
  if ('mistake' in answer) return [{ code: 'UNWRITABLE', file: CONFIG_FILE, message: answer.mistake, hint: 'Write images: as a list with a line for each item.' }]
  const { text, added } = answer
  if (added > 0 && isNew) writeFileSync(path, text, { flag: 'wx' })
  const problems = added > 0 && !isNew ? writeFiles(root, [{ source, text }]) : []
  if (problems.length === 0)
    process.stderr.write(added === 0 ? `Nothing to add to ${CONFIG_FILE}.\n` : `${plural(added, 'entry', 'entries')} added to ${CONFIG_FILE}, to be filled in.\n`)
  return problems
}

function write({ root, files }: Run, request: Request, result: UnitResult): readonly Problem[] {
  if (result.outputs.length === 0) return []
  return request.outDir === undefined ? writeFiles(root, result.outputs) : writeTree(resolve(request.outDir), result.outputs, { root, files })
}

interface Sinks {
  start(): void
  unit(result: UnitResult): void
  end(totals: Totals): void
}

/** Where the diff, the report and the summary go. */
function openSinks(request: Request, paint: Paint): Sinks {
  const dry = !request.write && request.outDir === undefined
  const json = new JsonReport()
  const report = request.format === 'json' ? 'json' : 'text'
  const file = request.output
  const onStdout = request.format === 'diff' ? undefined : file === undefined ? report : undefined
  const put = (text: string): void => {
    if (text === '') return
    if (file !== undefined) writeReport(file, text, 'a')
    else process.stdout.write(text)
  }
  const reporting = file !== undefined || onStdout !== undefined
  const mode = { written: !dry, dry, full: false }
  return {
    start: () => {
      if (file !== undefined) writeReport(file, '', 'w')
      if (reporting && report === 'json') put(json.start({ version: VERSION, catalogue: catalogueVersion() }))
    },
    unit: (result) => {
      if (reporting) put(report === 'json' ? json.unit(result) : workloadLines(result, plain))
      if (onStdout === undefined && dry) for (const { source, text, edits } of result.outputs) process.stdout.write(unifiedDiff(source, text, edits))
    },
    end: (totals) => {
      if (reporting) put(report === 'json' ? json.end(totals) : endLines(totals, { ...mode, full: true }, plain))
      if (onStdout === 'text') return
      if (!request.quiet) process.stderr.write(endLines(totals, mode, paint))
      else if (totals.problems.length > 0)
        for (const { file: place, line, message, hint } of totals.problems)
          process.stderr.write(`podharden: ${safe(place)}${line === undefined ? '' : `:${line}`}: ${safe(message)}. ${safe(hint)}\n`)
    },
  }
}

/** The report must not be lost silently; the files themselves are whole in any case. */
function writeReport(file: string, text: string, flag: 'w' | 'a'): void {
  try {
    writeFileSync(file, text, { flag })
  } catch (error) {
    throw new UsageError(`--output: ${file} cannot be written: ${(error as Error).message.split(',')[0]}. Name a file that can be written, or leave the option out`)
  }
}

interface Stop {
  readonly asked: boolean
  readonly closed: boolean
  /** One rewritten line on a terminal; nothing elsewhere. */
  progress(text: string): void
}

function stopOnSignals(): Stop {
  const state = { asked: false, closed: false }
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      state.asked = true
      cleanUp()
    })
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    state.closed = true
  })
  process.stderr.on('error', () => {})
  const terminal = process.stderr.isTTY === true && process.stdout.isTTY !== true
  return {
    get asked() {
      return state.asked
    },
    get closed() {
      return state.closed
    },
    progress: (text) => {
      if (terminal) process.stderr.write(`\r\u001b[K${text}`)
    },
  }
}
