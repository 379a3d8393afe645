/** The flags that bring evidence, through the built command: what is read counts, what cannot be read is said. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { built, dir, ociLayout, tar, tarFile } from './tar-writer.ts'
import { tempTree } from './temp-tree.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const flags = suite('evidence flags')
const POD = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: app\n    image: corp/app:1\n'

function podharden(cwd: string, args: readonly string[], input = ''): { readonly stdout: string; readonly stderr: string; readonly status: number | null } {
  return spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), ...args], { cwd, input, encoding: 'utf8', env: { ...process.env, XDG_CACHE_HOME: join(cwd, '.cache') } })
}

/** A folder with a Pod and an archive of its image. */
function folderWithArchive(): string {
  const folder = tempTree()
  const passwd = { name: 'etc/passwd', content: 'app:x:4711:4712::/srv:/bin/false\n' }
  const image = built({ config: { User: 'app' }, layers: [tar([passwd, dir('var/cache/app', { uid: 4711 })])] })
  const files = [...ociLayout([{ image, name: 'corp/app:1' }])].map(([name, bytes]) => tarFile({ name, content: Buffer.from(bytes) }))
  writeFileSync(join(folder, 'app.tar'), Buffer.concat([...files, Buffer.alloc(1024)]))
  writeFileSync(join(folder, 'web.yaml'), POD)
  return folder
}

flags('--image-archive for files, stdin, explain and images', () => {
  const folder = folderWithArchive()
  const files = podharden(folder, ['--image-archive', 'app.tar', 'web.yaml'])
  assert.is(files.status, 0, files.stderr)
  assert.match(files.stdout, /^\+ +runAsUser: 4711$/m)
  assert.match(files.stdout, /^\+ +mountPath: \/var\/cache\/app$/m)
  assert.match(files.stderr, /1 container: 1 known, 0 likely, 0 assumed/)
  assert.match(podharden(folder, ['--image-archive', 'app.tar', '-'], POD).stdout, /image: corp\/app:1/)
  assert.match(podharden(folder, ['images', '--image-archive', 'app.tar', 'web.yaml']).stdout, /known {4}uid 4711:4712; writes \/var\/cache\/app, \/tmp/)
  assert.match(podharden(folder, ['images', '--image-archive', 'app.tar', 'corp/app:1']).stdout, /USER app → 4711, \/etc\/passwd in docker\.io\/corp\/app:1@sha256:[0-9a-f]{12}/)
  assert.match(podharden(folder, ['explain', '--image-archive', 'app.tar', 'web.yaml']).stdout, /app|4711/)
})

flags('an archive that cannot be read: said, the run goes on, exit code 2', () => {
  const folder = folderWithArchive()
  writeFileSync(join(folder, 'broken.tar'), 'this is no archive')
  for (const [archive, message] of [
    ['missing.tar', /missing\.tar/],
    ['broken.tar', /broken\.tar.*this is no tar archive/],
  ] as const) {
    const { stdout, stderr, status } = podharden(folder, ['--image-archive', archive, '--image-archive', 'app.tar', 'web.yaml'])
    assert.is(status, 2, archive)
    assert.match(stderr, message)
    assert.match(stdout, /^\+ +runAsUser: 4711$/m, 'the other archive counts')
  }
})

flags('nothing is unpacked: names that lead out of the image make no file', () => {
  const folder = folderWithArchive()
  const layer = tar([
    { name: '../../escaped', content: 'x' },
    { name: '/absolute-escape', content: 'x' },
    { name: 'link', type: 'symlink', link: '../..' },
    { name: 'link/through', content: 'x' },
    { name: 'etc/passwd', content: 'app:x:4711:4711::/:\n' },
  ])
  const files = [...ociLayout([{ image: built({ config: { User: 'app' }, layers: [layer] }), name: 'corp/app:1' }])].map(([name, bytes]) =>
    tarFile({ name, content: Buffer.from(bytes) }),
  )
  writeFileSync(join(folder, 'evil.tar'), Buffer.concat([...files, Buffer.alloc(1024)]))
  const before = readdirSync(folder).sort()
  assert.match(podharden(folder, ['--image-archive', 'evil.tar', 'web.yaml']).stdout, /^\+ +runAsUser: 4711$/m)
  assert.equal(readdirSync(folder).sort(), before)
  assert.not.ok(existsSync('/absolute-escape') || existsSync(join(folder, '../../escaped')))
})

