/** `podharden.yaml`, and the entries that `images --write-config` adds to it. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { schemas } from '../scripts/schemas.ts'
import { initText } from '../src/config/init.ts'
import type { Config } from '../src/config/keys.ts'
import { configOf } from '../src/config/read.ts'
import { configSchema } from '../src/config/schema.ts'
import { harden } from '../src/index.ts'
import { readImagesFile } from '../src/evidence/images-file.ts'
import type { ListedImage } from '../src/images/list.ts'
import { withStubs } from '../src/images/stubs.ts'
import { tempTree } from './temp-tree.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

function podharden(cwd: string, ...args: readonly string[]): { readonly stdout: string; readonly stderr: string; readonly status: number | null } {
  return spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), ...args], { cwd, encoding: 'utf8' })
}

function image(name: string, missing: ListedImage['missing'] = ['user', 'writablePaths']): ListedImage {
  const uses = [{ file: 'a.yaml', line: 7, kind: 'Deployment', name: 'web', container: 'app' }]
  return {
    image: name,
    reference: name,
    uses,
    uid: null,
    gid: null,
    grade: 'assumed',
    writablePaths: null,
    ports: [],
    needsRoot: false,
    sources: [],
    otherUsers: [],
    candidates: [],
    missing,
  }
}

function stubbed(text: string, ...images: readonly ListedImage[]): string {
  const answer = withStubs(text, images)
  return 'text' in answer ? answer.text : answer.mistake
}

const stubs = suite('stubs')
const STUB = '  # a.yaml:7 Deployment/web\n  # - image: corp/a\n  #   uid:\n  #   gid:\n  #   writablePaths: []\n'

stubs('a new file, and a second time nothing', () => {
  const text = stubbed('', image('corp/a:1'), image('corp/a:2'), image('redis:7', []), image('$IMAGE'))
  assert.match(text, /^# What podharden cannot know/)
  assert.ok(text.endsWith(`images:\n${STUB.replace('web', 'web and 1 more')}`))
  assert.is(stubbed(text, image('corp/a:3')), text)
  assert.equal(withStubs(text, [image('corp/a:3')]), { text, added: 0 })
})

stubs('below the entries that are there, before the next key, in their indentation', () => {
  assert.is(
    stubbed('images:\n- image: x\n  uid: 5 # ours\n\n# of the mirrors\nprefixes: []\n', image('corp/a:1')),
    `images:\n- image: x\n  uid: 5 # ours\n${STUB.replace(/^ {2}/gm, '')}\n# of the mirrors\nprefixes: []\n`,
  )
  assert.is(
    stubbed('prefixes: []\nimages:   # ours\n    - image: x', image('corp/a:1')),
    `prefixes: []\nimages:   # ours\n    - image: x\n${STUB.replace(/^/gm, '  ').trimEnd()}\n`,
  )
  assert.is(stubbed('prefixes: []', image('corp/a:1')), `prefixes: []\nimages:\n${STUB}`)
  assert.is(stubbed('images: ~\r\nprefixes: []\r\n', image('corp/a:1')), `images: ~\r\n${STUB.replaceAll('\n', '\r\n')}prefixes: []\r\n`)
  assert.match(stubbed('images: [{image: x}]\n', image('corp/a:1')), /not written as a block list/)
})

stubs('odd layouts are added to in a way that reads the same, or refused', () => {
  assert.match(stubbed('"images":\n- image: x\n  uid: 5\n', image('corp/a:1')), /^"images":\n- image: x\n {2}uid: 5\n# a\.yaml/)
  assert.match(stubbed('images:\n# third party\n- image: x\n', image('corp/a:1')), /^images:\n# third party\n- image: x\n# a\.yaml/)
  assert.match(stubbed('prefixes: []\n...\n', image('corp/a:1')), /^prefixes: \[\]\nimages:\n {2}# a\.yaml[^]*\n\.\.\.\n$/)
  for (const text of ['{}\n', '{"images": [{"image": "x"}]}\n', 'images: [\n  {image: x}]\n'])
    assert.match(stubbed(text, image('corp/a:1')), /nothing (?:can|could) be added to/, text)
  assert.match(
    stubbed('images:\n- image: corp/*\n  uid: 5\n', image('corp/a:1', ['writablePaths'])),
    /# - image: corp\/a\n# {3}writablePaths: \[\]\n$/,
    'a glob does not say all of it',
  )
  assert.match(stubbed('images:\n- image: corp/a:0.9\n', image('corp/a:1')), /# - image: corp\/a\n/, 'another tag')
})

stubs('what is mentioned already, also by a glob or in a comment, is left out', () => {
  for (const line of ['- image: corp/a', '- image: "corp/a:*"', '  # - image: corp/a', '- image: corp/a:1 # x'])
    assert.is(stubbed(`images:\n${line}\n`, image('corp/a:1')), `images:\n${line}\n`, line)
  assert.is.not(stubbed('images:\n- image: corp/ab\n', image('corp/a:1')), 'images:\n- image: corp/ab\n')
  assert.match(stubbed('', image('host:5000/x:1')), /- image: host:5000\/x$/m)
})

stubs('uncommented and filled in, an entry reads as what it says', () => {
  const text = stubbed('', image('corp/a:1'))
    .replace(/^ {2}# (- image|  (?:uid|gid|writable))/gm, '  $1')
    .replace('uid:', 'uid: 4711')
    .replace('gid:', 'gid: 12')
    .replace('[]', '[/data]')
  const found = readImagesFile('f', text)
  assert.equal('options' in found && found.options.images.map(({ source, ...rest }) => rest), [{ image: 'corp/a', uid: 4711, gid: 12, writablePaths: ['/data'] }])
  assert.ok('options' in readImagesFile('f', stubbed('', image('corp/a:1'))), 'as it is, it says nothing')
})

const config = suite('config')
const POD = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: app\n    image: corp/app:1\n'

config('what podharden.yaml at the root states counts everywhere below, and a flag before it', () => {
  const folder = tempTree()
  mkdirSync(join(folder, 'deploy/deep'), { recursive: true })
  writeFileSync(join(folder, 'deploy/deep/web.yaml'), POD)
  writeFileSync(join(folder, 'podharden.yaml'), 'images:\n- image: corp/app\n  uid: 4711\n')
  writeFileSync(join(folder, 'other.yaml'), 'images:\n- image: corp/app\n  uid: 99\n')
  assert.match(podharden(folder, 'deploy').stdout, /^\+ +runAsUser: 4711$/m)
  assert.match(podharden(join(folder, 'deploy'), 'deep/web.yaml').stdout, /^\+ +runAsUser: 4711$/m)
  assert.match(podharden(folder, '--images', 'other.yaml', 'deploy').stdout, /^\+ +runAsUser: 99$/m)
  assert.match(podharden(folder, 'images', 'corp/app:1').stdout, /uid 4711/)
  assert.match(podharden(folder, 'images', 'corp/app:1').stdout, /podharden\.yaml:2/)
  writeFileSync(join(folder, 'podharden.yaml'), 'images:\n- image: corp/app\n  user: 4711\n')
  const { stderr, status } = podharden(folder, 'deploy')
  assert.is(status, 2)
  assert.match(stderr, /podharden\.yaml:3:3: there is no key "user"; did you mean/)
})

config('images --write-config makes the file, adds to it, and says so', () => {
  const folder = tempTree()
  writeFileSync(join(folder, 'web.yaml'), POD)
  const first = podharden(folder, 'images', '--write-config')
  assert.is(first.status, 0, first.stderr)
  assert.match(first.stderr, /1 entry added to podharden\.yaml/)
  const text = readFileSync(join(folder, 'podharden.yaml'), 'utf8')
  assert.match(text, /^ {2}# - image: corp\/app$/m)
  writeFileSync(join(folder, 'second.yaml'), POD.replaceAll('app', 'job'))
  assert.match(podharden(folder, 'images', '--write-config').stderr, /1 entry added/)
  assert.ok(readFileSync(join(folder, 'podharden.yaml'), 'utf8').startsWith(text))
  assert.match(podharden(folder, 'images', '--write-config').stderr, /Nothing to add to podharden\.yaml/)
  assert.is(podharden(folder, '--check', 'web.yaml').status, 1, 'commented entries change nothing')
})

const keys = suite('keys')

/** `line:column message` of each mistake. */
function mistakes(text: string): readonly string[] {
  const found = configOf('c', text)
  return 'mistakes' in found ? found.mistakes.map((one) => one.replace(/^c:/, '')) : []
}

