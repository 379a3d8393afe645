/** Images read from archives: what the layers say, and what broken or hostile ones come to. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ofImage } from '../src/evidence/from-image.ts'
import { readArchive } from '../src/evidence/image/archive.ts'
import { fileCapabilities } from '../src/evidence/image/capability.ts'
import type { ImageContent, LayerFacts } from '../src/evidence/image/content.ts'
import { Layers } from '../src/evidence/image/layers.ts'
import { Inspected } from '../src/evidence/inspect.ts'
import { built, capability, dir, type File, ociLayout, tar, tarFile, tarOf, type TestImage } from './tar-writer.ts'

const folder = mkdtempSync(join(tmpdir(), 'podharden-image-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
  return path
}

async function* chunks(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** `layers` the lowest first. */
async function facts(layers: readonly (readonly File[])[], command?: string): Promise<LayerFacts> {
  const all = new Layers(command)
  for (const layer of [...layers].reverse()) await all.under(chunks(tar(layer)))
  return all.finish(command, ['/usr/local/bin', '/bin'])
}

const PASSWD: File = { name: 'etc/passwd', content: 'root:x:0:0:root:/root:/bin/sh\napp:x:4711:4712::/srv/app:/bin/false\n' }
const GROUP: File = { name: './etc/group', content: 'root:x:0:\napp:x:4712:\nweb:x:33:app\n' }
const layers = suite('layers of an image')

layers('accounts, owners, what is filled, capabilities, setuid', async () => {
  const found = await facts([
    [
      dir('etc/'),
      PASSWD,
      GROUP,
      dir('var/cache/app', { uid: 4711, gid: 4712 }),
      dir('tmp/', { mode: 0o1777 }),
      dir('srv/app', { uid: 4711 }),
      { name: 'srv/app/main.js', content: 'x', uid: 4711 },
      { name: 'usr/bin/web', content: 'x', mode: 0o755, pax: { 'SCHILY.xattr.security.capability': capability(10, 7, 39) } },
      { name: 'bin/su', content: 'x', mode: 0o4755 },
      { name: 'bin/own', content: 'x', mode: 0o4755, uid: 5 },
    ],
  ])
  assert.equal(found.users.app, { uid: 4711, gid: 4712, home: '/srv/app' })
  assert.equal({ ...found.groups }, { root: 0, app: 4712, web: 33 })
  assert.equal(
    found.directories.map(({ path, uid, mode }) => `${path} ${uid} ${mode.toString(8)}`),
    ['/srv/app 4711 755', '/tmp 0 1777', '/var/cache/app 4711 755'],
  )
  assert.equal(found.filled, ['/bin', '/etc', '/srv', '/srv/app', '/usr', '/usr/bin'])
  assert.equal(found.fileCapabilities, [{ path: '/usr/bin/web', capabilities: ['SETUID', 'NET_BIND_SERVICE', 'BPF'] }])
  assert.equal(found.setuid, ['/bin/su'])
})

layers('an upper layer hides what it replaces, takes away, or covers', async () => {
  const lower = [
    { name: 'etc/passwd', content: 'app:x:1:1::/:\n' },
    { name: 'data/a', content: 'x' },
    { name: 'gone/a', content: 'x' },
    { name: 'opaque/a', content: 'x' },
    { name: 'swap/below/a', content: 'x' },
    { name: 'bin/web', content: 'x', pax: { 'SCHILY.xattr.security.capability': capability(10) } },
    dir('owned', { uid: 5 }),
  ]
  const upper = [
    { name: 'etc/passwd', content: 'app:x:2:2::/:\n' },
    { name: 'data/.wh.a' },
    { name: '.wh.gone' },
    { name: 'opaque/.wh..wh..opq' },
    { name: 'opaque/deep/b', content: 'x' },
    { name: 'swap', content: 'a file now' },
    { name: 'bin/web', content: 'y' },
    dir('owned', { uid: 0 }),
  ]
  const found = await facts([lower, upper])
  assert.is(found.users.app?.uid, 2)
  assert.equal(found.filled, ['/bin', '/etc', '/opaque', '/opaque/deep'])
  assert.equal(found.fileCapabilities, [])
  assert.equal(found.directories, [])
  const again = await facts([lower, upper, [{ name: 'data/a', content: 'back' }]])
  assert.ok(again.filled.includes('/data'))
})

