/** Exit codes: every cell of the README's table, run through the built command line. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harden } from '../src/index.ts'
import { tempTree } from './temp-tree.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const bin = join(root, 'bin/podharden.cjs')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const codes = suite('exit codes')

const OPEN =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n      - name: web\n        image: registry.example/web:1\n'
const HARD = harden(OPEN, { atLeast: 'assumed' }).text
const DECIDE = HARD.replace('image: registry.example/web:1\n', 'image: registry.example/web:1\n        ports: [{containerPort: 80, hostPort: 80}]\n')
const LIST = `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- ${OPEN.trimEnd().replaceAll('\n', '\n  ')}\n`
const BROKEN = 'kind: Pod\nspec:\n  containers: [\n'

/** A call, with the tree that it finds. */
interface Case {
  readonly files?: Readonly<Record<string, string>>
  readonly args: readonly string[]
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** What else the tree needs. */
  readonly prepare?: (folder: string) => void
}

const open = { 'web.yaml': OPEN }
const hard = { 'web.yaml': HARD }
const decide = { 'web.yaml': DECIDE }
/** Something to change and a problem: 2 counts. */
const broken = { 'web.yaml': OPEN, 'broken.yaml': BROKEN }

function git(folder: string): void {
  // `tempTree` leaves an empty `.git`, which `git init` fills.
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'a'],
  ])
    assert.is(spawnSync('git', args, { cwd: folder }).status, 0, args.join(' '))
}

const accept = (folder: string): void => {
  assert.is(podharden(folder, ['--write-baseline', 'accepted.json', '.']).code, 0)
}

/** A cdk8s project; its command compiles without types. */
function project(command: string): Pick<Case, 'files' | 'prepare'> {
  return {
    files: {
      'cdk8s.yaml': `language: typescript\napp: ${command}\n`,
      'main.ts': `import { ApiObject, App, Chart } from 'cdk8s';
const app = new App();
const chart = new Chart(app, 'web');
new ApiObject(chart, 'web', {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } } },
});
app.synth();
`,
      'run.cjs': `require('node:module').prototype.constructor._extensions['.ts'] = (module, file) => module._compile(require('ts-morph').ts.transpileModule(require('node:fs').readFileSync(file, 'utf8'), { compilerOptions: { module: 1, target: 9 } }).outputText, file); require('./main.ts')`,
    },
    prepare: (folder) => symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules')),
  }
}

