/** The examples: what stands in `after` is what the program makes of `before`, and it synthesises as it should. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harden } from '../src/index.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const examples = suite('examples')
const before = join(root, 'examples/cdk8s/before')
const after = join(root, 'examples/cdk8s/after')

function files(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|json|yaml)$/.test(name))
    .sort()
}

/** A copy with the packages that this repository has, and its own root. */
function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'podharden-examples-'))
  cpSync(before, folder, { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

function podharden(folder: string, ...args: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), '--root', '.', ...args, '.'], { cwd: folder, encoding: 'utf8' })
}

examples('the charts of cdk8s/after are those of cdk8s/before, hardened', () => {
  const folder = copy()
  const { status, stderr } = podharden(folder, '--write')
  assert.is(status, 0, stderr)
  assert.equal(files(after), files(before))
  for (const name of files(before)) {
    const text = readFileSync(join(folder, name), 'utf8')
    if (process.env.UPDATE_FIXTURES === '1') writeFileSync(join(after, name), text)
    assert.is(readFileSync(join(after, name), 'utf8'), text, name)
  }
  assert.match(podharden(folder, '--check').stderr, /0 files to change/)
})

/** The command of the project compiles with the compiler that this repository has for it, without types. */
const RUN = `require('node:module').prototype.constructor._extensions['.ts'] = (module, file) => module._compile(require('ts-morph').ts.transpileModule(require('node:fs').readFileSync(file, 'utf8'), { compilerOptions: { module: 1, target: 9, esModuleInterop: true } }).outputText, file); require('./main.ts')`

function withCommand(folder: string, command = 'node run.cjs'): string {
  writeFileSync(join(folder, 'run.cjs'), RUN)
  writeFileSync(join(folder, 'cdk8s.yaml'), `language: typescript\napp: ${command}\n`)
  return folder
}

examples('--prove=synth runs the command of the project on a copy, and says what it saw', () => {
  const folder = withCommand(copy())
  const { status, stdout, stderr } = podharden(folder, '--prove=synth')
  assert.is(status, 0, stderr)
  assert.match(stderr, /the project synthesised before and after: 5 objects, 3 hardened in full, 0 in part, 2 unchanged, 0 different/)
  assert.match(stdout, /^\+\+\+ b\/charts\/front\.ts$/m)
  assert.not.ok(readdirSync(folder).includes('dist'), 'nothing is written beside the program')
})

examples('a program that does not run, or that makes something else, is not written', () => {
  const failing = withCommand(copy(), 'node -e "process.exit(3)"')
  const failed = podharden(failing, '--prove=synth', '--write')
  assert.is(failed.status, 2)
  assert.match(failed.stderr, /NOT_PROVED {2}as it is, node -e "process\.exit\(3\)" failed \(3\)/)
  for (const name of files(before)) if (name.startsWith('charts/')) assert.is(readFileSync(join(failing, name), 'utf8'), readFileSync(join(before, name), 'utf8'))
  // A chart that looks at its own source makes another object once it is edited.
  const odd = withCommand(copy())
  const path = join(odd, 'charts/cache.ts')
  const text = readFileSync(path, 'utf8').replace(
    'super(scope, id, props);',
    "super(scope, id, { ...props, labels: { size: String(require('node:fs').readFileSync(__filename).length) } });",
  )
  writeFileSync(path, text)
  const { status, stderr } = podharden(odd, '--prove=synth', '--write')
  assert.is(status, 2)
  assert.match(stderr, /synthesis differs in what was not meant: .*everything else/)
  assert.is(readFileSync(path, 'utf8'), text)
})

examples('--prove=synth reads what an app writes into a folder of its own, and tells objects of one name apart', () => {
  const folder = withCommand(copy())
  writeFileSync(
    join(folder, 'main.ts'),
    `import { ApiObject, App, Chart } from 'cdk8s';
const app = new App({ outdir: 'made' });
for (const id of ['one', 'two']) {
  const chart = new Chart(app, id);
  new ApiObject(chart, 'web', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [{ name: id, image: 'redis:7' }] } });
}
app.synth();
`,
  )
  // What lies there from before is not what the program makes now.
  mkdirSync(join(folder, 'made'))
  writeFileSync(join(folder, 'made/three.k8s.yaml'), 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: three, image: "redis:7"}]}\n')
  const { status, stderr } = podharden(folder, '--prove=synth', '--at-least', 'likely')
  assert.is(status, 0, stderr)
  assert.match(stderr, /the project synthesised before and after: 2 objects, 2 hardened in full, 0 in part, 0 unchanged, 0 different/)
})

