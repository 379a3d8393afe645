/** The GitHub action: what `action.yml` hands over is what the command reads, and what later steps get. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { callOf, SWITCHES, VARIABLES } from '../src/commands/action.ts'
import { VERSION } from '../src/version.ts'
import { tempTree } from './temp-tree.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const action = suite('action')

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>
  readonly runs: { readonly steps: readonly { readonly env: Readonly<Record<string, string>>; readonly run: string }[] }
}

const file = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as ActionFile
const step = file.runs.steps[0] as ActionFile['runs']['steps'][number]

interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  readonly folder: string
}

/** As the runner does it: the step's variables from the inputs, then the command. */
function run(inputs: Readonly<Record<string, string>>, folder: string = shop()): Ran {
  const temp = tempTree()
  const filled = (text: string): string =>
    text.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name: string) => {
      const input = file.inputs[name]
      assert.ok(input !== undefined, `there is no input ${name}`)
      return inputs[name] ?? input.default
    })
  const env = Object.fromEntries(Object.entries(step.env).map(([name, value]) => [name, filled(value)]))
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), 'action'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...env, RUNNER_TEMP: temp, GITHUB_OUTPUT: join(temp, 'output'), GITHUB_STEP_SUMMARY: join(temp, 'summary') },
  })
  const read = (name: string): string => (existsSync(join(temp, name)) ? readFileSync(join(temp, name), 'utf8') : '')
  const outputs = Object.fromEntries(
    read('output')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
  return { status, stdout, stderr, outputs, summary: read('summary'), folder }
}

function shop(): string {
  const folder = tempTree()
  cpSync(join(root, 'examples/shop'), join(folder, 'shop'), { recursive: true })
  return folder
}