function read(text: string): Config {
  const found = configOf('c', text)
  if ('mistakes' in found) throw new Error(found.mistakes.join('\n'))
  return found.config
}

const FULL = `level: restricted
transforms:
  skip: [set-read-only-root-filesystem]
stage: 3
atLeast: known
uid: 4711
pinUid: true
scope: container
platform: openshift
pssVersion: v1.30
images:
  - image: corp/*
    uid: 5
prefixes:
  - from: r.example.com/
    to: docker.io/
workloads:
  - apiVersion: example.com/v1
    kind: App
    path: spec.groups[].pod
    fields: container
exemptions:
  - reason: legacy
    transform: drop-all-capabilities
    path: deploy/
    expires: "2027-01-31"
  - reason: all of it
    name: old-*
foreignExemptions: false
ignore: [vendor/]
catalogue: "1"
`

keys('each key is read', () => {
  const { options, ignore, catalogue } = read(FULL)
  assert.equal(ignore, ['vendor/'])
  assert.is(catalogue, '1')
  assert.equal(options.exemptions, [
    { reason: 'legacy', source: 'c:23', path: 'deploy/', expires: '2027-01-31', transforms: ['drop-all-capabilities'] },
    { reason: 'all of it', source: 'c:27', name: 'old-*' },
  ])
  assert.equal(options.workloads, [{ group: 'example.com', kind: 'App', path: 'spec.groups[].pod', fields: 'container' }])
  const { level, skip, stage, atLeast, uid, pinUid, scope, platform, pssVersion, foreignExemptions } = options
  assert.equal(
    [level, skip, stage, atLeast, uid, pinUid, scope, platform, pssVersion, foreignExemptions],
    ['restricted', ['set-read-only-root-filesystem'], 3, 'known', 4711, true, 'container', 'openshift', 'v1.30', false],
  )
  assert.equal(read(''), { options: {}, ignore: [], catalogue: undefined })
  assert.is(read('uid: image').options.uid, 'image')
})