flags('--inspect-images of a registry that is not there: said, the run goes on, exit code 2', () => {
  const folder = tempTree()
  writeFileSync(join(folder, 'web.yaml'), POD.replace('corp/app:1', '127.0.0.1:1/corp/app:1'))
  for (const args of [['web.yaml'], ['explain', 'web.yaml'], ['images', 'web.yaml']]) {
    const { stdout, stderr, status } = podharden(folder, [...args, '--inspect-images'])
    assert.is(status, 2, args.join(' '))
    assert.match(stderr, /127\.0\.0\.1:1\/corp\/app:1.*127\.0\.0\.1:1 cannot be reached/s)
    assert.is.not(stdout, '')
  }
  const piped = podharden(folder, ['explain', '--inspect-images', '-'], POD.replace('corp/app:1', '127.0.0.1:1/corp/app:1'))
  assert.is(piped.status, 2)
  assert.match(piped.stdout, /web/)
})

flags('--evidence by the workload it names, by a name before it, and mistakes', () => {
  const folder = tempTree()
  writeFileSync(join(folder, 'web.yaml'), POD)
  writeFileSync(join(folder, 'diff.txt'), 'C /var\nC /var/lib\nA /var/lib/app\nA /var/lib/app/x\n')
  writeFileSync(
    join(folder, 'profile.yaml'),
    'apiVersion: spdx.softwarecomposition.kubescape.io/v1beta1\nkind: ContainerProfile\nmetadata:\n  name: x\n  labels: {kubescape.io/workload-kind: Pod, kubescape.io/workload-name: web, kubescape.io/workload-container-name: app}\nspec:\n  capabilities: [NET_ADMIN]\n  opens: [{path: /state/⋯, flags: [O_RDWR]}]\n',
  )
  const text = podharden(folder, ['--format', 'text', '--evidence', 'profile.yaml', 'web.yaml']).stdout
  assert.match(text, /likely: writes to \/state, seen in profile\.yaml \(ContainerProfile x\)/)
  assert.match(text, /the image needs NET_ADMIN \(seen in profile\.yaml/)
  for (const target of ['corp/app:1', 'Pod/web', 'Pod/web/app'])
    assert.match(podharden(folder, ['--evidence', `${target}=diff.txt`, 'web.yaml']).stdout, /^\+ +mountPath: \/var\/lib\/app$/m, target)
  const other = podharden(folder, ['--evidence', 'Pod/other=diff.txt', 'web.yaml'])
  assert.not.match(other.stdout, /var\/lib\/app/)
  assert.match(other.stderr, /--evidence Pod\/other=diff\.txt: says nothing of any container/)
  assert.not.match(podharden(folder, ['--evidence', 'pod/web=diff.txt', 'web.yaml']).stderr, /says nothing/)
  assert.match(podharden(folder, ['images', '--evidence', 'corp/app:1=diff.txt', 'corp/app:1']).stdout, /seen in diff\.txt \(docker diff\)/)
  for (const [argument, message] of [
    ['diff.txt', /does not say whose it is/],
    ['nowhere.txt', /nowhere\.txt cannot be read/],
    ['web.yaml', /holds Pod and no recording/],
  ] as const) {
    const { stderr, status, stdout } = podharden(folder, ['--evidence', argument, 'web.yaml'])
    assert.is(status, 2)
    assert.is(stdout, '', 'without it the result would be another one')
    assert.match(stderr, message)
  }
})

flags.run()
