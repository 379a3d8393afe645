/** `podharden images`: every image, what is known, what is missing. */
import { spawnSync } from 'node:child_process'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ListedImage } from '../src/images/list.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const command = suite('images command')

function podharden(args: readonly string[], input = ''): { readonly stdout: string; readonly stderr: string; readonly status: number | null } {
  return spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), 'images', ...args], { cwd: root, input, encoding: 'utf8' })
}

const PODS = ['redis:7', 'redis:7', 'registry.example/shop:1', 'busybox:1.37', '$IMAGE']
  .map((image, i) => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: p${i}\nspec:\n  containers:\n  - name: a\n    image: ${image}\n`)
  .join('---\n')

command('each image once, with its uses, its user and what is missing', () => {
  const { stdout, status } = podharden(['-', '--format', 'json'], PODS)
  assert.is(status, 0)
  const { images } = JSON.parse(stdout) as { images: ListedImage[] }
  assert.equal(
    images.map(({ image, uid, missing }) => [image, uid, missing.join()]),
    [
      ['$IMAGE', null, 'user,writablePaths'],
      ['busybox:1.37', 65534, ''],
      ['redis:7', 999, ''],
      ['registry.example/shop:1', null, 'user,writablePaths'],
    ],
  )
  assert.equal(
    images[2]?.uses.map(({ name, line }) => [name, line]),
    [
      ['p0', 8],
      ['p1', 17],
    ],
  )
  assert.is(images[0]?.reference, null)
  assert.match(images[2]?.sources.join() ?? '', /catalogue docker\.io\/library\/redis/)
})

command('names of images beside paths, and a summary by grade', () => {
  const { stdout, stderr } = podharden(['nginx:1.27', 'examples/shop'])
  assert.match(stdout, /^nginx:1\.27\n {4}known {4}uid 101:101; writes \/var\/cache\/nginx, \/run; ports 80$/m)
  assert.match(stderr, /^\d+ images, \d+ containers: \d+ known, \d+ likely, \d+ assumed; /)
})

command('what cannot be read is said, with exit code 2', () => {
  const { stdout, stderr, status } = podharden(['-'], `${PODS}---\nkind: Pod\napiVersion: v1\nspec: {containers: [\n`)
  assert.is(status, 2)
  assert.match(stderr, /stdin\.yaml:\d+: /)
  assert.match(stdout, /redis:7/)
  assert.is(podharden(['no/such/folder/']).status, 2)
})

command.run()
