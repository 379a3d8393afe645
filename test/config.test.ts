/** `podharden.yaml`, and the entries that `images --write-config` adds to it. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
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

stubs.run()
config.run()