/** Wrong files with their mistakes; the JSON Schema refuses each of them, too. */
const WRONG: readonly (readonly [string, readonly string[]])[] = [
  ['levle: hardened', ['1:1: there is no key "levle"; did you mean level?']],
  ['level: strict', ['1:8: level must be one of baseline, restricted, hardened']],
  ['uid: 0', ['1:6: uid must be a user id from 1 to 2147483647']],
  ['uid: "10001"', ['1:6: uid must be a user id from 1 to 2147483647']],
  ['transforms: [drop-all-capabilities]', ['1:13: transforms must be a map with only, skip']],
  ['transforms:\n  skip: [drop-capabilities]', ['2:9: skip: there is no transform "drop-capabilities"; did you mean drop-all-capabilities?']],
  ['exemptions:\n- name: web', ['2:3: reason is missing']],
  ['exemptions:\n- reason: x', ['2:3: an exemption needs at least one of transform, path, kind, name, namespace and container']],
  ['exemptions:\n- reason: x\n  name: a\n  expires: soon', ['4:12: expires must be a day such as 2027-01-31']],
  [
    'workloads:\n- kind: App\n  apiVersion: example.com/v1\n  path: spec..x',
    ['4:9: path must be the fields from the object to the pod spec, such as spec.workers[].template.spec'],
  ],
  ['ignore: vendor', ['1:9: ignore must be a list of patterns as in .gitignore']],
  ['pssVersion: 1.30', ['1:13: pssVersion must be latest or v1.N']],
  ['- level', ['1:1: the file must be a map']],
  ['images:\n- image: a\n  uid: x', ['3:8: uid must be a user id from 1 to 2147483647']],
  ['command: rm', ['1:1: there is no key "command"; did you mean']],
]

