/** What the user asked for, from the parsed arguments, with every mistake in the call. */
import transforms from '../transforms/index.ts'
import { readBaseline } from './baseline.ts'
import type { CapsRequest } from './explain/caps.ts'
import { Recordings } from './evidence/from-recording.ts'
import { readImagesFile } from './evidence/images-file.ts'
import { readRecordings, targetOf } from './evidence/recordings/read.ts'
import type { SplitBy } from './series/collect.ts'
import { NEWEST, parseVersion, versionText } from './standards/versions.ts'
import type { Options } from './types.ts'

/** A mistake in the call. Ends in one line on stderr and exit code 2. */
export class UsageError extends Error {}

/** yargs would take a lone `-` for an empty option. */
export const STDIN = '\u0000stdin'

export interface Request {
  readonly inspection: Inspection
  readonly recorded: Recordings
  readonly paths: readonly string[]
  readonly options: Partial<Options>
  readonly write: boolean
  readonly outDir: string | undefined
  readonly check: boolean
  readonly format: 'diff' | 'text' | 'json' | 'sarif' | 'markdown' | 'github' | 'html'
  readonly output: string | undefined
  readonly root: string | undefined
  readonly includeGenerated: boolean
  readonly changedSince: string | undefined
  /** Another file than `podharden.yaml` at the root. */
  readonly config: string | undefined
  /** Written with all that is found, instead of a report. */
  readonly writeBaseline: string | undefined
  /** Each workload is shown and asked about at the terminal. */
  readonly interactive: boolean
  /** The changes as a series of patches, instead of one diff. */
  readonly patches: PatchesRequest | undefined
  /** What a person must decide counts for the exit code too. */
  readonly failOnReview: boolean
  /** Programs are proved by synthesis. */
  readonly prove: boolean
  readonly quiet: boolean
  readonly color: boolean
}

export interface PatchesRequest {
  readonly folder: string
  readonly splitBy: SplitBy
  /** Workloads in a patch at most. */
  readonly most: number | undefined
}

/** What help is wrapped to, whether colour is wanted when nobody says so, and where `list` prints. */
export interface Terminal {
  readonly columns: number | undefined
  readonly color: boolean
  /** A person can read and answer. */
  readonly interactive: boolean
  print(text: string): void
  /** The text of a file that an option names; undefined when it cannot be read. */
  read(file: string): string | undefined
}

/** Where images themselves are read. */
export interface Inspection {
  /** `[IMAGE=]PATH` */
  readonly archives: readonly string[]
  readonly registries: boolean
}

export interface ExplainRequest {
  readonly inspection: Inspection
  readonly paths: readonly string[]
  readonly level: 'baseline' | 'restricted'
  /** The version of the standards as a minor version. */
  readonly minor: number
  readonly format: 'text' | 'json' | 'markdown'
  readonly root: string | undefined
  readonly config: string | undefined
  readonly options: Partial<Options>
  readonly recorded: Recordings
  readonly color: boolean
}

export interface ImagesRequest {
  readonly inspection: Inspection
  /** Add entries for what is missing to the config file. */
  readonly writeConfig: boolean
  /** Paths, and names of images. */
  readonly paths: readonly string[]
  readonly format: 'text' | 'json'
  readonly root: string | undefined
  readonly config: string | undefined
  readonly options: Partial<Options>
  readonly recorded: Recordings
  readonly color: boolean
}

export interface InitRequest {
  readonly root: string | undefined
}

/** As yargs parsed them. */
export type Parsed = Record<string, unknown>

export function explainOf(argv: Parsed, terminal: Terminal): ExplainRequest {
  const paths = pathsOf(argv.paths)
  return {
    paths,
    level: argv.level as ExplainRequest['level'],
    minor: minorOf(one(argv, 'pssVersion') ?? 'latest'),
    format: argv.format as ExplainRequest['format'],
    root: one(argv, 'root'),
    config: one(argv, 'config'),
    ...evidenceOf(argv, terminal),
    inspection: inspectionOf(argv),
    color: typeof argv.color === 'boolean' ? argv.color : terminal.color,
  }
}

export function imagesRequestOf(argv: Parsed, terminal: Terminal): ImagesRequest {
  return {
    writeConfig: argv.writeConfig === true,
    paths: pathsOf(argv.paths),
    format: argv.format as ImagesRequest['format'],
    root: one(argv, 'root'),
    config: one(argv, 'config'),
    ...evidenceOf(argv, terminal),
    inspection: inspectionOf(argv),
    color: typeof argv.color === 'boolean' ? argv.color : terminal.color,
  }
}

export function initOf(argv: Parsed): InitRequest {
  return { root: one(argv, 'root') }
}

