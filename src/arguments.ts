/** Arguments to a request: the only user of yargs. */
import yargs, { type Argv } from 'yargs'
import transforms from '../transforms/index.ts'
import type { CapsRequest } from './explain/caps.ts'
import { Recordings } from './evidence/from-recording.ts'
import { readImagesFile } from './evidence/images-file.ts'
import { readRecordings, targetOf } from './evidence/recordings/read.ts'
import { GRADES, LEVELS, PLATFORMS, SCOPES } from './options.ts'
import { NEWEST, parseVersion, versionText } from './standards/versions.ts'
import type { Options } from './types.ts'
import { VERSION } from './version.ts'

const IMAGES_OPTION = {
  type: 'string',
  requiresArg: true,
  describe: 'YAML file with what you know of your images: uid, gid, writablePaths, ports, capabilities, needsRoot',
} as const
const ARCHIVE_OPTION = {
  type: 'string',
  array: true,
  nargs: 1,
  describe: 'OCI layout or docker save archive of images, [IMAGE=]PATH; may be given several times',
} as const
const INSPECT_OPTION = { type: 'boolean', default: false, describe: 'ask the registries for the images: the only thing that uses the network' } as const
const EVIDENCE_OPTION = {
  type: 'string',
  array: true,
  nargs: 1,
  describe: 'recording of running containers, [TARGET=]FILE: kubescape and AppArmor profiles, strace, docker diff; TARGET is an image or Kind/name/container',
} as const
const RUNTIMES = ['containerd', 'docker', 'cri-o'] as const

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
  readonly format: 'diff' | 'text' | 'json' | 'sarif' | 'markdown' | 'github'
  readonly output: string | undefined
  readonly root: string | undefined
  readonly includeGenerated: boolean
  readonly changedSince: string | undefined
  /** Programs are proved by synthesis. */
  readonly prove: boolean
  readonly quiet: boolean
  readonly color: boolean
}

/** What help is wrapped to, whether colour is wanted when nobody says so, and where `list` prints. */
export interface Terminal {
  readonly columns: number | undefined
  readonly color: boolean
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
  readonly images: Options['images']
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
  readonly images: Options['images']
  readonly recorded: Recordings
  readonly color: boolean
}

/** One of them is called with what was asked for, unless it was help, the version or the list. */
export interface Actions {
  harden(request: Request): Promise<void>
  explain(request: ExplainRequest): Promise<void>
  caps(request: CapsRequest): void
  images(request: ImagesRequest): Promise<void>
}

