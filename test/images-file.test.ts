/** What the user states of images: the file, its mistakes, and what it does to a pod. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readImagesFile } from '../src/evidence/images-file.ts'
import { entryFor, mapped } from '../src/evidence/from-statement.ts'
import { harden } from '../src/index.ts'
import type { ImageOptions } from '../src/types.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const images = suite('images file')

function options(text: string): ImageOptions {
  const found = readImagesFile('images.yaml', text)
  if (!('options' in found)) throw new Error(JSON.stringify(found.mistakes))
  return found.options
}

function mistakes(text: string): readonly string[] {
  const found = readImagesFile('images.yaml', text)
  return 'mistakes' in found ? found.mistakes.map(({ line, column, message }) => `${line}:${column} ${message}`) : []
}

const deployment = (image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      containers:
      - name: a
        image: ${image}
`

images('short and full names of Docker Hub are one image', () => {
  for (const [glob, image] of [
    ['docker.io/nginx', 'nginx:1.27'],
    ['nginx', 'docker.io/nginx:1.27'],
    ['docker.io/library/nginx:1.27', 'nginx:1.27'],
    ['corp/app', 'docker.io/corp/app:1'],
  ] as const)
    assert.is(entryFor(image, options(`images: [{image: ${glob}, uid: 7}]\n`))?.uid, 7, glob)
  assert.is(entryFor('corp/app2', options('images: [{image: corp/app, uid: 7}]\n')), undefined)
})

images('entries that match the same image complete each other; who it runs as is taken whole', () => {
  const both = options('images:\n- {image: corp/*, uid: 7, gid: 8}\n- {image: corp/app, uid: 9, writablePaths: [/data]}\n')
  const { image: _image, ...entry } = entryFor('corp/app:1', both) ?? { image: '' }
  assert.equal(entry, { uid: 7, gid: 8, writablePaths: ['/data'], source: 'images.yaml:2, images.yaml:3' })
})

images('a key that is left empty says nothing', () => {
  assert.equal(options('images:\n- image: a\n  uid: 5\n  gid:\n').images, [{ image: 'a', uid: 5, source: 'images.yaml:2' }])
})

images('a stated user is known, and takes the place of what the catalogue says', () => {
  const stated = options('images:\n- image: registry.corp/team/*\n  uid: 4711\n  gid: 4712\n  writablePaths: [/var/cache/app]\n- image: redis\n  uid: 1234\n')
  const own = harden(deployment('registry.corp/team/shop:1'), { images: stated, atLeast: 'known' })
  assert.match(own.text, /runAsUser: 4711\n +runAsGroup: 4712\n/)
  assert.match(own.text, /mountPath: \/var\/cache\/app\n/)
  const fix = own.findings.find(({ transform }) => transform === 'require-run-as-non-root')
  assert.ok(fix?.outcome === 'fix' && fix.grade === 'known' && fix.fields.some(({ because }) => because.includes('images.yaml:2')))
  assert.match(harden(deployment('redis:7'), { images: stated, atLeast: 'known' }).text, /runAsUser: 1234\n/)
})

images('an image that needs root is left with a reason', () => {
  const { text, findings } = harden(deployment('registry.corp/agent:1'), { images: options('images: [{image: "registry.corp/agent*", needsRoot: true}]'), atLeast: 'assumed' })
  assert.not.match(text, /runAsUser/)
  assert.ok(findings.some((finding) => finding.outcome === 'review' && finding.reason === 'by-design' && finding.message.includes('images.yaml:1')))
})

images('a mirror is known by the name it stands for', () => {
  const stated = options('prefixes:\n- from: registry.corp/hub/*\n  to: docker.io/*\n')
  assert.is(mapped('registry.corp/hub/library/nginx:1.27', stated), 'docker.io/library/nginx:1.27')
  const { text } = harden(deployment('registry.corp/hub/library/nginx:1.27'), { images: stated, atLeast: 'known' })
  assert.match(text, /runAsUser: 101\n/)
  assert.match(text, /image: registry\.corp\/hub\/library\/nginx:1\.27\n/)
})

images('globs match the name as written and in full form, with a tag or without; the first counts', () => {
  const stated = options('images:\n- {image: docker.io/library/nginx, uid: 1}\n- {image: "nginx:1.*", uid: 2}\n- {image: "*", uid: 3}\n')
  const uid = (image: string): number | undefined => entryFor(image, stated)?.uid
  assert.equal([uid('nginx'), uid('nginx:1.27'), uid('nginx:1.27@sha256:0123456789abcdef0123456789abcdef'), uid('other:2')], [1, 1, 1, 3])
  assert.is(entryFor('nginx:1.27', options('images: [{image: "nginx:1.*", uid: 2}]'))?.uid, 2)
  assert.is(entryFor('nginx:2.27', options('images: [{image: "nginx:1.*", uid: 2}]')), undefined)
})

images('mistakes have their place and the nearest key', () => {
  assert.equal(mistakes('images:\n- image: a\n  uuid: 1\n'), ['3:3 there is no key "uuid"; did you mean uid?'])
  assert.equal(mistakes('image:\n- image: a\n'), ['1:1 there is no key "image"; did you mean images?'])
  assert.equal(mistakes('images:\n- image: a\n  uid: "1"\n'), ['3:8 uid must be a user id from 1 to 2147483647'])
  assert.equal(mistakes('images:\n- uid: 1\n'), ['2:3 image is missing'])
  assert.equal(mistakes('images:\n- image: a\n  writablePaths: [tmp]\n'), ['3:18 writablePaths must be a list of absolute paths'])
  assert.equal(mistakes('images:\n- image: a\n  capabilities: [CAP_CHOWN]\n').length, 1)
  assert.equal(mistakes('images:\n- image: a\n  uid: 1\n  needsRoot: true\n').length, 1)
  assert.equal(mistakes('images: nginx\n'), ['1:9 images must be a list'])
  assert.is(mistakes('images: [\n').length > 0, true)
  assert.equal(mistakes(''), [])
})

images('through the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'podharden-images-'))
  try {
    writeFileSync(join(folder, 'a.yaml'), deployment('registry.corp/team/shop:1'))
    writeFileSync(join(folder, 'images.yaml'), 'images: [{image: "registry.corp/*", uid: 4711}]\n')
    writeFileSync(join(folder, 'wrong.yaml'), 'images: [{image: x, id: 1}]\n')
    const run = (...args: readonly string[]) => spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), '--root', '.', ...args], { cwd: folder, encoding: 'utf8' })
    assert.match(run('--images', 'images.yaml', 'a.yaml').stdout, /^\+ +runAsUser: 4711$/m)
    const wrong = run('--images', 'wrong.yaml', 'a.yaml')
    assert.equal([wrong.status, wrong.stdout], [2, ''])
    assert.match(wrong.stderr, /wrong\.yaml:1:21: there is no key "id"/)
    assert.is(run('--images', 'missing.yaml', 'a.yaml').status, 2)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

images.run()