function inspectionOf(argv: Parsed): Inspection {
  return { archives: ((argv.imageArchive as string[] | undefined) ?? []).map(String), registries: argv.inspectImages === true }
}

function evidenceOf(argv: Parsed, terminal: Terminal): { readonly options: Partial<Options>; readonly recorded: Recordings } {
  const recorded = recordedOf(argv, terminal)
  return { options: { images: statedOf(argv, terminal), recorded }, recorded }
}

function statedOf(argv: Parsed, terminal: Terminal): Options['images'] {
  const file = one(argv, 'images')
  return file === undefined ? { images: [], prefixes: [] } : imagesOf(file, terminal)
}

/** A file that cannot be read or understood is a mistake in the call: without it the result would be another one. */
function recordedOf(argv: Parsed, terminal: Terminal): Recordings {
  const given = ((argv.evidence as string[] | undefined) ?? []).map((argument) => {
    const [, target, file = String(argument)] = /^([^=]+)=(.+)$/s.exec(String(argument)) ?? []
    const text = terminal.read(file)
    if (text === undefined) throw new UsageError(`--evidence: ${file} cannot be read`)
    const found = readRecordings(file, text, target === undefined ? undefined : targetOf(target))
    if ('mistake' in found) throw new UsageError(`--evidence: ${found.mistake}`)
    return { name: String(argument), recordings: found.recordings }
  })
  return new Recordings(given)
}

export function capsOf(argv: Parsed): CapsRequest {
  const list = (value: unknown): readonly string[] =>
    (Array.isArray(value) ? value : value === undefined ? [] : [value])
      .flatMap((text) => String(text).split(','))
      .map((name) => name.trim())
      .filter((name) => name !== '')
  return {
    values: ((argv.values as unknown[] | undefined) ?? []).map(String),
    add: list(argv.add),
    drop: list(argv.drop),
    runtime: argv.runtime as CapsRequest['runtime'],
    format: argv.format as CapsRequest['format'],
  }
}

function pathsOf(value: unknown): readonly string[] {
  const paths = ((value as string[] | undefined) ?? []).map(String)
  if (paths.includes(STDIN) && paths.length > 1) throw new UsageError('- reads stdin and cannot stand beside paths')
  return paths.length === 0 ? ['.'] : paths
}

function minorOf(text: string): number {
  const minor = parseVersion(text)
  if (minor === undefined)
    throw new UsageError(
      `--pss-version: "${text}" is no version of the standards. Write latest, or v1.0 to ${versionText(NEWEST)} (newer ones mean the same as ${versionText(NEWEST)})`,
    )
  return minor
}

export function requestOf(argv: Parsed, terminal: Terminal): Request {
  const paths = pathsOf(argv.paths)
  const format = argv.format as Request['format']
  const write = argv.write === true
  const outDir = one(argv, 'outDir')
  if (paths.includes(STDIN) && (write || outDir !== undefined)) throw new UsageError('- prints to stdout; it cannot be used with --write or --out-dir')
  if (paths.includes(STDIN) && argv.changedSince !== undefined) throw new UsageError('- has no revision to compare with; it cannot be used with --changed-since')
  if (write && outDir !== undefined) throw new UsageError('choose one of --write and --out-dir')
  const recorded = recordedOf(argv, terminal)
  const writeBaseline = one(argv, 'writeBaseline')
  if (writeBaseline !== undefined && (write || outDir !== undefined || argv.patches !== undefined || argv.check === true || argv.failOn !== undefined || paths.includes(STDIN)))
    throw new UsageError('--write-baseline accepts what is found; it cannot be used with --write, --out-dir, --patches, --check, --fail-on or -')
  return {
    inspection: inspectionOf(argv),
    recorded,
    paths,
    options: { ...optionsOf(argv), images: statedOf(argv, terminal), recorded, baseline: baselineOf(one(argv, 'baseline'), terminal) },
    write,
    outDir,
    check: argv.check === true,
    format,
    output: one(argv, 'output'),
    root: one(argv, 'root'),
    includeGenerated: argv.includeGenerated === true,
    changedSince: one(argv, 'changedSince'),
    config: one(argv, 'config'),
    writeBaseline,
    interactive: interactiveOf(argv, write || outDir !== undefined || paths.includes(STDIN) || writeBaseline !== undefined, terminal),
    patches: patchesOf(argv, write || outDir !== undefined || paths.includes(STDIN)),
    failOnReview: argv.failOn === 'review',
    prove: argv.prove === 'synth',
    quiet: argv.quiet === true,
    color: typeof argv.color === 'boolean' ? argv.color : terminal.color,
  }
}