export function argumentParser(args: readonly string[], terminal: Terminal, actions: Actions) {
  const ids = transforms.map(({ id }) => id)
  return yargs([...args])
    .scriptName('podharden')
    .locale('en')
    .version(VERSION)
    .usage('podharden [paths..]\n\nHardens Kubernetes pod specs by changing only the lines that must change.\nPrints a diff; nothing is written without --write.')
    .command(
      '$0 [paths..]',
      'harden manifests: a diff on stdout, a summary on stderr',
      (command) => hardenOptions(command.positional('paths', { type: 'string', array: true, describe: 'files and folders; - reads stdin and prints the hardened text' })),
      async (argv) => actions.harden(requestOf(argv as Record<string, unknown>, terminal)),
    )
    .command(
      'list',
      'list the transforms, in their order',
      () => {},
      () => {
        for (const { id, level, title } of transforms) terminal.print(`${id.padEnd(34)}${level.padEnd(12)}${title}\n`)
      },
    )
    .command(
      'explain [paths..]',
      'what pods really run with, and what the Pod Security Standards say of it',
      (command) =>
        command
          .positional('paths', { type: 'string', array: true, describe: 'files and folders; - reads stdin (kubectl get ... -o yaml)' })
          .option('level', { choices: ['baseline', 'restricted'] as const, default: 'restricted' as const, describe: 'whose violations are listed' })
          .option('pss-version', { type: 'string', default: 'latest', requiresArg: true, describe: 'version of the Pod Security Standards: latest or v1.N' })
          .option('format', { choices: ['text', 'json', 'markdown'] as const, default: 'text' as const, describe: 'what is printed on stdout' })
          .option('images', IMAGES_OPTION)
          .option('evidence', EVIDENCE_OPTION)
          .option('image-archive', ARCHIVE_OPTION)
          .option('inspect-images', INSPECT_OPTION)
          .option('root', { type: 'string', requiresArg: true, describe: 'folder that evidence is read from (default: the repository)' })
          .option('color', { type: 'boolean', describe: 'colour on or off (--no-color); default: on a terminal' }),
      async (argv) => actions.explain(explainOf(argv as Record<string, unknown>, terminal)),
    )
    .command(
      'images [paths..]',
      'every image of the files, what is known of it, and what is missing',
      (command) =>
        command
          .positional('paths', { type: 'string', array: true, describe: 'files, folders and names of images; - reads stdin' })
          .option('format', { choices: ['text', 'json'] as const, default: 'text' as const, describe: 'what is printed on stdout' })
          .option('write-config', { type: 'boolean', default: false, describe: 'add commented entries for what is missing to podharden.yaml' })
          .option('images', IMAGES_OPTION)
          .option('evidence', EVIDENCE_OPTION)
          .option('image-archive', ARCHIVE_OPTION)
          .option('inspect-images', INSPECT_OPTION)
          .option('root', { type: 'string', requiresArg: true, describe: 'folder that evidence is read from (default: the repository)' })
          .option('color', { type: 'boolean', describe: 'colour on or off (--no-color); default: on a terminal' }),
      async (argv) => actions.images(imagesRequestOf(argv as Record<string, unknown>, terminal)),
    )
    .command(
      'caps [values..]',
      'capability names to the bitmap of /proc/PID/status, and back',
      (command) =>
        command
          .positional('values', { type: 'string', array: true, describe: 'bitmaps (a80425fb) and names, also lists with commas' })
          .option('add', { type: 'string', requiresArg: true, describe: "added to the runtime's default, comma-separated" })
          .option('drop', { type: 'string', requiresArg: true, describe: 'taken from it; ALL takes everything' })
          .option('runtime', { choices: RUNTIMES, default: 'containerd' as const, describe: 'whose default' })
          .option('format', { choices: ['text', 'json'] as const, default: 'text' as const, describe: 'what is printed on stdout' })
          .string('values'),
      (argv) => actions.caps(capsOf(argv as Record<string, unknown>)),
    )
    .example('podharden deploy/', 'show what would change')
    .example('podharden -w --at-least known .', 'write what there is evidence for')
    .example('podharden --check --level restricted .', 'for CI: exit 1 if something is left')
    .example('kubectl get pods -A -o yaml | podharden explain -', 'what runs in a cluster')
    .example('podharden caps 00000000a80425fb', 'read CapBnd of /proc/1/status')
    .example('kubectl kustomize . | podharden - | kubectl apply -f -', 'in a pipe')
    .epilogue(
      `Transforms: ${ids.join(', ')}\n\nExit codes: 0 done, or nothing to change; 1 something to change, with --check; 2 a mistake in the call, or a file that could not be read, edited or written (the others are still done).`,
    )
    .strict()
    .wrap(Math.min(100, terminal.columns ?? 100))
    .exitProcess(false)
    .fail((message, error) => {
      throw error instanceof UsageError ? error : new UsageError(message ?? error?.message ?? 'unknown mistake')
    })
    .help()
    .alias('help', 'h')
}