layers('a whiteout counts for the layers below only', async () => {
  const found = await facts([[{ name: 'a/x', content: 'x' }], [{ name: 'a/.wh.x' }, { name: 'a/x', content: 'new' }]])
  assert.equal(found.filled, ['/a'])
})

layers('names of every kind', async () => {
  const long = `srv/${'x'.repeat(150)}/y`
  const found = await facts([
    [
      { name: long, gnuName: true, content: 'x' },
      { name: 'short', content: 'x', pax: { path: `opt/${'ü'.repeat(80)}/z` } },
      { name: '/absolute/x', content: 'x' },
      { name: '../../up/x', content: 'x' },
      { name: './a/../b/x', content: 'x' },
      { name: 'dev/null', type: 'device' },
      { name: 'run/pipe', type: 'fifo' },
    ],
  ])
  assert.ok(found.filled.includes(`/srv/${'x'.repeat(150)}`))
  assert.ok(found.filled.includes(`/opt/${'ü'.repeat(80)}`))
  assert.ok(found.filled.includes('/absolute'))
  assert.ok(found.filled.includes('/up'))
  assert.ok(found.filled.includes('/b'))
  assert.not.ok(found.filled.includes('/dev') || found.filled.includes('/run'), 'devices and pipes are no content')
})

layers('the script of the entry point, found in PATH and through a link', async () => {
  const script = { name: 'usr/local/bin/entry.sh', content: '#!/bin/sh\nexec gosu app "$@"\n' }
  assert.is((await facts([[script]], 'entry.sh')).script?.path, '/usr/local/bin/entry.sh')
  assert.is((await facts([[{ name: 'local', type: 'symlink', link: 'usr/local' }, script]], '/local/bin/entry.sh')).script?.path, '/usr/local/bin/entry.sh')
  assert.is((await facts([[{ name: 'bin/entry.sh', content: '\u007fELF' }]], '/bin/entry.sh')).script, undefined, 'a program is none')
  const circle = [{ name: 'a', type: 'symlink', link: 'b' } as const, { name: 'b', type: 'symlink', link: 'a' } as const]
  assert.is((await facts([circle], '/a/x')).script, undefined)
})

layers('the versions of a file capability', () => {
  assert.equal(fileCapabilities(capability(10)), ['NET_BIND_SERVICE'])
  assert.equal(fileCapabilities(new Uint8Array([0, 0, 0, 1, 0, 4, 0, 0, 0, 0, 0, 0])), ['NET_BIND_SERVICE'], 'version 1')
  const third = Buffer.concat([capability(12), Buffer.alloc(4)])
  third.writeUInt32LE(0x03000000, 0)
  assert.equal(fileCapabilities(third), ['NET_ADMIN'])
  assert.equal(fileCapabilities(new Uint8Array([1, 2, 3])), [])
  assert.equal(fileCapabilities(new Uint8Array(20).fill(0xff)), [], 'no known version')
})

const archives = suite('archives of images')
const CONFIG = { User: 'app', ExposedPorts: { '80/tcp': {}, '53/udp': {} }, Volumes: { '/data': {} }, Entrypoint: ['/usr/bin/web'], Env: ['PATH=/usr/bin', 'HOME=/srv'] }
const IMAGE: TestImage = { config: CONFIG, layers: [tar([PASSWD, GROUP, dir('var/cache/app', { uid: 4711 })]), tar([{ name: 'data/seed', content: 'x' }])] }

async function one(path: string): Promise<ImageContent> {
  const { images, problems } = await readArchive(path)
  assert.equal(problems, [])
  assert.is(images.length, 1)
  return images[0]?.content as ImageContent
}