/** By the first cell of a row and the code of the column. A cell that says `–` has none. */
const CASES: Readonly<Record<string, Readonly<Record<string, readonly Case[]>>>> = {
  'a diff, any `--format`': {
    0: [
      ...['diff', 'text', 'json', 'sarif', 'markdown', 'github'].flatMap((format) => [
        { files: open, args: ['--format', format, '.'] },
        { files: decide, args: ['--format', format, '.'] },
      ]),
      { files: hard, args: ['.'] },
      { args: ['.'] },
    ],
    2: [
      { files: broken, args: ['.'] },
      { files: broken, args: ['--format', 'json', '--output', 'report.json', '.'] },
      { files: open, args: ['web.yaml', 'missing.yaml'] },
    ],
  },
  '`--write`, `--out-dir`': {
    0: ['web.yaml', '.'].flatMap((path) => [
      { files: open, args: ['--write', path] },
      { files: open, args: ['--write', '--check', path] },
      { files: open, args: ['--out-dir', 'out', '--check', path] },
      { files: hard, args: ['--write', path] },
    ]),
    2: [
      { files: broken, args: ['--write', '.'] },
      { files: { ...open, out: 'a file' }, args: ['--out-dir', 'out', 'web.yaml'] },
      { files: open, args: ['--write', '--out-dir', 'out', '.'] },
    ],
  },
  '`--check`': {
    0: [
      { files: hard, args: ['--check', '.'] },
      { files: open, args: ['--check', '--at-least', 'certain', '--only', 'require-run-as-non-root', '.'] },
    ],
    1: [
      { files: open, args: ['--check', '.'] },
      { files: open, args: ['--check', '--format', 'json', '--quiet', '.'] },
    ],
    2: [{ files: broken, args: ['--check', '.'] }],
  },
  '`--fail-on review`': {
    0: [
      { files: open, args: ['--fail-on', 'review', '.'] },
      { files: hard, args: ['--fail-on', 'review', '--check', '.'] },
    ],
    1: [
      { files: decide, args: ['--fail-on', 'review', '.'] },
      { files: decide, args: ['--fail-on', 'review', '--write', '.'] },
    ],
    2: [{ files: { ...decide, ...broken }, args: ['--fail-on', 'review', '.'] }],
  },
  '`--check --baseline`': {
    0: [{ files: open, prepare: accept, args: ['--check', '--fail-on', 'review', '--baseline', 'accepted.json', '.'] }],
    1: [
      {
        files: open,
        prepare: (folder) => {
          accept(folder)
          writeFileSync(join(folder, 'new.yaml'), OPEN.replaceAll('web', 'new'))
        },
        args: ['--check', '--baseline', 'accepted.json', '.'],
      },
    ],
    2: [
      { files: open, args: ['--check', '--baseline', 'missing.json', '.'] },
      { files: { ...open, 'accepted.json': '{' }, args: ['--check', '--baseline', 'accepted.json', '.'] },
    ],
  },
  '`--check --changed-since`': {
    0: [{ files: open, prepare: git, args: ['--check', '--changed-since', 'HEAD', '.'] }],
    1: [
      {
        files: open,
        prepare: (folder) => {
          git(folder)
          writeFileSync(join(folder, 'new.yaml'), OPEN)
        },
        args: ['--check', '--changed-since', 'HEAD', '.'],
      },
    ],
    2: [{ files: open, prepare: git, args: ['--check', '--changed-since', 'no-such-branch', '.'] }],
  },
  '`--prove=synth`': {
    0: [{ ...project('node run.cjs'), args: ['--prove=synth', '.'] }],
    2: [{ ...project('node -e "process.exit(3)"'), args: ['--prove=synth', '.'] }],
  },
  '`--patches`': {
    0: [
      { files: open, args: ['--patches', 'series', '.'] },
      { files: hard, args: ['--patches', 'series', '--check', '--fail-on', 'review', '.'] },
      { files: decide, args: ['--patches', 'series', '.'] },
    ],
    1: [
      { files: open, args: ['--patches', 'series', '--check', '.'] },
      { files: decide, args: ['--patches', 'series', '--fail-on', 'review', '.'] },
    ],
    2: [
      { files: { ...open, 'series/0001.patch': '' }, args: ['--patches', 'series', '.'] },
      { files: broken, args: ['--patches', 'series', '--check', '.'] },
      { files: open, args: ['--patches', 'series', '--write', '.'] },
    ],
  },
  '`--write-baseline`': {
    0: [
      { files: open, args: ['--write-baseline', 'accepted.json', '.'] },
      { files: decide, args: ['--write-baseline', 'accepted.json', '.'] },
    ],
    2: [
      { files: broken, args: ['--write-baseline', 'accepted.json', '.'] },
      { files: open, args: ['--write-baseline', 'no/such/folder.json', '.'] },
      { files: open, args: ['--write-baseline', 'accepted.json', '--check', '.'] },
    ],
  },
  '`-`': {
    0: [
      { input: OPEN, args: ['-'] },
      { input: DECIDE, args: ['-'] },
      { input: HARD, args: ['-', '--check', '--fail-on', 'review'] },
      { input: 'not: a manifest\n', args: ['-'] },
      { input: '', args: ['-'] },
    ],
    1: [
      { input: OPEN, args: ['-', '--check'] },
      { input: DECIDE, args: ['-', '--fail-on', 'review'] },
    ],
    2: [
      { input: BROKEN, args: ['-'] },
      { input: BROKEN, args: ['-', '--check'] },
      { input: 'a\rb\n', args: ['-', '--quiet'] },
      { input: OPEN, args: ['-', '--write'] },
    ],
  },
  '`fn`': {
    0: [
      { input: LIST, args: ['fn'] },
      { input: 'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n', args: ['fn'] },
    ],
    1: [
      { input: BROKEN, args: ['fn'] },
      { input: LIST.replace('items:', 'functionConfig:\n  apiVersion: podharden.io/v1alpha1\n  kind: PodHarden\n  spec: {levle: x}\nitems:'), args: ['fn'] },
    ],
    2: [{ input: LIST, args: ['fn', '--nope'] }],
  },
  '`action`': {
    0: [
      { files: open, args: ['action'] },
      { files: open, args: ['action'], env: { PODHARDEN_WRITE: 'true', PODHARDEN_CHECK: 'true' } },
    ],
    1: [
      { files: open, args: ['action'], env: { PODHARDEN_CHECK: 'true' } },
      { files: decide, args: ['action'], env: { PODHARDEN_FAIL_ON: 'review' } },
    ],
    2: [
      { files: open, args: ['action'], env: { PODHARDEN_LEVEL: 'strict' } },
      { files: broken, args: ['action'] },
    ],
  },
  '`--interactive`': {
    // At a real terminal: interactive.test.ts, which holds the 0.
    0: [],
    2: [{ files: open, args: ['--interactive', '.'] }],
  },
  '`explain`': {
    0: [
      ...['text', 'json', 'markdown'].map((format) => ({
        files: { 'web.yaml': DECIDE.replace('hostPort: 80', 'hostPort: 80, name: x') },
        args: ['explain', '--format', format, '.'],
      })),
      { input: OPEN, args: ['explain', '-'] },
      { args: ['explain', '.'] },
    ],
    2: [
      { files: broken, args: ['explain', '.'] },
      { input: BROKEN, args: ['explain', '-'] },
      { files: open, args: ['explain', '--pss-version', '1.30', '.'] },
    ],
  },
  '`images`': {
    0: [
      { files: open, args: ['images', '.'] },
      { files: open, args: ['images', '--format', 'json', '--write-config', '.'] },
      { args: ['images', 'redis:7'] },
      { input: OPEN, args: ['images', '-'] },
    ],
    2: [
      { files: broken, args: ['images', '.'] },
      { files: open, args: ['images', '--image-archive', 'missing.tar', '.'] },
    ],
  },
  '`caps`': {
    0: [{ args: ['caps'] }, { args: ['caps', 'a80425fb', '--format', 'json'] }, { args: ['caps', '--add', 'NET_ADMIN'] }],
    2: [{ args: ['caps', 'nope'] }, { args: ['caps', '--drop', 'nope'] }],
  },
  '`init`': {
    0: [{ files: open, args: ['init'] }],
    2: [{ files: { 'podharden.yaml': '' }, args: ['init'] }],
  },
  '`list`, `--help`, `--version`': {
    0: [{ args: ['list'] }, { args: ['--help'] }, { args: ['explain', '--help'] }, { args: ['--version'] }],
    2: [{ args: ['list', '--nope'] }, { args: ['--nope'] }, { files: open, args: ['--level', 'strict', '.'] }, { files: open, args: ['--uid', 'abc', '.'] }, { args: ['nope'] }],
  },
}