function hardenOptions<T>(command: Argv<T>) {
  return command
    .option('write', { alias: 'w', type: 'boolean', default: false, describe: 'edit the files in place', group: 'Output:' })
    .option('out-dir', { type: 'string', requiresArg: true, describe: 'write the changed files to a mirrored tree instead', group: 'Output:' })
    .option('check', { alias: 'c', type: 'boolean', default: false, describe: 'exit 1 if anything is left to change', group: 'Output:' })
    .option('format', {
      choices: ['diff', 'text', 'json', 'sarif', 'markdown', 'github'] as const,
      default: 'diff' as const,
      describe: 'what is printed on stdout',
      group: 'Output:',
    })
    .option('output', {
      alias: 'o',
      type: 'string',
      requiresArg: true,
      describe: 'write the report (in the format of --format, else text) to a file, beside the diff',
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
    .option('override', {
      type: 'string',
      requiresArg: true,
      describe: 'change what the author wrote, too: transforms, comma-separated, each also as ID=Kind/name[/container]',
      group: 'What to change:',
    })
    .option('at-least', { choices: GRADES, describe: 'how sure a change must be (default: assumed; for - known)', group: 'What to change:' })
    .option('uid', { type: 'string', requiresArg: true, describe: 'user id for images nothing is known of, or "image" to keep their own USER', group: 'What to change:' })
    .option('pin-uid', { type: 'boolean', default: false, describe: 'write the user id also where the image already runs as non-root', group: 'What to change:' })
    .option('scope', { choices: SCOPES, default: 'auto' as const, describe: 'where to write what pods and containers both have', group: 'What to change:' })
    .option('prove', {
      choices: ['synth'] as const,
      describe: 'synth: synthesise changed cdk8s projects before and after, by the command of their cdk8s.yaml, on a copy; runs your program',
      group: 'What to change:',
    })
    .option('platform', { choices: PLATFORMS, default: 'auto' as const, describe: 'openshift hands out user ids itself', group: 'What to change:' })
    .option('pss-version', {
      type: 'string',
      default: 'latest',
      requiresArg: true,
      describe: 'version of the Pod Security Standards for verdicts: latest or v1.N',
      group: 'Output:',
    })
    .option('root', { type: 'string', requiresArg: true, describe: 'folder that evidence is read from (default: the repository)', group: 'What to read:' })
    .option('images', { ...IMAGES_OPTION, group: 'What to read:' })
    .option('evidence', { ...EVIDENCE_OPTION, group: 'What to read:' })
    .option('image-archive', { ...ARCHIVE_OPTION, group: 'What to read:' })
    .option('inspect-images', { ...INSPECT_OPTION, group: 'What to read:' })
    .option('changed-since', { type: 'string', requiresArg: true, describe: 'only files that differ from this revision (a branch, a tag, a commit)', group: 'What to read:' })
    .option('include-generated', { type: 'boolean', default: false, describe: 'also change generated and vendored files', group: 'What to read:' })
}

function explainOf(argv: Record<string, unknown>, terminal: Terminal): ExplainRequest {
  const paths = pathsOf(argv.paths)
  return {
    paths,
    level: argv.level as ExplainRequest['level'],
    minor: minorOf(one(argv, 'pssVersion') ?? 'latest'),
    format: argv.format as ExplainRequest['format'],
    root: one(argv, 'root'),
    images: statedOf(argv, terminal),
    recorded: recordedOf(argv, terminal),
    inspection: inspectionOf(argv),
    color: typeof argv.color === 'boolean' ? argv.color : terminal.color,
  }
}

function imagesRequestOf(argv: Record<string, unknown>, terminal: Terminal): ImagesRequest {
  return {
    writeConfig: argv.writeConfig === true,
    paths: pathsOf(argv.paths),
    format: argv.format as ImagesRequest['format'],
    root: one(argv, 'root'),
    images: statedOf(argv, terminal),
    recorded: recordedOf(argv, terminal),
    inspection: inspectionOf(argv),
    color: typeof argv.color === 'boolean' ? argv.color : terminal.color,
  }
}

function inspectionOf(argv: Record<string, unknown>): Inspection {
  return { archives: ((argv.imageArchive as string[] | undefined) ?? []).map(String), registries: argv.inspectImages === true }
}

function statedOf(argv: Record<string, unknown>, terminal: Terminal): Options['images'] {
  const file = one(argv, 'images')
  return file === undefined ? { images: [], prefixes: [] } : imagesOf(file, terminal)
}

/** A file that cannot be read or understood is a mistake in the call: without it the result would be another one. */
function recordedOf(argv: Record<string, unknown>, terminal: Terminal): Recordings {
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

function capsOf(argv: Record<string, unknown>): CapsRequest {
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

function requestOf(argv: Record<string, unknown>, terminal: Terminal): Request {
  const paths = pathsOf(argv.paths)
  const format = argv.format as Request['format']
  const write = argv.write === true
  const outDir = one(argv, 'outDir')
  if (paths.includes(STDIN) && (write || outDir !== undefined)) throw new UsageError('- prints to stdout; it cannot be used with --write or --out-dir')
  if (paths.includes(STDIN) && argv.changedSince !== undefined) throw new UsageError('- has no revision to compare with; it cannot be used with --changed-since')
  if (write && outDir !== undefined) throw new UsageError('choose one of --write and --out-dir')
  const recorded = recordedOf(argv, terminal)
  const options: Partial<Options> = {
    level: argv.level as Options['level'],
    only: transformIds(argv.only, '--only'),
    skip: transformIds(argv.skip, '--skip'),
    pinUid: argv.pinUid === true,
    scope: argv.scope as Options['scope'],
    platform: argv.platform as Options['platform'],
    override: overridesOf(argv.override),
    images: statedOf(argv, terminal),
    recorded,
    pssVersion: versionText(minorOf(one(argv, 'pssVersion') ?? 'latest')),
    uid: uidOf(one(argv, 'uid')),
    ...(argv.stage === undefined ? {} : { stage: argv.stage as Options['stage'] }),
    ...(argv.atLeast === undefined ? {} : { atLeast: argv.atLeast as Options['atLeast'] }),
  }
  const atLeast = options.atLeast ?? (paths.includes(STDIN) ? 'known' : 'assumed')
  if ((options.override ?? []).length > 0 && (atLeast === 'known' || atLeast === 'certain'))
    throw new UsageError(
      `--override changes what the author wrote, for which there is no evidence: it needs --at-least likely or assumed, not ${atLeast}${options.atLeast === undefined ? ' (the default for -)' : ''}`,
    )
  return {
    inspection: inspectionOf(argv),
    recorded,
    paths,
    options,
    write,
    outDir,
    check: argv.check === true,
    format,
    output: one(argv, 'output'),
    root: one(argv, 'root'),
    includeGenerated: argv.includeGenerated === true,
    changedSince: one(argv, 'changedSince'),
    prove: argv.prove === 'synth',
    quiet: argv.quiet === true,
    color: typeof argv.color === 'boolean' ? argv.color : terminal.color,
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
