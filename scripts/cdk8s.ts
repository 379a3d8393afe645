/**
 * What is written into charts, held against real packages: `npm run cdk8s`. Installs every minor of cdk8s-plus and the
 * command line of cdk8s into a scratch folder, so it needs npm. Ends with `N passed, N failed`.
 *
 * 1. Charts of each version: rewritten, they compile without an error that was not there before, and what they
 *    synthesise is what `harden` makes of what they synthesised before.
 * 2. The project that `cdk8s init` makes, with `harden(app)`: its pods pass restricted; with the validation plugin the
 *    exit code and the report are as documented.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { loadAll } from 'js-yaml'
import { evaluate } from '../src/standards/evaluate.ts'
import { hardenedObjects, type Json, meaningOf } from '../test/law.ts'

const here = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const scratch = mkdtempSync(join(tmpdir(), 'podharden-cdk8s-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
let passed = 0
let failed = 0

function check(name: string, trouble: string | undefined): void {
  trouble === undefined ? passed++ : failed++
  console.log(`${trouble === undefined ? 'ok  ' : 'FAIL'}  ${name}${trouble === undefined ? '' : `\n${trouble.replace(/^/gm, '      ')}`}`)
}

function run(command: string, args: readonly string[], cwd: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, HOME: join(scratch, 'home'), npm_config_cache: process.env.npm_config_cache ?? join(process.env.HOME ?? scratch, '.npm') },
  })
}

const MINORS = [22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34]
/** 22 was never more than a candidate. */
const packageOf = (minor: number): string => `cdk8s-plus-${minor}@${minor === 22 ? '2.0.0-rc.138' : 'latest'}`

function plusChart(minor: number): string {
  return `import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import * as kplus from 'cdk8s-plus-${minor}';
import { Deployment, EnvValue } from 'cdk8s-plus-${minor}';
import { KubeDeployment, KubeCronJob } from 'cdk8s-plus-${minor}/lib/imports/k8s';

export class Shop extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const web = new kplus.Deployment(this, 'web', {
      containers: [
        {
          image: 'nginx:1.27',
          envVariables: { TZ: kplus.EnvValue.fromValue('UTC') },
        },
      ],
    });
    const cache = new Deployment(this, 'cache', { replicas: 1 });
    cache.addContainer({ image: 'redis:7', envVariables: { A: EnvValue.fromValue('b') } });
    new KubeDeployment(this, 'l1', {
      spec: {
        selector: { matchLabels: { app: 'l1' } },
        template: {
          metadata: { labels: { app: 'l1' } },
          spec: { containers: [{ name: 'app', image: 'corp.example/app:1' }] },
        },
      },
    });
    new KubeCronJob(this, 'cron', {
      spec: {
        schedule: '@daily',
        jobTemplate: {
          spec: {
            template: {
              spec: {
                restartPolicy: 'Never',
                containers: [
                  { name: 'job', image: 'grafana/grafana:11.2.0' },
                ],
              },
            },
          },
        },
      },
    });
    void web;
  }
}

export function make(app: App): void {
  new Shop(app, 'shop');
}
`
}

console.log('installing…')
writeFileSync(join(scratch, 'package.json'), '{"name":"scratch","private":true}')
const packages = [...MINORS.map(packageOf), 'cdk8s', 'constructs', 'cdk8s-cli', 'typescript@5.9', 'ts-node@10', '@types/node@20']
const install = run('npm', ['install', '--no-audit', '--no-fund', '--legacy-peer-deps', '--silent', ...packages], scratch)
check('npm installs every version', install.status === 0 ? undefined : install.stderr)
if (install.status !== 0) end()
const packed = run('npm', ['pack', '--silent', '--pack-destination', scratch, here], scratch)
const tarball = readdirSync(scratch).find((name) => name.startsWith('podharden-'))
const own = run('npm', ['install', '--no-audit', '--no-fund', '--legacy-peer-deps', '--silent', join(scratch, tarball ?? '')], scratch)
check('the package installs beside them', packed.status === 0 && own.status === 0 ? undefined : packed.stderr + own.stderr)

const TSC = join(scratch, 'node_modules/typescript/bin/tsc')
const CONFIG = {
  compilerOptions: { target: 'ES2022', module: 'commonjs', strict: true, esModuleInterop: true, skipLibCheck: true, types: ['node'], outDir: 'out' },
  include: ['*.ts'],
}

function compiled(folder: string): string {
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(CONFIG))
  return run(process.execPath, [TSC, '-p', '.'], folder).stdout
}

function synthesised(folder: string): readonly Json[] {
  const code = `const { App } = require('cdk8s'); const app = new App(); require('./out/chart.js').make(app); process.stdout.write(app.synthYaml())`
  const { stdout, stderr, status } = run(process.execPath, ['-e', code], folder)
  if (status !== 0) throw new Error(stderr)
  return loadAll(stdout) as Json[]
}

