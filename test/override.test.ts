/** `--override`: what a named transform takes back, what stays, and what the call refuses. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { harden, transforms } from '../src/index.ts'
import { evaluate } from '../src/standards/evaluate.ts'
import type { StandardLevel } from '../src/standards/check.ts'
import { parseVersion } from '../src/standards/versions.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const override = suite('override')
const every = transforms.filter((transform) => transform.override !== undefined).map(({ id }) => id)

const POD = (name: string): string => `apiVersion: v1
kind: Pod
metadata:
  generateName: x-
  name: ${name}
spec:
  hostPID: true
  containers:
  - name: a
    image: registry.example/a:1
    securityContext:
      privileged: true
  - name: b
    image: registry.example/b:1
    securityContext:
      privileged: true
`

override('a target names the workload and the container', () => {
  const text = `${POD('one')}---\n${POD('two')}`
  const count = (entries: readonly string[]): number => harden(text, { override: entries, atLeast: 'assumed' }).text.split('privileged: false').length - 1
  assert.is(count([]), 0)
  assert.is(count(['forbid-privileged']), 4)
  assert.is(count(['forbid-privileged=Pod/one']), 2)
  assert.is(count(['forbid-privileged=Pod/one/b']), 1)
  assert.is(count(['forbid-privileged=Deployment/one']), 0)
  assert.is(count(['forbid-privileged=Pod/one/a', 'forbid-privileged=Pod/two/b']), 2)
})

override('what was named only changes what was named', () => {
  const { text } = harden(POD('one'), { override: ['forbid-privileged'], atLeast: 'assumed', only: ['forbid-privileged'] })
  assert.is(text, POD('one').replaceAll('privileged: true', 'privileged: false'))
})

override('the call refuses what it cannot mean', () => {
  const run = (...args: readonly string[]) => spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), ...args], { cwd: root, input: POD('a'), encoding: 'utf8' })
  for (const args of [
    ['--override', 'forbid-privileged', '--at-least', 'known', 'examples/shop'],
    ['--override', 'forbid-privileged', '--at-least', 'certain', 'examples/shop'],
    ['--override', 'forbid-privileged', '-'],
    ['--override', 'everything', 'examples/shop'],
    ['--override', 'forbid-privileged=web', 'examples/shop'],
    ['--override', 'forbid-privileged=Pod/a=b', 'examples/shop'],
  ]) {
    const { status, stderr, stdout } = run(...args)
    assert.is(status, 2, args.join(' '))
    assert.match(stderr, /^podharden: --override/)
    assert.is(stdout, '')
  }
  assert.is(run('--override', 'forbid-privileged,forbid-host-access=Pod/a', '--at-least', 'likely', '-').status, 0)
})

/** No edit saves these without another volume, another machine or another program; the report says so. */
const BY_NATURE: Readonly<Record<string, RegExp>> = {
  hostpathvolumes: /^uses directories of the node: hostPath /,
  restrictedvolumes: /^uses (?:directories of the node|volume types that the restricted level does not allow)/,
  windowshostprocess: /hostProcess/,
}

const shared = join(root, '../shared/pss')
if (existsSync(shared)) {
  override('every upstream fixture that an edit can save passes at its version; the others say why not', () => {
    const left: Record<string, number> = {}
    for (const row of readFileSync(join(shared, 'expected.tsv'), 'utf8').trim().split('\n').slice(1)) {
      const [level, version, outcome, file] = row.split('\t') as [StandardLevel, string, string, string]
      if (outcome !== 'fail') continue
      const text = readFileSync(join(shared, 'testdata', level, version, outcome, file), 'utf8')
      const options = { level, pssVersion: version, override: every, atLeast: 'assumed' } as const
      const result = harden(text, options)
      assert.equal(result.problems, [], row)
      assert.is(harden(result.text, options).changed, false, row)
      const verdict = evaluate({ template: parse(result.text) as Record<string, unknown>, isPod: true }, level, parseVersion(version))
      if (verdict.allowed === true) continue
      const prefix = file.replace(/\d*\.yaml$/, '')
      left[prefix] = (left[prefix] ?? 0) + 1
      const reason = BY_NATURE[prefix]
      assert.ok(reason !== undefined, `${row}: ${verdict.violations.map(({ check }) => check).join(', ')}`)
      const [said] = result.verdicts
      assert.ok((said?.left.length ?? 0) > 0, row)
      for (const { because } of said?.left ?? []) assert.match(because ?? '', reason, row)
    }
    assert.equal(left, { hostpathvolumes: 32, windowshostprocess: 32, restrictedvolumes: 160 })
  })
} else process.stdout.write('skipped: the upstream fixtures are not here\n')

override.run()
