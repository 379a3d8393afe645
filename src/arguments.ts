/** The command line as users see it: commands, options and help. The only user of yargs. */
import yargs, { type Argv } from 'yargs'
import transforms from '../transforms/index.ts'
import type { CapsRequest } from './explain/caps.ts'
import { GRADES, LEVELS, PLATFORMS, SCOPES } from './options.ts'
import {
  capsOf,
  type ExplainRequest,
  explainOf,
  type ImagesRequest,
  imagesRequestOf,
  type InitRequest,
  initOf,
  type Parsed,
  type Request,
  requestOf,
  type Terminal,
  UsageError,
} from './requests.ts'
import { SPLITS } from './series/collect.ts'
import { VERSION } from './version.ts'

const IMAGES_OPTION = {
  type: 'string',
  requiresArg: true,
  describe: 'YAML file with what you know of your images: uid, gid, writablePaths, ports, capabilities, needsRoot',
} as const
const CONFIG_OPTION = { type: 'string', requiresArg: true, describe: 'another file than podharden.yaml at the root of the repository' } as const
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

/** One of them is called with what was asked for, unless it was help, the version or the list. */
export interface Actions {
  harden(request: Request): Promise<void>
  explain(request: ExplainRequest): Promise<void>
  caps(request: CapsRequest): void
  images(request: ImagesRequest): Promise<void>
  init(request: InitRequest): void
  /** The variables of a workflow say what is asked for. */
  action(): Promise<void>
  fn(): void
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
      async (argv) => actions.harden(requestOf(argv as Parsed, terminal)),
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
          .option('config', CONFIG_OPTION)
          .option('images', IMAGES_OPTION)
          .option('evidence', EVIDENCE_OPTION)
          .option('image-archive', ARCHIVE_OPTION)
          .option('inspect-images', INSPECT_OPTION)
          .option('root', { type: 'string', requiresArg: true, describe: 'folder that evidence is read from (default: the repository)' })
          .option('color', { type: 'boolean', describe: 'colour on or off (--no-color); default: on a terminal' }),
      async (argv) => actions.explain(explainOf(argv as Parsed, terminal)),
    )
    .command(
      'images [paths..]',
      'every image of the files, what is known of it, and what is missing',
      (command) =>
        command
          .positional('paths', { type: 'string', array: true, describe: 'files, folders and names of images; - reads stdin' })
          .option('format', { choices: ['text', 'json'] as const, default: 'text' as const, describe: 'what is printed on stdout' })
          .option('write-config', { type: 'boolean', default: false, describe: 'add commented entries for what is missing to podharden.yaml' })
          .option('config', CONFIG_OPTION)
          .option('images', IMAGES_OPTION)
          .option('evidence', EVIDENCE_OPTION)
          .option('image-archive', ARCHIVE_OPTION)
          .option('inspect-images', INSPECT_OPTION)
          .option('root', { type: 'string', requiresArg: true, describe: 'folder that evidence is read from (default: the repository)' })
          .option('color', { type: 'boolean', describe: 'colour on or off (--no-color); default: on a terminal' }),
      async (argv) => actions.images(imagesRequestOf(argv as Parsed, terminal)),
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
      (argv) => actions.caps(capsOf(argv as Parsed)),
    )
    .command(
      'init',
      'write a commented podharden.yaml from what is found in the repository',
      (command) => command.option('root', { type: 'string', requiresArg: true, describe: 'folder that it is written to (default: the repository)' }),
      (argv) => actions.init(initOf(argv as Parsed)),
    )
    .command('action', 'what action.yml runs in a workflow of GitHub; its inputs are the variables PODHARDEN_*', {}, async () => actions.action())
    .command(
      'fn',
      'a KRM function for kustomize and kpt: a ResourceList on stdin, hardened on stdout',
      (command) =>
        command.epilogue(
          'functionConfig holds the keys of podharden.yaml: in the spec of a PodHarden (podharden.io/v1alpha1), or as text in the data of a ConfigMap. No file is read, podharden.yaml neither.\n\nExit codes: 0 done; 1 the input or its functionConfig cannot be understood, or an item could not be hardened (results say which).',
        ),
      () => actions.fn(),
    )
    .example('podharden deploy/', 'show what would change')
    .example('podharden -w --at-least known .', 'write what there is evidence for')
    .example('podharden --check --level restricted .', 'for CI: exit 1 if something is left')
    .example('kubectl get pods -A -o yaml | podharden explain -', 'what runs in a cluster')
    .example('podharden caps 00000000a80425fb', 'read CapBnd of /proc/1/status')
    .example('kubectl kustomize . | podharden - | kubectl apply -f -', 'in a pipe')
    .epilogue(
      `Transforms: ${ids.join(', ')}\n\nExit codes: 0 done, or nothing to change; 1 something to change, with --check, or to decide, with --fail-on review; 2 a mistake in the call, or a file that could not be read, edited or written (the others are still done); 130 stopped by Ctrl-C.`,
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
    .option('interactive', { alias: 'i', type: 'boolean', default: false, describe: 'ask about each workload, and write what is accepted', group: 'Output:' })
    .option('patches', { type: 'string', requiresArg: true, describe: 'write the changes to this folder as a series of patches for git am', group: 'Output:' })
    .option('split-by', { choices: SPLITS, describe: 'what a patch of --patches holds (default: transform; owner is that of CODEOWNERS)', group: 'Output:' })
    .option('max', { type: 'string', requiresArg: true, describe: 'workloads in a patch of --patches at most', group: 'Output:' })
    .option('check', { alias: 'c', type: 'boolean', default: false, describe: 'exit 1 if anything is left to change', group: 'Output:' })
    .option('fail-on', { choices: ['review'] as const, describe: 'exit 1 also if a person must decide something', group: 'Output:' })
    .option('baseline', { type: 'string', requiresArg: true, describe: 'what this file accepts is left as it is and reported as exempt', group: 'What to change:' })
    .option('write-baseline', { type: 'string', requiresArg: true, describe: 'accept all that is found today: write it to this file, and nothing else', group: 'Output:' })
    .option('ignore-foreign-exemptions', {
      type: 'boolean',
      default: false,
      describe: 'exemptions of kube-linter, checkov, trivy and others do not count',
      group: 'What to change:',
    })
    .option('format', {
      choices: ['diff', 'text', 'json', 'sarif', 'markdown', 'github', 'html'] as const,
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
      describe: 'baseline and restricted are the Pod Security Standards; hardened, the default, adds read-only roots',
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
    .option('pin-uid', { type: 'boolean', describe: 'write the user id also where the image already runs as non-root', group: 'What to change:' })
    .option('scope', { choices: SCOPES, describe: 'where to write what pods and containers both have (default: auto)', group: 'What to change:' })
    .option('prove', {
      choices: ['synth'] as const,
      describe: 'synth: synthesise changed cdk8s projects before and after, by the command of their cdk8s.yaml, on a copy; runs your program',
      group: 'What to change:',
    })
    .option('platform', { choices: PLATFORMS, describe: 'openshift hands out user ids itself (default: auto)', group: 'What to change:' })
    .option('pss-version', {
      type: 'string',
      requiresArg: true,
      describe: 'version of the Pod Security Standards for verdicts: latest, the default, or v1.N',
      group: 'Output:',
    })
    .option('root', { type: 'string', requiresArg: true, describe: 'folder that evidence is read from (default: the repository)', group: 'What to read:' })
    .option('config', { ...CONFIG_OPTION, group: 'What to read:' })
    .option('images', { ...IMAGES_OPTION, group: 'What to read:' })
    .option('evidence', { ...EVIDENCE_OPTION, group: 'What to read:' })
    .option('image-archive', { ...ARCHIVE_OPTION, group: 'What to read:' })
    .option('inspect-images', { ...INSPECT_OPTION, group: 'What to read:' })
    .option('changed-since', { type: 'string', requiresArg: true, describe: 'only files that differ from this revision (a branch, a tag, a commit)', group: 'What to read:' })
    .option('include-generated', { type: 'boolean', default: false, describe: 'also change generated and vendored files', group: 'What to read:' })
}
