/**
 * Images of a registry. A small server of the test gives the answers that a real one gives seldom; the end of the
 * file asks Debian's docker-registry, with images that skopeo pushed.
 */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ImageContent, ImageProblem } from '../src/evidence/image/content.ts'
import { credentialsFor } from '../src/evidence/image/credentials.ts'
import { problemOf } from '../src/evidence/image/read.ts'
import { Registry, type RegistryOptions } from '../src/evidence/image/registry.ts'
import { parseReference } from '../src/evidence/reference.ts'
import { type Built, built, capability, dir, ociLayout, tar, tarFile, type TestImage } from './tar-writer.ts'
import { tempTree } from './temp-tree.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const PASSWD = { name: 'etc/passwd', content: 'root:x:0:0::/root:/bin/sh\napp:x:4711:4711::/srv:/bin/false\n' }
const IMAGE: TestImage = { config: { User: 'app' }, layers: [tar([PASSWD])] }

type Handler = (request: IncomingMessage, response: ServerResponse, path: string) => boolean | undefined

/** Serves one image as `team/app:1`. What the handler answers itself, returns true. */
async function serve(image: Built, handler: Handler = () => false): Promise<{ readonly host: string; readonly server: Server; readonly asked: readonly string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(`${request.method} ${path}${request.headers.authorization === undefined ? '' : ` ${request.headers.authorization}`}`)
    if (handler(request, response, path) === true) return
    const part = /^\/v2\/team\/app\/(?:manifests|blobs)\/(.+)$/.exec(path)?.[1] ?? ''
    const bytes = part === '1' ? image.manifest.bytes : image.blobs.get(part)
    response.writeHead(bytes === undefined ? 404 : 200, bytes === undefined ? {} : { 'content-length': bytes.length }).end(bytes)
  })
  // It closes idle connections after 5 s, and on a busy machine a reader that is behind looks idle.
  server.keepAliveTimeout = 120_000
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return { host, server, asked }
}

async function read(host: string, options: RegistryOptions = {}, name = 'team/app:1'): Promise<ImageContent | ImageProblem> {
  const reference = parseReference(`${host}/${name}`)
  assert.ok(reference)
  try {
    return await new Registry({ backoff: 1, retries: 1, timeout: 2000, ...options }).image(reference as never)
  } catch (error) {
    return problemOf(error)
  }
}

const code = (answer: ImageContent | ImageProblem): string => ('code' in answer ? answer.code : (answer.problems[0]?.code ?? 'read'))
const text = (answer: ImageContent | ImageProblem): string => ('message' in answer ? answer.message : (answer.problems[0]?.message ?? ''))

const registry = suite('a registry')

async function served(image: TestImage | Built, handler?: Handler) {
  const one = await serve('manifest' in image ? image : built(image), handler)
  one.server.unref()
  return one
}

registry('by tag and by digest', async () => {
  const image = built(IMAGE)
  const { host } = await served(image)
  const byTag = await read(host)
  assert.is(code(byTag), 'read')
  assert.is('layers' in byTag ? byTag.layers?.users.app?.uid : 0, 4711)
  assert.is('name' in byTag ? byTag.name : '', `${host}/team/app@${image.manifest.digest}`)
  assert.equal(await read(host, {}, `team/app@${image.manifest.digest}`), byTag)
  assert.equal(await read(host, {}, `team/app:nowhere@${image.manifest.digest}`), byTag, 'the digest beats the tag')
})

registry('an index of platforms', async () => {
  const linux = built(IMAGE)
  const other = built({ config: { User: '9' }, layers: [] })
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      manifests: [
        { digest: other.manifest.digest, platform: { os: 'unknown', architecture: 'unknown' } },
        { digest: other.manifest.digest, platform: { os: 'linux', architecture: 'arm64' } },
        { digest: linux.manifest.digest, platform: { os: 'linux', architecture: 'amd64' } },
      ],
    }),
  )
  const { host } = await served({ blobs: new Map([...linux.blobs, ...other.blobs]), manifest: { ...linux.manifest, bytes } })
  const user = async (platform?: string): Promise<string> => {
    const answer = await read(host, platform === undefined ? {} : { platform })
    return 'config' in answer ? answer.config.user : answer.code
  }
  assert.is(await user(), 'app')
  assert.is(await user('linux/arm64'), '9')
  assert.is(await user('linux/s390x'), '9', 'the first for Linux')
})