action('every input reaches the command, every output comes from it, and nothing else', () => {
  const names = Object.keys(step.env).sort()
  assert.equal(names, [...Object.keys(VARIABLES), ...Object.keys(SWITCHES), 'PODHARDEN_PATHS', 'PODHARDEN_VERSION'].sort())
  for (const name of Object.keys(file.inputs)) assert.ok(Object.values(step.env).includes(`\${{ inputs.${name} }}`), name)
  assert.not.match(step.run, /\$\{\{/, 'no text of an input is part of the script')
  const { outputs } = run({})
  assert.equal(Object.keys(outputs).sort(), Object.keys(file.outputs).sort())
  for (const [name, { value }] of Object.entries(file.outputs)) assert.is(value, `\${{ steps.podharden.outputs.${name} }}`)
  assert.is(file.inputs.version?.default, VERSION)
})

action('nothing is written unless asked; the patch, the body and the log are there', () => {
  const before = shop()
  const { status, outputs, summary, stdout, folder } = run({ 'at-least': 'assumed' }, before)
  assert.is(status, 0)
  assert.is(outputs.changed, 'true')
  assert.match(outputs.title ?? '', /^feat\(security\): harden \d workloads$/)
  assert.match(outputs.branch ?? '', /^podharden\/[0-9a-f]{16}$/)
  assert.is(summary, readFileSync(outputs.body ?? '', 'utf8'))
  assert.match(summary, /^## Hardened pods/)
  assert.match(stdout, /^::warning file=shop/m)
  assert.ok(JSON.parse(readFileSync(outputs.sarif ?? '', 'utf8')).runs[0].results.length > 0)
  assert.ok(JSON.parse(readFileSync(outputs.report ?? '', 'utf8')).summary.changedFiles > 0)
  assert.equal(readFileSync(join(folder, 'shop/web.yaml')), readFileSync(join(root, 'examples/shop/web.yaml')))
  spawnSync('git', ['init', '-q'], { cwd: folder })
  assert.is(spawnSync('git', ['apply', '--check', outputs.patch ?? ''], { cwd: folder }).status, 0)
})

action('by default only what there is evidence for; check fails the step; write changes the files', () => {
  const assumed = run({ 'at-least': 'assumed' })
  const known = run({})
  assert.ok(Number(known.outputs.findings) < Number(assumed.outputs.findings))
  assert.is(run({ check: 'true' }).status, 1)
  const written = run({ write: 'true' })
  assert.is(written.status, 0)
  assert.match(readFileSync(join(written.folder, 'shop/web.yaml'), 'utf8'), /runAsNonRoot: true/)
  const again = run({ write: 'true', check: 'true' }, written.folder)
  assert.equal([again.status, again.outputs.changed], [0, 'false'])
})

action('the branch is the same for the same changes and another one for others', () => {
  const first = run({})
  assert.is(run({}).outputs.branch, first.outputs.branch)
  const moved = shop()
  writeFileSync(join(moved, 'shop/web.yaml'), `# a line more\n${readFileSync(join(moved, 'shop/web.yaml'), 'utf8')}`)
  assert.is(run({}, moved).outputs.branch, first.outputs.branch)
  assert.is.not(run({ stage: '1' }).outputs.branch, first.outputs.branch)
})

action('what stands in an input or a file is no option and no output of its own', () => {
  assert.throws(() => callOf({ PODHARDEN_PATHS: 'a\n--write' }), /is no path/)
  assert.is(run({ paths: '--write' }).status, 2)
  assert.is(run({ level: 'hardened --write' }).status, 2)
  const folder = tempTree({
    'a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: "x\\nchanged=false\\n::set-output name=a::b"}\nspec:\n  containers:\n  - {name: a, image: "corp/a:1"}\n',
  })
  const { outputs, stdout } = run({ 'at-least': 'assumed' }, folder)
  assert.is(outputs.changed, 'true')
  assert.not.match(stdout, /^::set-output/m)
})

action('the workflows in examples/ci read, use this action and only inputs and outputs that it has', () => {
  const folder = join(root, 'examples/ci')
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8')
    const workflow = parse(text) as {
      readonly jobs?: Readonly<Record<string, { readonly steps: readonly { readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> }[] }>>
    }
    for (const { steps } of Object.values(workflow.jobs ?? {}))
      for (const { uses, with: given } of steps)
        if (uses?.startsWith('podharden/') === true) for (const input of Object.keys(given ?? {})) assert.ok(input in file.inputs, `${name}: ${input}`)
    for (const [, output] of text.matchAll(/steps\.podharden\.outputs\.(\w+)/g)) assert.ok((output as string) in file.outputs, `${name}: ${output}`)
    for (const [, version] of text.matchAll(/podharden@(\d[\d.]*)/g)) assert.is(version, VERSION, name)
    // Options that the command does not know end in 2.
    for (const [, options] of text.matchAll(/podharden@[\d.]+ (.*?)(?: > \S+)?$/gm)) {
      const cwd = tempTree({ 'a.yaml': 'a: 1\n' })
      mkdirSync(join(cwd, 'x'))
      const args = (options as string).split(' ').filter((one) => !one.startsWith('"origin') && one !== '--changed-since')
      assert.is(spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), ...args], { cwd }).status, 0, options as string)
    }
  }
})

action('the hooks of pre-commit are calls that work on the files they are given', () => {
  const hooks = parse(readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8')) as readonly { readonly id: string; readonly entry: string; readonly files: string }[]
  assert.equal(
    hooks.map(({ id }) => id),
    ['podharden', 'podharden-check'],
  )
  for (const { id, entry, files } of hooks) {
    const folder = shop()
    const names = ['shop/web.yaml', 'shop/jobs.json']
    for (const name of names) assert.match(name, new RegExp(files))
    const { status, stdout } = spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), ...entry.split(' ').slice(1), ...names], { cwd: folder, encoding: 'utf8' })
    const text = readFileSync(join(folder, 'shop/web.yaml'), 'utf8')
    if (id === 'podharden') assert.equal([status, stdout, /runAsNonRoot/.test(text)], [0, '', true])
    else assert.equal([status, stdout.startsWith('diff --git'), /runAsNonRoot/.test(text)], [1, true, false])
  }
})

action.run()