function podharden(folder: string, args: readonly string[], input = '', env: Readonly<Record<string, string>> = {}): { readonly code: number | null; readonly shown: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: folder, input, encoding: 'utf8', env: { ...process.env, RUNNER_TEMP: folder, ...env } })
  return { code: status, shown: `${args.join(' ')}\n${stdout.slice(-500)}\n${stderr}` }
}

/** The cells of the table below the comment that names this test. */
function table(): ReadonlyMap<string, readonly string[]> {
  const [lines = ''] = /(?:^\|.*\n)+/m.exec(readme.slice(readme.indexOf('test/exit-codes.test.ts'))) ?? []
  const rows = lines
    .trimEnd()
    .split('\n')
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()))
  assert.equal(rows[0], ['mode', '0', '1', '2'])
  return new Map(rows.slice(2).map(([mode = '', ...cells]) => [mode, cells]))
}

codes('every row of the table has its cases, and every case its row', () => {
  assert.equal([...table().keys()], Object.keys(CASES))
  for (const [mode, cells] of table())
    assert.equal(
      cells.map((cell, code) => [code, cell !== '–']),
      [0, 1, 2].map((code) => [code, CASES[mode]?.[code] !== undefined]),
      mode,
    )
  assert.equal(
    [
      ...readme
        .slice(readme.indexOf('| exit code | meaning |'))
        .split('\n\n', 1)[0]!
        .matchAll(/^\| (\d+) \|/gm),
    ].map((match) => match[1]),
    ['0', '1', '2', '130'],
  )
})