registry('a token, with the credentials of the docker config, and only for the registry', async () => {
  const folder = tempTree()
  let stray: string | undefined
  const elsewhere = createServer((request, response) => {
    stray = request.headers.authorization
    response.end(built(IMAGE).blobs.get((request.url ?? '').slice(1)))
  })
  await new Promise<void>((done) => elsewhere.listen(0, '127.0.0.1', done))
  elsewhere.unref()
  const other = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`
  const { host, asked } = await served(IMAGE, (request, response, path) => {
    if (path.startsWith('/token')) {
      const ok = request.headers.authorization === `Basic ${Buffer.from('me:secret').toString('base64')}`
      response.writeHead(ok ? 200 : 401).end(JSON.stringify({ token: 'T' }))
    } else if (request.headers.authorization !== 'Bearer T') {
      response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${request.headers.host}/token",service="s",scope="repository:team/app:pull"` }).end()
    } else if (path.includes('/blobs/')) response.writeHead(307, { location: `${other}/${path.split('/').at(-1)}` }).end()
    else return false
    return true
  })
  const config = (auth: string): string => {
    const path = join(folder, 'config.json')
    writeFileSync(path, JSON.stringify({ auths: { [host]: { auth: Buffer.from(auth).toString('base64') } } }))
    return path
  }
  assert.is(code(await read(host, { dockerConfig: config('me:secret') })), 'read')
  assert.is(stray, undefined, 'another host does not see the token')
  assert.ok(asked.some((line) => line.startsWith('GET /token?scope=repository%3Ateam%2Fapp%3Apull&service=s')))
  const wrong = await read(host, { dockerConfig: config('me:wrong') })
  assert.is(code(wrong), 'UNAUTHORIZED')
  assert.match(text(wrong), /the token server refuses the credentials \(401\)/)
  assert.is(code(await read(host)), 'UNAUTHORIZED')
})

registry('basic authentication, and none that fits', async () => {
  const { host } = await served(IMAGE, (request, response) => {
    if (request.headers.authorization === `Basic ${Buffer.from('me:x:y').toString('base64')}`) return false
    response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end()
    return true
  })
  const path = join(tempTree(), 'c.json')
  writeFileSync(path, JSON.stringify({ auths: { [host]: { username: 'me', password: 'x:y' } } }))
  assert.is(code(await read(host, { dockerConfig: path })), 'read')
  const refused = await read(host)
  assert.is(code(refused), 'UNAUTHORIZED')
  assert.match('hint' in refused ? refused.hint : '', /docker login 127\.0\.0\.1/)
})

registry('a credential helper is asked without a shell', async () => {
  const folder = tempTree()
  const bin = join(folder, 'docker-credential-podtest')
  writeFileSync(bin, '#!/bin/sh\nread host\n[ "$host" = registry.example ] || exit 1\nprintf \'{"Username":"me","Secret":"s"}\'\n')
  chmodSync(bin, 0o755)
  const config = join(folder, 'c.json')
  const before = process.env.PATH
  process.env.PATH = `${folder}:${before}`
  try {
    writeFileSync(config, JSON.stringify({ credHelpers: { 'registry.example': 'podtest' } }))
    assert.equal(await credentialsFor('registry.example', config), { user: 'me', password: 's' })
    writeFileSync(config, JSON.stringify({ credsStore: '../../bin/sh; true' }))
    assert.is(await credentialsFor('registry.example', config), undefined)
    writeFileSync(config, JSON.stringify({ credsStore: 'not-there', auths: { 'https://index.docker.io/v1/': { auth: Buffer.from('a:b').toString('base64') } } }))
    assert.equal(await credentialsFor('docker.io', config), { user: 'a', password: 'b' })
    writeFileSync(config, '{broken')
    assert.is(await credentialsFor('registry.example', config), undefined)
  } finally {
    process.env.PATH = before
  }
})

registry('a tag that is missing, a registry that is not there', async () => {
  const { host } = await served(IMAGE)
  const missing = await read(host, {}, 'team/app:2')
  assert.is(code(missing), 'NOT_FOUND')
  assert.match(text(missing), /the registry has no manifests 2$/)
  assert.is(code(await read('127.0.0.1:1')), 'NETWORK')
})

