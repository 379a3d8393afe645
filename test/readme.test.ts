/** The README says what the program does: the diff it shows, the transforms, the problem codes, the version. */
import { readFileSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harden, transforms } from '../src/index.ts'
import { VERSION } from '../src/version.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const readme = suite('readme')

readme('the diff is the one for examples/shop/web.yaml', () => {
  const { diff } = harden(read('examples/shop/web.yaml'), { atLeast: 'assumed', path: 'examples/shop/web.yaml' })
  const hunks = diff.slice(diff.indexOf('@@'))
  const before = read('README.md')
  const after = before.replace(/(```diff\n)[^`]*(```)/, (_, open: string, close: string) => open + hunks + close)
  if (process.env.UPDATE_FIXTURES === '1') writeFileSync(join(root, 'README.md'), after)
  else assert.is(before, after)
})

readme('the chart is the one of the example', () => {
  const { stdout } = spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), '--root', 'examples/cdk8s/before', 'examples/cdk8s/before/charts/cache.ts'], {
    cwd: root,
    encoding: 'utf8',
  })
  const hunks = stdout.slice(stdout.indexOf('@@'))
  const before = read('README.md')
  const at = before.indexOf('## cdk8s')
  const after = before.slice(0, at) + before.slice(at).replace(/(```diff\n)[^`]*(```)/, (_, open: string, close: string) => open + hunks + close)
  if (process.env.UPDATE_FIXTURES === '1') writeFileSync(join(root, 'README.md'), after)
  else assert.is(before, after)
})

readme('the reports it shows are those of the examples', () => {
  const text = /`--format text`, of one[^]*?```text\n([^]*?)\n```/.exec(read('README.md'))?.[1] ?? ''
  assert.ok(text.split('\n').length > 10 && read('examples/reports/shop.txt').includes(`${text}\n`), 'the text')
  const body = /\(examples\/reports\/shop\.md\), as GitHub shows it\):\n\n([^]*?)\n\n`--format html`/.exec(read('README.md'))?.[1] ?? ''
  assert.ok(
    body.includes('| workload | change |') && read('examples/reports/shop.md').startsWith(body.replace(/^####/gm, '###').replace(/^\*\*(Hardened pods: [^]*?)\*\*/, '## $1')),
    'the body',
  )
})

readme('the table has every transform, in order, with its level', () => {
  const rows = [...read('README.md').matchAll(/^\| (\d+) \| `([\w-]+)` \| ([\w-]+) \|/gm)].map(([, number, id, level]) => `${number} ${id} ${level}`)
  assert.equal(
    rows,
    transforms.map(({ id, level }, i) => `${i + 1} ${id} ${level}`),
  )
})

readme('every problem code is explained', () => {
  const union = /export type ProblemCode =([^/]*?)\n\n/.exec(read('src/types.ts'))?.[1] ?? ''
  const codes = [...union.matchAll(/'([A-Z0-9_]+)'/g)].map((match) => match[1])
  assert.ok(codes.length > 20)
  for (const code of codes) assert.match(read('README.md'), `\`${code}\``)
})

readme('versions agree', () => {
  const { version } = JSON.parse(read('package.json')) as { version: string }
  assert.is(VERSION, version)
  assert.match(read('CHANGELOG.md'), `## ${version}`)
})

readme('every dependency has its reason', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string>; devDependencies: Record<string, string> }
  for (const name of [...Object.keys(dependencies), ...Object.keys(devDependencies)]) assert.match(read('CONTRIBUTING.md'), `\`${name}\``)
})

readme('the library example runs as written', () => {
  const { text, problems } = harden('apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: nginx:1.27 # pinned\n', {
    atLeast: 'likely',
  })
  assert.match(text, 'runAsUser: 101')
  assert.equal(problems, [])
})

readme.run()