archives('an OCI layout as a folder, as a tar file, and what docker save writes say the same', async () => {
  const image = built(IMAGE)
  for (const [name, bytes] of ociLayout([{ image, name: 'registry.example/app:1' }])) file(`layout/${name}`, bytes)
  const config = [...image.blobs].find(([, bytes]) => bytes.includes('rootfs'))?.[1] as Buffer
  const save = tar([
    { name: 'manifest.json', content: JSON.stringify([{ Config: 'c.json', RepoTags: ['registry.example/app:1'], Layers: ['one/layer.tar', 'two/layer.tar'] }]) },
    { name: 'c.json', content: config },
    { name: 'real/layer.tar', content: IMAGE.layers[0] as Buffer },
    { name: 'one/layer.tar', type: 'symlink', link: '../real/layer.tar' },
    { name: 'two/layer.tar', content: IMAGE.layers[1] as Buffer },
  ])
  const places = [join(folder, 'layout'), file('oci.tar', tarOf(ociLayout([{ image, name: 'registry.example/app:1' }]))), file('save.tar', save)]
  for (const place of places) {
    const { images, problems } = await readArchive(place)
    assert.equal(problems, [], place)
    assert.equal(images[0]?.names, ['registry.example/app:1'])
    const content = images[0]?.content as ImageContent
    assert.is(content.config.user, 'app')
    assert.equal(content.config.ports, [80])
    assert.is(content.layers?.users.app?.uid, 4711)
    assert.ok(content.layers?.filled.includes('/data'))
  }
})

archives('layers without packing, and with zstd', async () => {
  const plain = await one(file('plain.tar', tarOf(ociLayout([{ image: built(IMAGE, (layer) => layer) }]))))
  assert.is(plain.layers?.users.app?.uid, 4711)
  // A frame of one raw block, as RFC 8878 has it.
  const zstd = (layer: Buffer): Buffer => {
    const blocks: Buffer[] = []
    for (let at = 0; at < layer.length; at += 65536) {
      const piece = layer.subarray(at, at + 65536)
      const head = Buffer.alloc(4)
      head.writeUInt32LE((piece.length << 3) | (at + 65536 >= layer.length ? 1 : 0))
      blocks.push(head.subarray(0, 3), piece)
    }
    return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38]), ...blocks])
  }
  assert.is((await one(file('zstd.tar', tarOf(ociLayout([{ image: built(IMAGE, zstd) }]))))).layers?.users.app?.uid, 4711)
  const greedy = (layer: Buffer): Buffer => {
    const bytes = zstd(layer)
    bytes[5] = 0xa8
    return bytes
  }
  const { images } = await readArchive(file('greedy.tar', tarOf(ociLayout([{ image: built(IMAGE, greedy) }]))))
  assert.is(images[0]?.content.problems[0]?.code, 'LIMIT')
})

archives('several images, and one without a name', async () => {
  const other = built({ config: { User: '7' }, layers: [] })
  const path = file(
    'two.tar',
    tarOf(
      ociLayout([
        { image: built(IMAGE), name: 'registry.example/a:1' },
        { image: other, name: 'registry.example/b:1' },
      ]),
    ),
  )
  const { images } = await readArchive(path)
  assert.equal(
    images.map(({ names, content }) => `${names[0]} ${content.config.user}`),
    ['registry.example/a:1 app', 'registry.example/b:1 7'],
  )
  const nameless = file('nameless.tar', tarOf(ociLayout([{ image: other }])))
  const unnamed = new Inspected()
  await unnamed.archive(nameless)
  assert.match(unnamed.problems[0]?.hint ?? '', /--image-archive IMAGE=/)
  const named = new Inspected()
  await named.archive(`registry.example/c:2=${nameless}`)
  assert.equal(named.problems, [])
  assert.is(named.of('registry.example/c:2').user?.value.uid, 7)
  assert.equal(named.of('registry.example/c:3'), {})
})

async function trouble(name: string, bytes: Uint8Array): Promise<string> {
  const { images, problems } = await readArchive(file(name, bytes))
  const all = [...problems, ...images.flatMap(({ content }) => content.problems)]
  for (const { hint } of all) assert.ok(hint.length > 0)
  return all.map(({ code, message }) => `${code} ${message}`).join('\n')
}

