/** The command line: the only user of console and process. Everything else returns. */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { styleText } from 'node:util'
import yargs from 'yargs'
import transforms from '../transforms/index.ts'
import { catalogueVersion } from './evidence/catalogue.ts'
import { contextOf } from './know.ts'
import { manifest } from './languages/manifest/index.ts'
import { EMPTY_SURVEY, GRADES, LEVELS, PLATFORMS, SCOPES, withDefaults } from './options.ts'
import { decode, isProblem } from './read.ts'
import { JsonReport } from './report/json.ts'
import { safe } from './report/safe.ts'
import { endLines, type Paint, plain, workloadLines } from './report/text.ts'
import { Totals } from './report/totals.ts'
import { type Run, run } from './run.ts'
import { unifiedDiff } from './text/diff.ts'
import type { Options, Problem, UnitResult } from './types.ts'
import { hardenUnit } from './unit.ts'
import { VERSION } from './version.ts'
import { cleanUp, writeFiles, writeTree } from './write.ts'

/** A mistake in the call. Ends in one line on stderr and exit code 2. */
class UsageError extends Error {}

/** yargs would take a lone `-` for an empty option. */
const STDIN = '\u0000stdin'

interface Request {
  readonly paths: readonly string[]
  readonly options: Partial<Options>
  readonly write: boolean
  readonly outDir: string | undefined
  readonly check: boolean
  readonly format: 'diff' | 'text' | 'json'
  readonly output: string | undefined
  readonly root: string | undefined
  readonly includeGenerated: boolean
  readonly quiet: boolean
  readonly color: boolean
}

export async function main(argv: readonly string[]): Promise<number> {
  const stop = stopOnSignals()
  try {
    let code = 0
    const args = argv.map((arg) => (arg === '-' ? STDIN : arg))
    const parser = cliParser(args, async (request) => {
      code = request.paths.includes(STDIN) ? hardenStdin(request) : await hardenPaths(request, stop)
    })
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

function cliParser(args: readonly string[], action: (request: Request) => Promise<void>) {
  const ids = transforms.map(({ id }) => id)
  return yargs([...args])
    .scriptName('podharden')
    .locale('en')
    .version(VERSION)
    .usage('podharden [paths..]\n\nHardens Kubernetes pod specs by changing only the lines that must change.\nPrints a diff; nothing is written without --write.')
    .command(
      '$0 [paths..]',
      'harden manifests: a diff on stdout, a summary on stderr',
      (command) => command.positional('paths', { type: 'string', array: true, describe: 'files and folders; - reads stdin and prints the hardened text' }),
      async (argv) => action(requestOf(argv as Record<string, unknown>)),
    )
    .command(
      'list',
      'list the transforms, in their order',
      () => {},
      () => {
        for (const { id, level, title } of transforms) process.stdout.write(`${id.padEnd(34)}${level.padEnd(12)}${title}\n`)
      },
    )
    .option('write', { alias: 'w', type: 'boolean', default: false, describe: 'edit the files in place', group: 'Output:' })
    .option('out-dir', { type: 'string', requiresArg: true, describe: 'write the changed files to a mirrored tree instead', group: 'Output:' })
    .option('check', { alias: 'c', type: 'boolean', default: false, describe: 'exit 1 if anything is left to change', group: 'Output:' })
    .option('format', { choices: ['diff', 'text', 'json'] as const, default: 'diff' as const, describe: 'what is printed on stdout', group: 'Output:' })
    .option('output', {
      alias: 'o',
      type: 'string',
      requiresArg: true,
      describe: 'write the report (text, or json with --format json) to a file, beside the diff',
      group: 'Output:',
    })
    .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'no summary, only problems', group: 'Output:' })
    .option('color', { type: 'boolean', describe: 'colour on or off (--no-color); default: on a terminal', group: 'Output:' })
    .option('level', {
      choices: LEVELS,
      default: 'hardened' as const,
      describe: 'baseline and restricted are the Pod Security Standards; hardened adds read-only roots',
      group: 'What to change:',
    })
    .option('only', { type: 'string', requiresArg: true, describe: `these transforms, comma-separated (see podharden list)`, group: 'What to change:' })
    .option('skip', { type: 'string', requiresArg: true, describe: 'not these transforms', group: 'What to change:' })
    .option('stage', {
      choices: [1, 2, 3, 4] as const,
      describe: 'how far to go: 1 seccomp and escalation, 2 what is certain, 3 user and capabilities, 4 read-only roots',
      group: 'What to change:',
    })
    .option('at-least', { choices: GRADES, describe: 'how sure a change must be (default: assumed; for - known)', group: 'What to change:' })
    .option('uid', { type: 'string', requiresArg: true, describe: 'user id for images nothing is known of, or "image" to keep their own USER', group: 'What to change:' })
    .option('pin-uid', { type: 'boolean', default: false, describe: 'write the user id also where the image already runs as non-root', group: 'What to change:' })
    .option('scope', { choices: SCOPES, default: 'auto' as const, describe: 'where to write what pods and containers both have', group: 'What to change:' })
    .option('platform', { choices: PLATFORMS, default: 'auto' as const, describe: 'openshift hands out user ids itself', group: 'What to change:' })
    .option('root', { type: 'string', requiresArg: true, describe: 'folder that evidence is read from (default: the repository)', group: 'What to read:' })
    .option('include-generated', { type: 'boolean', default: false, describe: 'also change generated and vendored files', group: 'What to read:' })
    .example('podharden deploy/', 'show what would change')
    .example('podharden -w --at-least known .', 'write what there is evidence for')
    .example('podharden --check --level restricted .', 'for CI: exit 1 if something is left')
    .example('kubectl kustomize . | podharden - | kubectl apply -f -', 'in a pipe')
    .epilogue(
      `Transforms: ${ids.join(', ')}\n\nExit codes: 0 done, or nothing to change; 1 something to change, with --check; 2 a mistake in the call, or a file that could not be read, edited or written (the others are still done).`,
    )
    .strict()
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .exitProcess(false)
    .fail((message, error) => {
      throw error instanceof UsageError ? error : new UsageError(message ?? error?.message ?? 'unknown mistake')
    })
    .help()
    .alias('help', 'h')
}