registry('trouble that passes is tried again, other trouble is not', async () => {
  let tries = 0
  const busy = await served(IMAGE, (_request, response, path) => {
    if (!path.endsWith('/manifests/1') || tries++ > 0) return false
    response.writeHead(429, { 'retry-after': '0' }).end()
    return true
  })
  assert.is(code(await read(busy.host)), 'read')
  const down = await served(IMAGE, (_request, response) => {
    response.writeHead(503).end()
    return true
  })
  assert.is(code(await read(down.host, { retries: 2 })), 'NETWORK')
  assert.is(down.asked.length, 3)
})

registry('a layer that breaks off is begun again, once too often it is said', async () => {
  const big: TestImage = { config: { User: 'app' }, layers: [tar([PASSWD, { name: 'x', content: Buffer.alloc(300_000, 'y') }])] }
  const cutAt = (times: number) => {
    let left = times
    return served(
      built(big, (layer) => layer),
      (_request, response, path) => {
        const bytes = built(big, (layer) => layer).blobs.get(path.split('/').at(-1) ?? '')
        if (bytes === undefined || bytes.length < 100_000 || left-- <= 0) return false
        response.writeHead(200, { 'content-length': bytes.length })
        response.write(bytes.subarray(0, 100_000), () => response.destroy())
        return true
      },
    )
  }
  const once = await read((await cutAt(1)).host)
  assert.is('layers' in once ? once.layers?.users.app?.uid : 0, 4711)
  const always = await read((await cutAt(99)).host)
  assert.is(code(always), 'TRUNCATED')
  assert.match(text(always), /broke off after \d+ bytes; only its configuration was used$/)
})

registry('no answer, and a body that stops, end after the time given', async () => {
  const silent = await served(IMAGE, () => true)
  const answer = await read(silent.host, { timeout: 100, retries: 0 })
  assert.is(code(answer), 'TIMEOUT')
  assert.match(text(answer), /does not answer within 100 ms/)
  const image = built(IMAGE)
  const stalled = await served(image, (_request, response, path) => {
    if (!path.includes('/blobs/') || (image.blobs.get(path.split('/').at(-1) ?? '')?.[0] ?? 0) !== 0x1f) return false
    response.writeHead(200, { 'content-length': 1000 }).write('x')
    return true
  })
  assert.is(code(await read(stalled.host, { timeout: 200, retries: 0 })), 'TIMEOUT')
})

registry('other bytes than the digest says', async () => {
  const image = built(IMAGE)
  const layer = [...image.blobs].find(([, bytes]) => bytes[0] === 0x1f)?.[0] as string
  const blobs = new Map(image.blobs).set(layer, gzipSync(tar([{ ...PASSWD, content: 'app:x:0:0::/:\n' }])))
  const answer = await read((await served({ ...image, blobs })).host)
  assert.is(code(answer), 'DIGEST_MISMATCH')
  assert.is('layers' in answer ? answer.layers : undefined, undefined, 'its layers say nothing')
  const { host } = await served(image)
  assert.is(code(await read(host, {}, `team/app@sha256:${'0'.repeat(64)}`)), 'NOT_FOUND')
  const lying = await served(image, (_request, response, path) => {
    if (!path.includes(`sha256:${'0'.repeat(64)}`)) return false
    response.end(image.manifest.bytes)
    return true
  })
  assert.is(code(await read(lying.host, {}, `team/app@sha256:${'0'.repeat(64)}`)), 'DIGEST_MISMATCH')
})

registry('redirects end, and what is no image is said', async () => {
  const circle = await served(IMAGE, (_request, response, path) => {
    response.writeHead(302, { location: path }).end()
    return true
  })
  assert.is(code(await read(circle.host)), 'BROKEN')
  const chart = await served({ blobs: new Map(), manifest: { digest: '', size: 0, bytes: Buffer.from('{"schemaVersion":2,"artifactType":"x"}') } })
  assert.is(code(await read(chart.host)), 'UNSUPPORTED')
  const old = await served({ blobs: new Map(), manifest: { digest: '', size: 0, bytes: Buffer.from('{"schemaVersion":1}') } })
  assert.match(text(await read(old.host)), /first version/)
  const html = await served({ blobs: new Map(), manifest: { digest: '', size: 0, bytes: Buffer.from('<html>') } })
  assert.is(code(await read(html.host)), 'BROKEN')
})