function interactiveOf(argv: Parsed, writes: boolean, terminal: Terminal): boolean {
  if (argv.interactive !== true) return false
  if (writes || argv.patches !== undefined || argv.check === true || argv.output !== undefined || argv.format !== 'diff' || argv.prove !== undefined)
    throw new UsageError('--interactive writes what is accepted and nothing else; it cannot be used with --write, --out-dir, --patches, --check, --format, --output, --prove or -')
  if (!terminal.interactive) throw new UsageError('--interactive needs a terminal to ask at')
  return true
}

function patchesOf(argv: Parsed, writes: boolean): PatchesRequest | undefined {
  const folder = one(argv, 'patches')
  const most = one(argv, 'max')
  const splitBy = argv.splitBy as SplitBy | undefined
  if (folder === undefined) {
    if (most !== undefined || splitBy !== undefined) throw new UsageError('--split-by and --max say how --patches are cut; name the folder with --patches DIR')
    return undefined
  }
  if (writes) throw new UsageError('--patches writes patches only; it cannot be used with --write, --out-dir or -')
  if (argv.prove !== undefined) throw new UsageError('--patches cannot be used with --prove; run with --prove first')
  if (most !== undefined && !(/^\d+$/.test(most) && Number(most) > 0)) throw new UsageError(`--max: "${most}" is no number of workloads`)
  return { folder, splitBy: splitBy ?? 'transform', most: most === undefined ? undefined : Number(most) }
}

/** What is not given stays undefined: the config file may say it. */
function optionsOf(argv: Parsed): Partial<Options> {
  const version = one(argv, 'pssVersion')
  const [only, skip] = [transformIds(argv.only, '--only'), transformIds(argv.skip, '--skip')]
  return {
    level: argv.level as Options['level'],
    pinUid: argv.pinUid as boolean,
    scope: argv.scope as Options['scope'],
    platform: argv.platform as Options['platform'],
    stage: argv.stage as Options['stage'],
    atLeast: argv.atLeast as Options['atLeast'],
    override: overridesOf(argv.override),
    uid: uidOf(one(argv, 'uid')),
    ...(version === undefined ? {} : { pssVersion: versionText(minorOf(version)) }),
    ...(only.length === 0 ? {} : { only }),
    ...(skip.length === 0 ? {} : { skip }),
    ...(argv.ignoreForeignExemptions === true ? { foreignExemptions: false } : {}),
  }
}

function baselineOf(file: string | undefined, terminal: Terminal): Options['baseline'] {
  if (file === undefined) return undefined
  const text = terminal.read(file)
  if (text === undefined) throw new UsageError(`--baseline: ${file} cannot be read; --write-baseline ${file} makes it`)
  const found = readBaseline(file, text)
  if ('mistake' in found) throw new UsageError(`--baseline: ${found.mistake}`)
  return found
}

/** yargs makes a list of an option given twice; only --only and --skip mean something then. */
function one(argv: Parsed, name: string): string | undefined {
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

function imagesOf(file: string, terminal: Terminal): Options['images'] {
  const text = terminal.read(file)
  if (text === undefined) throw new UsageError(`--images: ${file} cannot be read`)
  const found = readImagesFile(file, text)
  if ('options' in found) return found.options
  throw new UsageError(`--images: ${found.mistakes.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`).join('; ')}`)
}

/** `id`, `id=Kind/name`, `id=Kind/name/container`: always named, never everything. */
function overridesOf(value: unknown): readonly string[] {
  if (value === undefined) return []
  const list = (Array.isArray(value) ? value : [value]).flatMap((text) => String(text).split(',')).map((entry) => entry.trim())
  const entries = list.filter((entry) => entry !== '')
  const able = transforms.filter((transform) => 'override' in transform).map(({ id }) => id as string)
  for (const entry of entries) {
    const [id, target, more] = entry.split('=')
    if (!able.includes(id as string)) throw new UsageError(`--override: "${id}" is no transform that can be overridden. Known: ${able.join(', ')}`)
    if (more !== undefined || (target !== undefined && !/^[A-Za-z]+\/[^/]+(?:\/[^/]+)?$/.test(target)))
      throw new UsageError(`--override: "${entry}" is not of the form ID=Kind/name or ID=Kind/name/container`)
  }
  return entries
}

function uidOf(value: string | undefined): Options['uid'] {
  if (value === undefined || value === 'image') return value
  if (!/^\d+$/.test(value) || Number(value) < 1 || Number(value) > 2147483647) throw new UsageError(`--uid: "${value}" is no user id from 1 to 2147483647, and not "image"`)
  return Number(value)
}