function requestOf(argv: Record<string, unknown>): Request {
  const paths = ((argv.paths as string[] | undefined) ?? []).map(String)
  const format = argv.format as Request['format']
  const write = argv.write === true
  const outDir = one(argv, 'outDir')
  if (paths.includes(STDIN) && paths.length > 1) throw new UsageError('- reads stdin and cannot stand beside paths')
  if (paths.includes(STDIN) && (write || outDir !== undefined)) throw new UsageError('- prints to stdout; it cannot be used with --write or --out-dir')
  if (write && outDir !== undefined) throw new UsageError('choose one of --write and --out-dir')
  const options: Partial<Options> = {
    level: argv.level as Options['level'],
    only: transformIds(argv.only, '--only'),
    skip: transformIds(argv.skip, '--skip'),
    pinUid: argv.pinUid === true,
    scope: argv.scope as Options['scope'],
    platform: argv.platform as Options['platform'],
    uid: uidOf(one(argv, 'uid')),
    ...(argv.stage === undefined ? {} : { stage: argv.stage as Options['stage'] }),
    ...(argv.atLeast === undefined ? {} : { atLeast: argv.atLeast as Options['atLeast'] }),
  }
  return {
    paths: paths.length === 0 ? ['.'] : paths,
    options,
    write,
    outDir,
    check: argv.check === true,
    format,
    output: one(argv, 'output'),
    root: one(argv, 'root'),
    includeGenerated: argv.includeGenerated === true,
    quiet: argv.quiet === true,
    color: typeof argv.color === 'boolean' ? argv.color : process.env.NO_COLOR === undefined && process.stderr.isTTY === true,
  }
}

/** yargs makes a list of an option given twice; only --only and --skip mean something then. */
function one(argv: Record<string, unknown>, name: string): string | undefined {
  const value = argv[name]
  if (Array.isArray(value)) throw new UsageError(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is given twice`)
  return value === undefined ? undefined : String(value)
}

function transformIds(value: unknown, flag: string): readonly string[] {
  if (value === undefined) return []
  const ids = (Array.isArray(value) ? value : [value])
    .flatMap((text) => String(text).split(','))
    .map((id) => id.trim())
    .filter((id) => id !== '')
  const known = transforms.map(({ id }) => id)
  const unknown = ids.find((id) => !known.includes(id))
  if (unknown !== undefined) throw new UsageError(`${flag}: there is no transform "${unknown}". Known: ${known.join(', ')}`)
  return ids
}

function uidOf(value: string | undefined): Options['uid'] {
  if (value === undefined || value === 'image') return value
  if (!/^\d+$/.test(value) || Number(value) < 1 || Number(value) > 2147483647) throw new UsageError(`--uid: "${value}" is no user id from 1 to 2147483647, and not "image"`)
  return Number(value)
}

function painter(color: boolean): Paint {
  return color ? (style, text) => styleText(style, text, { validateStream: false }) : plain
}

function hardenStdin(request: Request): number {
  const source = decode('stdin.yaml', readFileSync(0))
  const totals = new Totals()
  if (isProblem(source)) {
    totals.add({ unit: 'stdin', sites: 0, containers: 0, findings: [], problems: [source], notes: [], patches: [], outputs: [] })
    process.stderr.write(endLines(totals, { written: false, dry: false, full: false }, painter(request.color)))
    return 2
  }
  const named = source.text.trimStart().startsWith('{') ? { ...source, path: 'stdin.json' } : source
  const unit = { id: named.path, kind: 'manifest' as const, root: '', files: { list: () => [named.path], read: () => named }, writable: () => true }
  const result = hardenUnit(unit, { language: manifest, transforms, context: contextOf(withDefaults(request.options, false), EMPTY_SURVEY) })
  totals.add(result)
  process.stdout.write((source.bom ? '\uFEFF' : '') + (result.outputs[0]?.text ?? source.text))
  if (!request.quiet || totals.problems.length > 0) process.stderr.write(endLines(totals, { written: true, dry: false, full: false }, painter(request.color)))
  return totals.problems.length > 0 ? 2 : request.check && totals.changedFiles > 0 ? 1 : 0
}

async function hardenPaths(request: Request, stop: Stop): Promise<number> {
  const started: Run = run({
    paths: request.paths,
    cwd: process.cwd(),
    ...(request.root === undefined ? {} : { root: request.root }),
    includeGenerated: request.includeGenerated,
    options: withDefaults(request.options, true),
  })
  const dry = !request.write && request.outDir === undefined
  const paint = painter(request.color)
  const totals = new Totals()
  const sinks = openSinks(request, paint)
  sinks.start()
  let lastPause = Date.now()
  let done = 0
  for (const result of started.results()) {
    const problems = dry ? [] : write(started, request, result)
    const all = problems.length === 0 ? result : { ...result, outputs: [], problems: [...result.problems, ...problems] }
    totals.add(all)
    sinks.unit(all)
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
  stop.progress('')
  sinks.end(totals)
  if (totals.problems.length > 0) return 2
  return request.check && totals.changedFiles > 0 && dry ? 1 : 0
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