archives('what is broken or missing is said, and its configuration still counts', async () => {
  const image = built(IMAGE)
  const files = ociLayout([{ image, name: 'registry.example/app:1' }])
  const layer = [...files].filter(([, bytes]) => bytes[0] === 0x1f)[1] as [string, Buffer]
  const changed = (bytes: Buffer): Buffer => tarOf(new Map([...files, [layer[0], bytes]]))
  assert.match(await trouble('cut.tar', changed(layer[1].subarray(0, layer[1].length - 20))), /^DIGEST_MISMATCH .*only its configuration was used$/)
  assert.match(await trouble('other.tar', changed(gzipSync(tar([PASSWD])))), /^DIGEST_MISMATCH .*has other bytes/)
  assert.match(await trouble('garbage.tar', changed(Buffer.from('this is no layer at all, and it is not packed either'.repeat(30)))), /^BROKEN .*no tar archive/)
  const without = new Map(files)
  without.delete(layer[0])
  assert.match(await trouble('without.tar', tarOf(without)), /^TRUNCATED .*is not in the archive/)
  const { images } = await readArchive(file('cut.tar', changed(layer[1].subarray(0, 30))))
  assert.is(images[0]?.content.layers, undefined)
  assert.is(ofImage(images[0]?.content as ImageContent).user?.value.uid, null, 'a name without a number')
})

archives('what is no archive', async () => {
  assert.match(await trouble('no.tar', Buffer.from('hello')), /^(TRUNCATED|BROKEN) /)
  assert.match(await trouble('empty.tar', tar([])), /^UNSUPPORTED it holds neither/)
  assert.match(await trouble('packed.tar.gz', gzipSync(tarOf(ociLayout([])))), /^UNSUPPORTED the archive is packed with gzip/)
  assert.match((await readArchive(join(folder, 'nowhere'))).problems[0]?.code ?? '', /NOT_FOUND/)
  assert.match(await trouble('json.tar', tar([{ name: 'index.json', content: '{' }])), /^BROKEN index\.json is not JSON/)
  assert.match(await trouble('deep.tar', tar([{ name: 'index.json', content: JSON.stringify({ manifests: [{ digest: 'sha256:../../../etc/passwd' }] }) }])), /^BROKEN .*no digest/)
})

archives('nothing leads out of a layout, and nothing is written', async () => {
  const image = built({
    config: {},
    layers: [
      tar([
        { name: '../../../../../../tmp/podharden-escape', content: 'x' },
        { name: 'l', type: 'symlink', link: '/etc' },
        { name: 'l/podharden-escape', content: 'x' },
      ]),
    ],
  })
  const place = join(folder, 'links')
  for (const [name, bytes] of ociLayout([{ image, name: 'a/b:1' }])) file(`links/${name}`, bytes)
  const before = readdirSync(folder, { recursive: true }).length
  assert.equal((await readArchive(place)).problems, [])
  assert.is(readdirSync(folder, { recursive: true }).length, before)
  assert.not.ok(readdirSync(tmpdir()).includes('podharden-escape'))
  const config = [...image.blobs.keys()].find((digest) => image.blobs.get(digest)?.includes('rootfs')) as string
  const blob = join(place, 'blobs', config.replace(':', '/'))
  rmSync(blob)
  symlinkSync('/etc/passwd', blob)
  assert.match((await readArchive(place)).problems[0]?.message ?? '', /leads out of the folder/)
})

