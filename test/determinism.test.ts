/**
 * The same tree gives the same bytes in every output, whatever the order of files and arguments, the place, the machine,
 * the locale, the time zone, the date and the state of the cache; and no output holds a path of the machine.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { objects, print, style } from './manifests.ts'

const bin = join(dirname(fileURLToPath(import.meta.url)), '../../bin/podharden.cjs')
const determinism = suite('determinism')

/** What a run may do: every format and every command that reads a tree; those that write come last. */
const MODES: readonly (readonly string[])[] = [
  ...['diff', 'text', 'json', 'sarif', 'markdown', 'github'].map((format) => ['--format', format]),
  ['explain', '--format', 'json'],
  ['images', '--format', 'text'],
  ['--patches', 'OUT/patches'],
  ['--write-baseline', 'OUT/baseline'],
  ['--write', '--format', 'json', '--output', 'OUT/report'],
]

const pod = (name: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: ${name}, image: "nginx:1.27"}]}\n`
/** Names that a locale, a file system or a sort by UTF-16 units would put in another order. */
const name = fc.constantFrom('a', 'b10', 'b9', 'B', 'I', 'i', '\u0131', '\u0130', '\u00e4', 'z', '_', '-x', 'a b', '\uFF21', '\u{1F600}')
const manifest = fc.tuple(fc.array(objects, { minLength: 1, maxLength: 2 }), style).map(([documents, how]) => print(documents, how))

const CONFIG = `level: hardened
uid: 10001
images:
- {image: "registry.example/app:*", uid: 4711, writablePaths: [/var/cache/app]}
exemptions:
- {reason: until it is rewritten, kind: CronJob, transforms: [set-read-only-root-filesystem], expires: 2999-12-31}
ignore: [left-alone/]
`
const OTHERS: Readonly<Record<string, string>> = {
  'podharden.yaml': CONFIG,
  'app/Dockerfile': 'FROM nginx:1.27\nRUN adduser -u 4712 -D app\nVOLUME /data\nUSER 4712\n',
  'app/deploy.yaml': pod('built').replace('nginx:1.27', 'app'),
  // In Swedish the first follows the second, in Turkish the third comes before the fourth.
  'm/\u00e4.yaml': pod('a'),
  'm/z.yaml': pod('z'),
  'm/\u0131.yaml': pod('i'),
  'm/ib.yaml': pod('ib'),
  'broken.yaml': 'kind: Pod\nspec:\n  containers: [\n',
  'left-alone/x.yaml': pod('x'),
  'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
  'chart/templates/x.yaml': 'kind: Pod\nspec:\n  containers:\n  - image: {{ .Values.image }}\n',
}

/** By path. Of two names that some file system takes for one, the first counts. */
const tree = fc.array(fc.record({ folders: fc.array(name, { maxLength: 2 }), name, text: manifest }), { minLength: 2, maxLength: 4 }).map((files) => {
  const found = new Map(Object.entries(OTHERS))
  const folded = new Set<string>()
  for (const { folders, name: file, text } of files) {
    const path = ['m', ...folders.map((one) => `d${one}`), `${file}.yaml`].join('/')
    const same = path.normalize('NFKC').toLowerCase().normalize('NFKC')
    if (!folded.has(same)) found.set(path, text)
    folded.add(same)
  }
  return found
})

interface Circumstances {
  readonly env: Readonly<Record<string, string>>
  /** From the folder of the tree to the working folder. */
  readonly cwd: string
  /** Files are made, listed and named the other way round. */
  readonly reversed: boolean
  readonly cached: boolean
}

const HERE: Circumstances = { env: { LC_ALL: 'C', TZ: 'UTC' }, cwd: '.', reversed: false, cached: false }
const elsewhere: fc.Arbitrary<Circumstances> = fc.record({
  env: fc.record({
    LC_ALL: fc.constantFrom('tr_TR.UTF-8', 'sv_SE.UTF-8', 'de_DE'),
    TZ: fc.constantFrom('Pacific/Kiritimati', 'America/St_Johns', 'Europe/Berlin'),
    COLUMNS: fc.constantFrom('20', '300'),
    USER: fc.constant('somebody'),
    OTHER_DATE: fc.constantFrom('1', '-400'),
  }),
  cwd: fc.constantFrom('..', '../..', 'app'),
  reversed: fc.constant(true),
  cached: fc.boolean(),
})

/** Another day, and folders listed the other way round, as another file system may. */
const HOOK = `const fs = require('node:fs'), list = fs.readdirSync, now = Date.now, days = Number(process.env.OTHER_DATE ?? 0)
if (days !== 0) {
  fs.readdirSync = (...args) => list(...args).reverse()
  Date.now = () => now() + days * 86400000
  globalThis.Date = class extends Date { constructor(...args) { super(...(args.length === 0 ? [Date.now()] : args)) } }
}`

interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

function run(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<Outcome> {
  return new Promise((done) =>
    execFile(process.execPath, [bin, ...args], { cwd, env: { PATH: process.env.PATH, ...env }, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      done({ stdout, stderr, code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1 }),
    ),
  )
}

function contents(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(folder, path), readFileSync(path, 'latin1')] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function textOf(value: unknown): string {
  return JSON.stringify(value instanceof Map ? [...value] : value)
}

/** fast-check shows the message only, so the first difference is in it. */
function same(what: string, there: string, here: string): void {
  const at = [...here].findIndex((_, i) => here[i] !== there[i])
  assert.ok(there === here, `${what}: elsewhere …${there.slice(Math.max(0, at - 200), at + 200)}… here …${here.slice(Math.max(0, at - 200), at + 200)}…`)
}

/** All that comes out of the tree, by what was asked for. */
async function outputs(files: ReadonlyMap<string, string>, { env, cwd, reversed, cached }: Circumstances): Promise<ReadonlyMap<string, unknown>> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), reversed ? 'podharden-another-place-' : 'podharden-')))
  const root = join(base, 'w', 'repo')
  const [out, cache] = [join(base, 'w', 'written-there'), join(base, 'cache')]
  try {
    for (const [path, text] of reversed ? [...files].reverse() : files) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    for (const folder of [join(root, '.git'), out, join(cache, 'podharden/images')]) mkdirSync(folder, { recursive: true })
    if (cached) writeFileSync(join(cache, 'podharden/images/sha256-0123.json'), '{"version":1,"content":{"digest":"sha256:0123"}}')
    const hook = join(base, 'hook.cjs')
    writeFileSync(hook, HOOK)
    const from = join(root, cwd)
    const named = ['m', 'app', 'chart', 'left-alone', 'broken.yaml', 'podharden.yaml'].map((path) => relative(from, join(root, path)))
    const paths = reversed ? named.reverse() : named
    const found = new Map<string, unknown>()
    const ask = async (mode: readonly string[]): Promise<void> => {
      const args = mode.map((word) => word.replace(/^OUT/, relative(from, out)))
      const { stdout, stderr, code } = await run([...args, '--root', relative(from, root) || '.', ...paths], from, {
        ...env,
        XDG_CACHE_HOME: cache,
        HOME: base,
        NODE_OPTIONS: `--require=${JSON.stringify(hook)}`,
      })
      // Where its output went is the caller's own word.
      found.set(mode.join(' '), { code, stdout, stderr: stderr.replaceAll(relative(from, out), 'OUT') })
    }
    // Two at a time, but nothing while the tree itself is written.
    const reading = MODES.slice(0, -1)
    for (let i = 0; i < reading.length; i += 2) await Promise.all(reading.slice(i, i + 2).map(ask))
    const untouched = contents(root)
    assert.equal(
      untouched,
      new Map([...files].map(([path, text]) => [path, Buffer.from(text).toString('latin1')] as const).sort(([a], [b]) => (a < b ? -1 : 1))),
      'only --write writes',
    )
    await ask(MODES.at(-1) as readonly string[])
    found.set('the tree', contents(root))
    found.set('other files', contents(out))
    for (const [mode, value] of found) {
      const text = textOf(value)
      const at = text.indexOf(basename(base))
      assert.is(at, -1, `a path of the machine: ${mode}: ${text.slice(Math.max(0, at - 100), at + 50)}`)
    }
    assert.is(readdirSync(join(cache, 'podharden/images')).length, cached ? 1 : 0, 'nothing is kept of a run that asks no registry')
    return found
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}

determinism('the same tree gives the same bytes in every output, wherever and whenever it is asked', async () => {
  await fc.assert(
    fc.asyncProperty(tree, elsewhere, async (files, there) => {
      const here = await outputs(files, HERE)
      const other = await outputs(files, there)
      for (const [mode, value] of here) same(mode, textOf(other.get(mode)), textOf(value))
      const { code, stdout } = here.get('--format diff') as Outcome
      assert.is(code, 2, 'one file is broken')
      assert.match(stdout, '+++ b/app/deploy.yaml')
      assert.ok((here.get('other files') as Map<string, string>).size > 3)
    }),
    // Each run starts the command line 22 times.
    { numRuns: 3, endOnFailure: true, includeErrorInReport: true },
  )
})

determinism('the day counts only for what expires, and can be named', async () => {
  const files = new Map([
    ['podharden.yaml', 'exemptions:\n- {reason: for now, kind: Deployment, expires: 2030-01-01}\n'],
    ['a.yaml', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, image: a}]}}}\n'],
  ])
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'podharden-')))
  try {
    for (const [path, text] of files) writeFileSync(join(base, path), text)
    const at = (day: string) => run(['--root', '.', '.'], base, { SOURCE_DATE_EPOCH: String(Date.parse(day) / 1000) })
    assert.is((await at('2030-01-01')).stdout, '')
    assert.match((await at('2030-01-02')).stdout, '+++ b/a.yaml')
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
})

determinism('init names the file that it wrote from where it was called', async () => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'podharden-')))
  try {
    mkdirSync(join(base, 'repo/.git'), { recursive: true })
    mkdirSync(join(base, 'repo/deploy'))
    assert.match((await run(['init'], join(base, 'repo/deploy'), {})).stderr, 'podharden: ../podharden.yaml written')
    rmSync(join(base, 'repo/podharden.yaml'))
    assert.match((await run(['init', '--root', 'repo'], base, {})).stderr, 'podharden: repo/podharden.yaml written')
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
})

determinism.run()