examples('without --prove=synth no program of the user is run', () => {
  const folder = withCommand(copy(), `node -e "require('fs').writeFileSync('${join(tmpdir(), 'podharden-was-run')}', '')"`)
  assert.is(podharden(folder).status, 0)
  assert.not.ok(readdirSync(tmpdir()).includes('podharden-was-run'))
})

examples('a run without a chart loads neither ts-morph nor cdk8s', () => {
  const hook = join(mkdtempSync(join(tmpdir(), 'podharden-hook-')), 'hook.cjs')
  writeFileSync(
    hook,
    `const M = require('node:module'); const load = M._load; M._load = function (name, ...rest) { if (/^(?:ts-morph|typescript|cdk8s|constructs|dockerfile-ast|fzstd)/.test(name)) process.stderr.write('LOADED ' + name + '\\n'); return load.call(this, name, ...rest) }`,
  )
  const loaded = (path: string): readonly string[] =>
    spawnSync(process.execPath, ['--require', hook, join(root, 'bin/podharden.cjs'), '--root', path, path], { encoding: 'utf8' })
      .stderr.split('\n')
      .filter((line) => line.startsWith('LOADED'))
  assert.equal(loaded(join(root, 'examples/shop')), [])
  assert.equal([...new Set(loaded(before))], ['LOADED ts-morph'], 'so that the hook is known to see it')
})

const library = join(root, 'examples/library')

examples('each library example prints what stands beside it', () => {
  const names = readdirSync(library).filter((name) => name.endsWith('.mjs') && name !== 'browser.mjs')
  assert.equal(names, ['evaluate.mjs', 'harden-object.mjs', 'harden-text.mjs', 'plan.mjs'])
  for (const name of names) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join('examples/library', name)], { cwd: root, encoding: 'utf8' })
    assert.is(status, 0, stderr)
    assert.is(stderr, '', name)
    const expected = join(library, name.replace('.mjs', '.txt'))
    if (process.env.UPDATE_FIXTURES === '1') writeFileSync(expected, stdout)
    assert.is(stdout, readFileSync(expected, 'utf8'), name)
  }
})

examples('the page is bundled by the command that it names, and hardens what is typed', () => {
  const html = readFileSync(join(library, 'browser.html'), 'utf8')
  const command = /npx esbuild (.*--outfile=)(\S+)/.exec(html)
  const out = join(mkdtempSync(join(tmpdir(), 'podharden-page-')), 'page.js')
  const { status, stderr } = spawnSync(join(root, 'node_modules/.bin/esbuild'), [...(command?.[1] ?? '').trim().split(' ').slice(0, -1), `--outfile=${out}`], {
    cwd: root,
    encoding: 'utf8',
  })
  assert.is(status, 0, stderr)
  assert.match(html, `src="${basename(command?.[2] ?? 'none')}"`)
  // As much of a page as the script asks for.
  const parts = new Map<string, { value: string; textContent: string; typed: () => void; addEventListener: (event: string, typed: () => void) => void }>()
  const getElementById = (id: string) => {
    assert.match(html, `id="${id}"`)
    const part = { value: '', textContent: '', typed: () => {}, addEventListener: (_: string, typed: () => void) => Object.assign(part, { typed }) }
    parts.set(id, part)
    return part
  }
  runInNewContext(readFileSync(out, 'utf8'), { document: { getElementById }, TextEncoder, TextDecoder, atob })
  const manifest = readFileSync(join(root, 'examples/shop/web.yaml'), 'utf8')
  const [before, after, report] = ['before', 'after', 'report'].map((id) => parts.get(id))
  Object.assign(before ?? {}, { value: manifest })
  before?.typed()
  assert.is(after?.value, harden(manifest, { atLeast: 'assumed' }).text)
  assert.match(report?.textContent ?? '', /^line \d+, fix: run as uid 101, non-root$/m)
})

examples.run()