registry('facts are kept by digest, and a broken file is none', async () => {
  const { host, asked } = await served(IMAGE)
  const cache = join(tempTree(), 'deep/cache')
  const first = await read(host, { cache })
  const before = asked.length
  assert.equal(await read(host, { cache }), first)
  assert.is(asked.length, before + 1, 'only the manifest was asked for again')
  const [file] = readdirSync(cache)
  writeFileSync(join(cache, file as string), '{"version":1,"content":{"digest"')
  assert.equal(await read(host, { cache }), first)
})

/** The collector comes late on a busy machine, so a peak that is too high is measured again: what is really held stays too much. */
async function leastOf(host: string): ReturnType<typeof measured> {
  let best = await measured(host)
  for (let i = 0; i < 2 && best.peak >= BOUND; i++) {
    const again = await measured(host)
    if (again.peak < best.peak) best = again
  }
  return best
}

/** MiB. */
const BOUND = 200
const memory = suite('memory')

/** Peak memory of a process that reads one image, in MiB, and what it said. The flag is one that the command sets, too.
 * Not `maxRSS`: that begins with the memory of the process that started it. */
function measured(host: string): Promise<{ readonly peak: number; readonly code: string; readonly filled: number }> {
  const code = `
    import { existsSync, readFileSync } from 'node:fs'
    const { Registry } = await import(${JSON.stringify(join(root, 'dist/src/evidence/image/registry.js'))})
    const { parseReference } = await import(${JSON.stringify(join(root, 'dist/src/evidence/reference.js'))})
    const content = await new Registry({ retries: 0 }).image(parseReference('${host}/team/app:1'))
    const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : ''
    const peak = Number(/^VmHWM:\\s+(\\d+) kB$/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS) / 1024
    console.log(JSON.stringify({ peak, code: content.problems[0]?.code ?? 'read', filled: content.layers?.filled.length ?? 0 }))
  `
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, ['--heap-growing-percent=50', '--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let errors = ''
    child.stdout.on('data', (data) => {
      output += data
    })
    child.stderr.on('data', (data) => {
      errors += data
    })
    child.on('close', () => (output === '' ? fail(new Error(errors)) : done(JSON.parse(output))))
  })
}

/** A layer of `size` zeros after its header, packed piece by piece. */
function zeros(size: number): Buffer {
  const member = gzipSync(Buffer.alloc(16 * 1024 * 1024), { level: 9 })
  const head = tarFile({ name: 'big', size }).subarray(0, 512)
  const parts = [gzipSync(head)]
  for (let left = size; left > 0; left -= 16 * 1024 * 1024) parts.push(member)
  parts.push(gzipSync(Buffer.alloc(1024)))
  return Buffer.concat(parts)
}

memory('a file of 1 GiB of zeros, and 200,000 files', async () => {
  const image: TestImage = { config: { User: 'app' }, layers: [tar([PASSWD]), Buffer.from('big')] }
  const big = await served(built(image, (layer) => (layer.toString() === 'big' ? zeros(1024 ** 3) : gzipSync(layer))))
  const one = await leastOf(big.host)
  assert.is(one.code, 'read')
  assert.ok(one.peak < BOUND, `zeros: ${one.peak} MiB`)
  const entries: Buffer[] = []
  for (let i = 0; i < 200_000; i++) entries.push(tarFile({ name: `srv/${i % 5000}/${i}` }))
  const many = await served({ config: { User: 'app' }, layers: [Buffer.concat([...entries, Buffer.alloc(1024)])] })
  const two = await leastOf(many.host)
  assert.is(two.filled, 5001)
  assert.ok(two.peak < BOUND, `files: ${two.peak} MiB`)
  console.log(`       1 GiB of zeros: ${one.peak.toFixed(0)} MiB, 200,000 files: ${two.peak.toFixed(0)} MiB at the peak`)
})

memory('a bomb ends at the limit', async () => {
  const bomb: TestImage = { config: { User: 'app' }, layers: [Buffer.from('big')] }
  const { host } = await served(built(bomb, () => zeros(6 * 1024 ** 3)))
  const { code, peak } = await leastOf(host)
  assert.is(code, 'LIMIT')
  assert.ok(peak < BOUND, `${peak} MiB`)
})