archives('limits are named', async () => {
  const bomb = tarFile({ name: 'x', pax: { path: 'y' } })
  bomb.write('77777777777\0', 124)
  bomb.write('        ', 148)
  bomb.write(
    `${bomb
      .subarray(0, 512)
      .reduce((total, byte) => total + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  )
  assert.match(await trouble('header.tar', tarOf(ociLayout([{ image: built({ config: {}, layers: [bomb] }), name: 'a/b:1' }]))), /^LIMIT .*a header of 8589934591 bytes/)
  const many = { config: {}, layers: [] }
  const { blobs } = built(many)
  const manifest = Buffer.from(
    JSON.stringify({ schemaVersion: 2, config: { digest: [...blobs.keys()][0] }, layers: Array.from({ length: 501 }, () => ({ digest: [...blobs.keys()][0] })) }),
  )
  const image = built(many)
  const files = new Map(ociLayout([{ image: { blobs, manifest: { digest: `sha256:${'0'.repeat(64)}`, size: 1, bytes: manifest } }, name: 'a/b:1' }]))
  files.set(`blobs/sha256/${'0'.repeat(64)}`, manifest)
  void image
  assert.match(await trouble('many.tar', tarOf(files)), /^LIMIT the image has 501 layers; at most 500/)
})

const answers = suite('what an image says')
const about = async (image: TestImage): Promise<ReturnType<typeof ofImage>> =>
  ofImage(await one(file('about.tar', tarOf(ociLayout([{ image: built(image), name: 'registry.example/app:1' }])))))

answers('a USER by name has the number of /etc/passwd', async () => {
  const known = await about(IMAGE)
  assert.equal(known.user?.value, { name: 'app', uid: 4711, gid: 4712 })
  assert.is(known.user?.grade, 'known')
  assert.match(known.user?.source ?? '', /^USER app → 4711, \/etc\/passwd in registry\.example\/app:1@sha256:[0-9a-f]{12}$/)
  assert.is(known.runsAsNonRoot?.value, 'with-uid')
  assert.equal(known.ports?.value, [80])
  assert.is(known.home?.value, '/srv')
})

answers('a number, a group, root, and no USER', async () => {
  const user = async (text: string): Promise<unknown> => (await about({ ...IMAGE, config: { User: text } })).user?.value
  assert.equal(await user('4711'), { name: null, uid: 4711, gid: 4712 })
  assert.equal(await user('5:web'), { name: null, uid: 5, gid: 33 })
  assert.equal(await user('app:0'), { name: 'app', uid: 4711, gid: 0 })
  assert.equal(await user('stranger'), { name: 'stranger', uid: null, gid: null })
  assert.is(await user('root:web'), undefined)
  assert.is((await about({ ...IMAGE, config: {} })).defaultUser?.value, null)
})

answers('paths: volumes, what the user owns empty, /tmp; and which of them are filled', async () => {
  const { writablePaths, filled, pathsAreAll, ownedBy } = await about(IMAGE)
  assert.equal(
    writablePaths?.value.map(({ path, keepsImageContent }) => `${path} ${keepsImageContent}`),
    ['/data true', '/var/cache/app false', '/tmp false'],
  )
  assert.is(filled?.value.has('/data'), true)
  assert.is(filled?.value.has('/var/cache/app'), false)
  assert.is(pathsAreAll?.grade, 'likely')
  assert.equal(ownedBy?.value, { '/data': 'root', '/var/cache/app': '4711', '/tmp': 'world' })
  const handed = await about({ ...IMAGE, layers: [...IMAGE.layers, tar([dir('srv', { uid: 4711 }), { name: 'srv/main.js', content: 'x' }])] })
  assert.is(handed.pathsAreAll?.grade, 'assumed')
  assert.match(handed.pathsAreAll?.source ?? '', /where it also owns \/srv with its files$/)
})

answers('an entry point that steps down', async () => {
  const script = { name: 'usr/local/bin/entry.sh', content: '#!/bin/sh\n# gosu nobody\nif [ "$(id -u)" = 0 ]; then\n  exec gosu app "$@"\nfi\n' }
  const { stepsDownTo } = await about({ config: { Entrypoint: ['tini', '--', 'entry.sh'] }, layers: [...IMAGE.layers, tar([script])] })
  assert.equal(stepsDownTo?.value, { uid: 4711, gid: 4712, by: 'gosu' })
  assert.match(stepsDownTo?.source ?? '', /^\/usr\/local\/bin\/entry\.sh in registry\.example/)
})

answers('capabilities of its own program, not those of tools', async () => {
  const files = (name: string): Buffer => tar([{ name, content: 'x', pax: { 'SCHILY.xattr.security.capability': capability(13) } }])
  assert.equal((await about({ config: CONFIG, layers: [files('usr/bin/web')] })).fileCapabilities?.value, ['NET_RAW'])
  assert.is((await about({ config: CONFIG, layers: [files('bin/ping')] })).fileCapabilities, undefined)
})

layers.run()
archives.run()
answers.run()
