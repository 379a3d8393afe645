/** `explain` and `caps`, through the built command line and as data. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { boundingSet, hex } from '../src/capabilities.ts'
import type { ExplainedWorkload } from '../src/explain/explain.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

function podharden(args: readonly string[], input = ''): { readonly stdout: string; readonly stderr: string; readonly status: number | null } {
  return spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), ...args], { cwd: root, input, encoding: 'utf8' })
}

const caps = suite('caps')

caps('the examples that people know', () => {
  assert.match(podharden(['caps']).stdout, /^00000000a80425fb {2}the default of containerd/)
  assert.match(podharden(['caps', '--add', 'NET_ADMIN,SYS_TIME']).stdout, /^00000000aa0435fb /)
  assert.match(podharden(['caps', '00000000a82425fb']).stdout, /^ +21 +SYS_ADMIN /m)
  assert.match(podharden(['caps', '--runtime', 'cri-o']).stdout, /^00000000000005fb /)
  assert.match(podharden(['caps', '--drop', 'all', '--add', 'cap_net_bind_service']).stdout, /^0000000000000400 /)
})

caps('names in any case, with CAP_ or without, numbers, unknown bits', () => {
  for (const words of [['CAP_CHOWN,net_raw'], ['chown', 'Cap_Net_Raw'], ['0x2001'], ['0,13']])
    assert.match(podharden(['caps', ...words]).stdout, /^0000000000002001\n/, words.join(' '))
  const { bitmap, capabilities } = JSON.parse(podharden(['caps', '0000200000000001', '--format', 'json']).stdout) as {
    bitmap: string
    capabilities: { bit: number; name: string | null }[]
  }
  assert.is(bitmap, '0000200000000001')
  assert.equal(
    capabilities.map(({ bit, name }) => [bit, name]),
    [
      [0, 'CHOWN'],
      [45, null],
    ],
  )
})

caps('says who may add each', () => {
  const { stdout } = podharden(['caps', 'NET_BIND_SERVICE,CHOWN,NET_RAW'])
  assert.match(stdout, /NET_BIND_SERVICE .* restricted$/m)
  assert.match(stdout, /CHOWN .* baseline$/m)
  assert.match(stdout, /NET_RAW .* privileged only$/m)
})

caps('what is neither is a mistake of the call', () => {
  for (const args of [
    ['caps', 'nope'],
    ['caps', '--add', 'CHOWM'],
    ['caps', '12345678901234567'],
    ['caps', 'a8', '--add', 'CHOWN'],
    ['caps', '--runtime', 'rkt'],
  ]) {
    const { status, stderr } = podharden(args)
    assert.is(status, 2, args.join(' '))
    assert.match(stderr, /^podharden: /)
  }
})

caps('how add and drop combine', () => {
  const set = (add: readonly string[], drop: readonly string[], privileged = false): string => hex(boundingSet('containerd', { privileged, add, drop }))
  assert.is(set([], ['ALL']), '0000000000000000')
  assert.is(set(['NET_RAW'], ['ALL', 'NET_RAW']), '0000000000000000')
  assert.is(set(['ALL'], ['SYS_ADMIN']), '000001ffffdfffff')
  assert.is(set(['CAP_SYS_ADMIN'], []), '00000000a80425fb')
  assert.is(hex(boundingSet('cri-o', { privileged: false, add: ['CAP_SYS_ADMIN'], drop: ['ALL'] })), '0000000000200000')
  assert.is(set([], ['ALL'], true), '000001ffffffffff')
})

const explain = suite('explain')

const LIVE = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata:
    name: web
    namespace: shop
    managedFields:
    - manager: kubectl
      fieldsV1: {f:spec: {}}
    ownerReferences:
    - kind: ReplicaSet
      name: web-1
  spec:
    hostNetwork: true
    securityContext:
      runAsUser: 1000
    containers:
    - name: web
      image: nginx:1.27
      ports:
      - containerPort: 80
    - name: root
      image: redis:7
      securityContext:
        runAsUser: 0
        capabilities:
          drop: [ALL]
          add: [CHOWN]
  status:
    phase: Running
`

function workloads(args: readonly string[], input: string): readonly ExplainedWorkload[] {
  const { stdout, status, stderr } = podharden(['explain', '-', '--format', 'json', ...args], input)
  assert.is(status, 0, stderr)
  return (JSON.parse(stdout) as { workloads: ExplainedWorkload[] }).workloads
}

explain('objects of a cluster, from a pipe: verdict, origin of each value, capability sets', () => {
  const [web] = workloads([], LIVE)
  assert.equal([web?.kind, web?.namespace, web?.name, web?.line], ['Pod', 'shop', 'web', 4])
  assert.is(web?.standards.baseline.allowed, false)
  assert.equal(web?.standards.baseline.checks, ['hostNamespaces', 'hostPorts'])
  const [first, second] = web?.containers ?? []
  const field = (container: typeof first, name: string) => container?.fields.find((one) => one.field === name)
  assert.equal(field(first, 'runAsUser'), { field: 'runAsUser', value: 1000, from: { by: 'pod', file: 'stdin.yaml', line: 18 } })
  assert.equal(field(second, 'runAsUser')?.from, { by: 'container', file: 'stdin.yaml', line: 27 })
  assert.is(first?.capabilities.containerd.effective?.bitmap, '0000000000000000')
  assert.is(second?.capabilities.containerd.effective?.bitmap, '0000000000000001')
  const root = web?.violations.find(({ check }) => check === 'runAsUser')
  assert.equal([root?.container, root?.field, root?.found, root?.line], ['root', 'securityContext.runAsUser', '0', 27])
})

explain('the user of an image that is known, and of one that is not', () => {
  const pod = (image: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: '${image}'}]}\n`
  const uid = (image: string) => workloads([], pod(image))[0]?.containers[0]
  const known = uid('redis:7')
  assert.equal([known?.fields.find(({ field }) => field === 'runAsUser')?.value, known?.capabilities.docker.effective?.bitmap], [0, '00000000a80425fb'])
  const unknown = uid('registry.example/x:1')
  assert.equal([unknown?.fields.find(({ field }) => field === 'runAsUser')?.value, unknown?.capabilities.docker.effective], [null, null])
})

explain('versions and levels', () => {
  const old = workloads(['--pss-version', 'v1.0'], LIVE)[0]
  assert.is(old?.standards.restricted.version, 'v1.0')
  assert.not.ok(old?.standards.restricted.checks.includes('allowPrivilegeEscalation'))
  for (const args of [
    ['--pss-version', '1.25'],
    ['--level', 'hardened'],
    ['--format', 'xml'],
  ])
    assert.is(podharden(['explain', '-', ...args], LIVE).status, 2, args.join(' '))
  assert.match(podharden(['explain', '-', '--pss-version', '1.25'], LIVE).stderr, /latest, or v1\.0 to v1\.\d+/)
})

explain('text and Markdown, with nothing of a manifest acting in them', () => {
  const hostile = LIVE.replace('namespace: shop', 'namespace: "x\\u001b[31m|<b>`"')
  const text = podharden(['explain', '-'], hostile).stdout
  assert.not.match(text, /\u001b/)
  assert.match(text, /restricted v1\.\d+: refused/)
  const markdown = podharden(['explain', '-', '--format', 'markdown'], hostile).stdout
  assert.not.match(markdown, /<b>/)
  assert.match(markdown, /\\<b\\>/)
})

explain('what cannot be read is said, and the rest is explained', () => {
  const { stdout, stderr, status } = podharden(['explain', '-'], `${LIVE}---\napiVersion: v1\nkind: Pod\nspec: {containers: [\n`)
  assert.is(status, 2)
  assert.match(stderr, /stdin\.yaml:\d+/)
  assert.match(stdout, /Pod shop\/web/)
})

const shared = join(root, '../shared/pss')
if (existsSync(shared)) {
  explain('all 988 upstream fixtures through the command line, checks included', () => {
    const rows = readFileSync(join(shared, 'expected.tsv'), 'utf8').trim().split('\n').slice(1)
    const folders = new Map<string, readonly string[][]>()
    for (const row of rows) {
      const cells = row.split('\t')
      const folder = cells.slice(0, 3).join('/')
      folders.set(folder, [...(folders.get(folder) ?? []), cells])
    }
    let right = 0
    for (const [folder, list] of folders) {
      const path = join(shared, 'testdata', folder)
      const [level, version] = folder.split('/') as ['baseline' | 'restricted', string]
      const { stdout, status } = podharden(['explain', '--format', 'json', '--pss-version', version, '--root', path, path])
      assert.is(status, 0, folder)
      const { workloads: found } = JSON.parse(stdout) as { workloads: ExplainedWorkload[] }
      assert.is(found.length, list.length, folder)
      for (const [, , outcome, file, , own, other] of list) {
        const workload = found.find((one) => one.file === file)
        const sorted = (ids: readonly string[]): string => [...ids].sort().join(',') || '-'
        const expected = (text: string | undefined): string => sorted((text ?? '').split(','))
        assert.is(workload?.standards[level].allowed, outcome === 'pass', `${folder}/${file}`)
        assert.is(sorted(workload?.standards[level].checks ?? []), expected(own), `${folder}/${file}`)
        assert.is(sorted(workload?.standards[level === 'baseline' ? 'restricted' : 'baseline'].checks ?? []), expected(other), `${folder}/${file}`)
        right++
      }
    }
    assert.is(right, 988)
  })
} else process.stdout.write('skipped: the upstream fixtures are not here\n')

caps.run()
explain.run()