const real = suite('docker-registry')
const tools = ['docker-registry', 'skopeo'].filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
if (tools.length > 0) console.log(`skipped: ${tools.join(' and ')} not installed, so no real registry is asked`)
else
  real('an image that skopeo pushed, as the command line sees it', async () => {
    const folder = tempTree()
    const port = await new Promise<number>((done) => {
      const probe = createTcpServer().listen(0, '127.0.0.1', () => {
        const { port } = probe.address() as AddressInfo
        probe.close(() => done(port))
      })
    })
    const host = `127.0.0.1:${port}`
    const image = built({
      config: { User: 'app', Entrypoint: ['/usr/bin/web'], Volumes: { '/srv/content': {} } },
      layers: [
        tar([
          PASSWD,
          dir('srv/content', { uid: 4711 }),
          { name: 'srv/content/index.html', content: 'x' },
          { name: 'usr/bin/web', content: '#!', mode: 0o755, pax: { 'SCHILY.xattr.security.capability': capability(10) } },
          dir('var/cache/web', { uid: 4711 }),
          { name: 'var/cache/web/old', content: 'x' },
        ]),
        tar([{ name: 'var/cache/web/.wh.old' }]),
      ],
    })
    for (const [name, bytes] of ociLayout([{ image, name: '1' }])) {
      mkdirSync(dirname(join(folder, 'layout', name)), { recursive: true })
      writeFileSync(join(folder, 'layout', name), bytes)
    }
    writeFileSync(join(folder, 'registry.yml'), `version: 0.1\nlog: {level: error}\nstorage:\n  filesystem: {rootdirectory: ${join(folder, 'storage')}}\nhttp: {addr: "${host}"}\n`)
    const server = spawn('docker-registry', ['serve', join(folder, 'registry.yml')], { stdio: 'ignore' })
    try {
      const push = (): number | null =>
        spawnSync('skopeo', ['copy', '--insecure-policy', '--dest-tls-verify=false', `oci:${join(folder, 'layout')}:1`, `docker://${host}/team/web:1`], { encoding: 'utf8' }).status
      let pushed = push()
      for (let i = 0; i < 40 && pushed !== 0; i++) {
        await new Promise((next) => setTimeout(next, 250))
        pushed = push()
      }
      assert.is(pushed, 0, 'skopeo could not push')
      writeFileSync(
        join(folder, 'web.yaml'),
        `apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: ${host}/team/web:1\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: other\nspec:\n  containers:\n  - name: other\n    image: ${host}/team/web:2\n`,
      )
      const run = await podharden(['--inspect-images', '--format', 'text', 'web.yaml'], folder)
      assert.is(run.status, 2, run.stderr)
      assert.match(run.stdout, /run as uid 4711, non-root/)
      assert.match(run.stdout, /known: USER app → 4711, \/etc\/passwd in 127\.0\.0\.1:\d+\/team\/web@sha256:[0-9a-f]{12}/)
      assert.match(run.stderr + run.stdout, /team\/web:2.*the registry has no manifests 2/)
      const diff = (await podharden(['--inspect-images', 'web.yaml'], folder)).stdout
      assert.match(diff, /\+ +runAsUser: 4711/)
      assert.match(diff, /\+ +drop:\n\+ +- ALL\n\+ +add:\n\+ +- NET_BIND_SERVICE/)
      assert.not.match(diff, /mountPath: \/srv\/content/)
    } finally {
      server.kill()
    }
  })

function podharden(args: readonly string[], cwd: string): Promise<{ readonly stdout: string; readonly stderr: string; readonly status: number | null }> {
  return new Promise((done) => {
    const env = { ...process.env, XDG_CACHE_HOME: join(cwd, '.cache'), DOCKER_CONFIG: join(cwd, '.docker') }
    const child = spawn(process.execPath, [join(root, 'bin/podharden.cjs'), ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (data) => {
      stdout += data
    })
    child.stderr.on('data', (data) => {
      stderr += data
    })
    child.on('close', (status) => done({ stdout, stderr, status }))
  })
}

registry.run()
memory.run()
real.run()