keys('mistakes have their place and the nearest key', () => {
  for (const [text, expected] of WRONG) {
    const found = mistakes(text)
    assert.is(found.length, expected.length, `${text}: ${found.join('; ')}`)
    for (const [i, one] of expected.entries()) assert.ok(found[i]?.startsWith(one), `${found[i]} instead of ${one}`)
  }
  assert.equal(mistakes('exemptions:\n- reason: x\n  expires: 2027-02-30\n  name: a'), ['3:12: expires must be a day such as 2027-01-31'])
  assert.is(mistakes('level: hardened\nlevel: baseline').length, 1, 'a key given twice')
})

keys('flags count before the file, and what they leave open it says', () => {
  const folder = tempTree({ 'web.yaml': POD, 'podharden.yaml': 'level: restricted\nuid: 4711\n', 'other.yaml': 'uid: 12\n' })
  const { stdout } = podharden(folder, 'web.yaml')
  assert.match(stdout, /runAsUser: 4711/)
  assert.not.match(stdout, /readOnlyRootFilesystem/)
  const flagged = podharden(folder, '--level', 'hardened', '--uid', '99', 'web.yaml').stdout
  assert.match(flagged, /runAsUser: 99/)
  assert.match(flagged, /readOnlyRootFilesystem/)
  assert.match(podharden(folder, '--config', 'other.yaml', 'web.yaml').stdout, /runAsUser: 12[^]*readOnlyRootFilesystem/)
  assert.match(podharden(folder, '--config', 'gone.yaml', 'web.yaml').stderr, /--config: gone\.yaml cannot be read/)
})

keys('what is ignored stays as it is, also when it is named, and still says what it knows', () => {
  const folder = tempTree({ 'old/web.yaml': POD, 'new/web.yaml': POD, 'podharden.yaml': 'ignore:\n  - old/\n' })
  const all = podharden(folder, '.')
  assert.match(all.stdout, /^\+\+\+ b\/new\/web\.yaml$/m)
  assert.not.match(all.stdout, /old\/web/)
  assert.match(all.stderr, /1 file is left alone by ignore/)
  const named = podharden(folder, 'old/web.yaml')
  assert.equal([named.status, named.stdout], [0, ''])
})

keys('another catalogue than the one asked for is refused', () => {
  const folder = tempTree({ 'web.yaml': POD, 'podharden.yaml': 'catalogue: "2000.1"\n' })
  const { status, stderr } = podharden(folder, 'web.yaml')
  assert.is(status, 2)
  assert.match(stderr, /asks for the catalogue 2000\.1/)
})

keys('a kind of your own is hardened once it is named', () => {
  const app = 'apiVersion: example.com/v1\nkind: App\nmetadata: {name: x}\nspec:\n  groups:\n  - pod:\n      containers:\n      - name: a\n        image: corp/a:1\n'
  const folder = tempTree({ 'app.yaml': app })
  const before = podharden(folder, 'app.yaml')
  assert.is(before.stdout, '')
  assert.match(before.stderr, /Name the kind under workloads in podharden\.yaml, with path: spec\.groups\[\]\.pod/)
  writeFileSync(join(folder, 'podharden.yaml'), 'workloads:\n- apiVersion: example.com/v1\n  kind: App\n  path: spec.groups[].pod\n')
  assert.match(podharden(folder, 'app.yaml').stdout, /runAsNonRoot: true/)
  assert.match(podharden(folder, 'explain', 'app.yaml').stdout, /App/)
  assert.is(harden(app, { workloads: [{ group: 'example.com', kind: 'App', path: 'spec.groups[].pod', fields: 'both' }], atLeast: 'assumed' }).changed, true)
})