for (const minor of MINORS) {
  const folder = join(scratch, `plus-${minor}`)
  mkdirSync(folder)
  writeFileSync(join(folder, 'chart.ts'), plusChart(minor))
  const errors = compiled(folder)
  const before = attempt(() => synthesised(folder))
  const write = run(process.execPath, [join(here, 'bin/podharden.cjs'), '--write', '--root', scratch, 'chart.ts'], folder)
  const text = readFileSync(join(folder, 'chart.ts'), 'utf8')
  check(`cdk8s-plus-${minor}: the chart is rewritten`, write.status === 0 && text !== plusChart(minor) ? undefined : write.stderr)
  const after = compiled(folder)
  check(`cdk8s-plus-${minor}: it compiles as before`, messages(after).every((message) => messages(errors).includes(message)) ? undefined : `${after}\n${text}`)
  // Candidates of 22 do not run with the cdk8s of today.
  if (before instanceof Error) {
    console.log(`note: cdk8s-plus-${minor} cannot be synthesised with this cdk8s: ${/^\w*Error: .*$/m.exec(before.message)?.[0] ?? ''}`)
    continue
  }
  const [made, wanted] = [synthesised(folder), hardenedObjects(before, { atLeast: 'assumed' })]
  const different = made.findIndex((object, i) => !isDeepStrictEqual(plain(meaningOf(object)), plain(meaningOf(wanted[i] as Json))))
  check(
    `cdk8s-plus-${minor}: it synthesises what harden makes of what it was`,
    different === -1 && made.length === wanted.length
      ? undefined
      : `${JSON.stringify(meaningOf(made[different] as Json))}\n${JSON.stringify(meaningOf(wanted[different] as Json))}`,
  )
}

/** Errors without their places, which move. */
function messages(output: string): readonly string[] {
  return output.split('\n').map((line) => line.replace(/^[^(]*\(\d+,\d+\): /, ''))
}

function attempt<T>(action: () => T): T | Error {
  try {
    return action()
  } catch (error) {
    return error as Error
  }
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

/** What `cdk8s init typescript-app` makes, with a workload in it. */
const project = join(scratch, 'project')
mkdirSync(project)
const MAIN = `import { Construct } from 'constructs';
import { App, Chart, ChartProps } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-33';
import { harden } from 'podharden/cdk8s';

export class MyChart extends Chart {
  constructor(scope: Construct, id: string, props: ChartProps = { }) {
    super(scope, id, props);
    new Deployment(this, 'web', { containers: [{ image: 'nginx:1.27', portNumber: 80 }] });
  }
}

const app = new App();
new MyChart(app, 'project');
harden(app);
app.synth();
`
const PLUGIN = `validations:
  - package: ./../node_modules/podharden
    version: 0.1.0
    class: PodhardenValidation
    properties:
      level: restricted
`
writeFileSync(
  join(project, 'tsconfig.json'),
  JSON.stringify({ compilerOptions: { ...CONFIG.compilerOptions, moduleResolution: 'node' }, include: ['**/*.ts'], exclude: ['node_modules'] }),
)
cpSync(join(scratch, 'package.json'), join(project, 'package.json'))
const cli = join(scratch, 'node_modules/.bin/cdk8s')

function synth(main: string, plugin: boolean): { readonly status: number | null; readonly output: string; readonly objects: readonly Json[] } {
  writeFileSync(join(project, 'main.ts'), main)
  writeFileSync(join(project, 'cdk8s.yaml'), `language: typescript\napp: npx ts-node main.ts\n${plugin ? PLUGIN : ''}`)
  const { status, stdout, stderr } = run(cli, ['synth'], project)
  const objects = readdirSync(join(project, 'dist'))
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => loadAll(readFileSync(join(project, 'dist', name), 'utf8')) as Json[])
  return { status, output: stdout + stderr, objects }
}

function refused(objects: readonly Json[]): string {
  return objects
    .filter(({ kind }) => kind === 'Deployment')
    .flatMap((object) =>
      evaluate({ template: (object.spec as { template: Record<string, unknown> }).template, isPod: false }, 'restricted').violations.map(
        ({ check: id, reason }) => `${id}: ${reason}`,
      ),
    )
    .join('\n')
}

const hardened = synth(MAIN, false)
check(
  'cdk8s synth of the init template with harden(app): pods pass restricted',
  hardened.status === 0 && hardened.objects.length > 0 && refused(hardened.objects) === '' ? undefined : hardened.output + refused(hardened.objects),
)
check('the report of harden(app) is seen', /podharden: 1 workload at synthesis\. Allowed by restricted/.test(hardened.output) ? undefined : hardened.output)
const good = synth(MAIN, true)
check('the validation plugin is content with it: exit code 0', good.status === 0 && /success/.test(good.output) ? undefined : good.output)
const bad = synth(MAIN.replace(/.*harden.*\n/g, ''), true)
const expected = [/failure/, /Construct Path: project\/web\/Resource/, /set-seccomp-runtime-default \(1 occurrences\)/, /How to fix: Call harden\(app\)/]
check(
  'without harden(app) it fails: exit code 2, each violation by its construct path',
  bad.status === 2 && expected.every((pattern) => pattern.test(bad.output)) ? undefined : `exit ${bad.status}\n${bad.output}`,
)
end()

function end(): never {
  console.log(`\n${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}