for (const [mode, byCode] of Object.entries(CASES))
  codes(mode, () => {
    for (const [expected, cases] of Object.entries(byCode))
      for (const { files = {}, args, input, prepare, env } of cases) {
        const folder = tempTree(files)
        prepare?.(folder)
        const { code, shown } = podharden(folder, args, input, env)
        assert.is(code, Number(expected), shown)
        assert.not.match(shown, /\n {4}at /, 'expected trouble is no stack trace')
      }
  })

/** The code that a shell gives: a signal that nobody handles counts, too. */
function stopped(
  folder: string,
  args: readonly string[],
  when: (folder: string) => boolean,
  signal: 'SIGINT' | 'SIGTERM' = 'SIGINT',
): Promise<{ readonly code: number; readonly stderr: string }> {
  return new Promise((done) => {
    // stdin stays open: nobody has pressed Ctrl-D.
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder, stdio: ['pipe', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (data) => {
      stderr += data
    })
    const timer = setInterval(() => {
      if (!when(folder)) return
      clearInterval(timer)
      child.kill(signal)
    }, 10)
    child.on('close', (status, killed) => {
      clearInterval(timer)
      done({ code: status ?? 128 + constants.signals[killed ?? 'SIGKILL'], stderr })
    })
  })
}

const after = (milliseconds: number): (() => boolean) => {
  const start = Date.now()
  return () => Date.now() - start > milliseconds
}

codes('130: Ctrl-C and SIGTERM stop every mode that takes its time', async () => {
  const many = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`f${String(i).padStart(4, '0')}.yaml`, OPEN.replaceAll('web', `web${i}`)]))
  const folder = tempTree(many)
  for (const args of [['.'], ['--format', 'json', '.'], ['--patches', 'series', '.'], ['--write-baseline', 'accepted.json', '.'], ['explain', '.']])
    assert.is((await stopped(folder, args, after(400))).code, 130, args.join(' '))
  assert.not.ok(existsSync(join(folder, 'series')) || existsSync(join(folder, 'accepted.json')), 'nothing is written by what was stopped')
  const isWritten = (): boolean => readFileSync(join(folder, 'f0000.yaml'), 'utf8') !== many['f0000.yaml']
  const { code, stderr } = await stopped(folder, ['--write', '.'], isWritten, 'SIGTERM')
  assert.is(code, 130, stderr)
  assert.match(stderr, /stopped; \d+ files were written, the others are untouched/)
})

codes('130: Ctrl-C ends what waits for stdin', async () => {
  const folder = tempTree()
  for (const args of [['-'], ['explain', '-'], ['images', '-']]) assert.is((await stopped(folder, args, after(400))).code, 130, args.join(' '))
})

codes('130: Ctrl-C ends what waits for registries, after the images that are being read', async () => {
  let asked = 0
  const server = createServer((_, response) => {
    asked++
    setTimeout(() => response.writeHead(404).end(), 200)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  try {
    const { port } = server.address() as AddressInfo
    const names = Array.from({ length: 40 }, (_, i) => `127.0.0.1:${port}/image${i}:1`)
    const folder = tempTree(Object.fromEntries(names.map((name, i) => [`f${i}.yaml`, OPEN.replace('registry.example/web:1', name)])))
    for (const args of [
      ['images', '--inspect-images', ...names],
      ['--inspect-images', '.'],
    ]) {
      asked = 0
      mkdirSync(join(folder, 'cache'), { recursive: true })
      const { code, stderr } = await stopped(folder, args, () => asked > 0)
      assert.is(code, 130, stderr)
      assert.ok(asked < 30, `${asked} images were asked for`)
    }
  } finally {
    server.close()
  }
})

codes.run()