keys('init writes comments only, with what the tree suggests, and never over a file', () => {
  const folder = tempTree({
    'web.yaml': POD,
    'app.yaml': 'apiVersion: "example.com/v1"\nkind: "A\\nlevel: baseline"\nspec:\n  pod:\n    containers:\n    - {name: a, image: x}\n',
  })
  const made = podharden(folder, 'init')
  assert.is(made.status, 0, made.stderr)
  const text = readFileSync(join(folder, 'podharden.yaml'), 'utf8')
  assert.match(text, /^# yaml-language-server: \$schema=\.\/node_modules\/podharden\/schemas\/podharden\.schema\.json\n/)
  assert.match(text, /# {3}- image: corp\/app|# - image: corp\/app/)
  assert.match(text, /# {5}kind: "A\\nlevel: baseline"/)
  assert.equal(read(text), { options: {}, ignore: [], catalogue: undefined })
  assert.is(podharden(folder, 'init').status, 2)
  assert.is(readFileSync(join(folder, 'podharden.yaml'), 'utf8'), text)
})

keys('every line that init suggests is one that the file takes', () => {
  const text = initText({ workloads: 1, openshift: ['a'], unknownKinds: [{ apiVersion: 'example.com/v1', kind: 'App', path: 'spec.pod' }] })
  const live = text.split('\n').flatMap((line) => (/^# (?: |[a-zA-Z]+:)/.test(line) && !/^# \w+:? [A-Z$]|language-server/.test(line) ? [line.slice(2)] : []))
  const { options, ignore } = read(live.join('\n'))
  assert.equal(
    [options.uid, options.platform, options.workloads?.length, options.exemptions?.length, options.images?.prefixes.length, ignore],
    [10001, 'openshift', 1, 1, 1, ['examples/']],
  )
})

const schema = suite('schema')

schema('the files in the package are those made from the code (UPDATE_FIXTURES=1 writes them)', () => {
  for (const [path, text] of schemas()) {
    if (process.env.UPDATE_FIXTURES === '1') writeFileSync(join(root, path), text)
    assert.is(readFileSync(join(root, path), 'utf8'), text, path)
  }
})

schema('the schema takes what the reader takes, and refuses what it refuses', () => {
  const check = new (createRequire(import.meta.url)('ajv').default)({ strict: false }).compile(configSchema())
  assert.ok(check(parse(FULL)), JSON.stringify(check.errors))
  assert.ok(check({}))
  for (const [text] of WRONG) {
    // What only the whole entry can tell is left to the reader.
    if (text.endsWith('- reason: x')) continue
    assert.not.ok(check(parse(text)), text)
  }
})

schema('the report is as its schema says', () => {
  const check = new (createRequire(import.meta.url)('ajv').default)({ strict: false, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(join(root, 'schemas/report.schema.json'), 'utf8')),
  )
  const folder = tempTree({
    'web.yaml': POD,
    'bad.yaml': 'a: [\ncontainers: x\n',
    'podharden.yaml': 'exemptions:\n- reason: x\n  transform: drop-all-capabilities\n- reason: y\n  name: none\n',
  })
  for (const [cwd, path] of [
    [folder, '.'],
    [root, 'examples/shop'],
    [root, 'examples'],
  ] as const) {
    const report = JSON.parse(podharden(cwd, '--format', 'json', path).stdout)
    assert.ok(check(report), JSON.stringify(check.errors?.slice(0, 3)))
    assert.ok(report.units.length > 0)
  }
})

stubs.run()
config.run()
keys.run()
schema.run()
