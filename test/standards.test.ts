/** The Pod Security Standards: the upstream fixtures where they are here, and what no fixture covers. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { inForce } from '../src/standards/registry.ts'
import { evaluate } from '../src/standards/evaluate.ts'
import { NEWEST, parseVersion, versionText } from '../src/standards/versions.ts'
import type { StandardLevel } from '../src/standards/check.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const standards = suite('standards')

type Plain = Record<string, unknown>
const GOOD = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }

/** A pod that restricted allows, with changes. */
function pod(spec: Plain = {}, container: Plain = {}, metadata: Plain = {}): Plain {
  return {
    metadata,
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'a', image: 'a', securityContext: GOOD, ...container }],
      ...spec,
    },
  }
}

function failing(template: Plain, level: StandardLevel = 'restricted', minor = NEWEST, isPod = true): readonly string[] {
  return evaluate({ template, isPod }, level, minor).violations.map(({ check }) => check)
}

standards('the smallest hardened pod passes both levels at every version', () => {
  for (let minor = 0; minor <= NEWEST + 3; minor++) for (const level of ['baseline', 'restricted'] as const) assert.equal(failing(pod(), level, minor), [], `${level} v1.${minor}`)
})

standards('how many checks run at each version', () => {
  const counts = [0, 8, 19, 22, 23, 34, 35, 37].map((minor) => `${inForce('baseline', minor).length}/${inForce('restricted', minor).length}`)
  assert.equal(counts, ['11/12', '11/13', '11/13', '11/13', '11/14', '12/15', '12/15', '12/15'])
})

standards('checks come in the order of the API server: baseline, then restricted, by byte value', () => {
  for (const level of ['baseline', 'restricted'] as const) {
    const ids = inForce('restricted', NEWEST)
      .filter(({ check }) => check.level === level)
      .map(({ check }) => check.id)
    assert.equal(ids, [...ids].sort())
  }
})

standards('versions: latest, v1.N, newer ones lowered, nothing else', () => {
  assert.is(parseVersion('latest'), NEWEST)
  assert.is(parseVersion('v1.0'), 0)
  assert.is(parseVersion('v1.25'), 25)
  assert.is(parseVersion('v1.99'), NEWEST)
  for (const wrong of ['1.25', 'v1.25.1', 'v2.0', 'v1.01', 'v1', 'Latest', '', 'v1.-1']) assert.is(parseVersion(wrong), undefined, wrong)
  assert.is(evaluate({ template: pod(), isPod: true }, 'baseline', 99).version, versionText(NEWEST))
})

standards('ephemeral containers count, and inherit only what the pod says', () => {
  assert.equal(failing(pod({ ephemeralContainers: [{ name: 'debug' }] })), ['allowPrivilegeEscalation', 'capabilities_restricted'])
  assert.equal(failing(pod({ ephemeralContainers: [{ name: 'debug', securityContext: { privileged: true } }] }), 'baseline'), ['privileged'])
})

standards('one container of several is enough to fail; an empty list is not', () => {
  const containers = [
    { name: 'a', securityContext: GOOD },
    { name: 'b', securityContext: { ...GOOD, runAsNonRoot: false } },
  ]
  assert.equal(failing(pod({ containers })), ['runAsNonRoot'])
  assert.equal(failing(pod({ containers: [] })), [])
})

standards('AppArmor: fields, and annotations for containers that do not exist', () => {
  for (const type of ['RuntimeDefault', 'Localhost']) assert.equal(failing(pod({}, { securityContext: { ...GOOD, appArmorProfile: { type } } })), [])
  for (const type of ['Unconfined', '']) assert.equal(failing(pod({}, { securityContext: { ...GOOD, appArmorProfile: { type } } })), ['appArmorProfile'], type)
  const annotated = (value: string): Plain => pod({}, {}, { annotations: { 'container.apparmor.security.beta.kubernetes.io/nobody': value } })
  for (const value of ['', 'runtime/default', 'localhost/x']) assert.equal(failing(annotated(value)), [], value)
  assert.equal(failing(annotated('unconfined')), ['appArmorProfile'])
  assert.equal(failing(pod({ securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' }, appArmorProfile: { type: 'Unconfined' } } })), ['appArmorProfile'])
})

standards('volumes: image, csi and ephemeral pass, unknown types do not, a type of null is an emptyDir', () => {
  for (const volume of [{ image: {} }, { csi: {} }, { ephemeral: {} }, { hostPath: null }, {}])
    assert.equal(failing(pod({ volumes: [{ name: 'v', ...volume }] })), [], JSON.stringify(volume))
  assert.equal(failing(pod({ volumes: [{ name: 'v', holographic: {} }] })), ['restrictedVolumes'])
  assert.equal(failing(pod({ volumes: [{ name: 'v', hostPath: { path: '/' } }] })), ['restrictedVolumes'])
  assert.equal(failing(pod({ volumes: [{ name: 'v', hostPath: { path: '/' } }] }), 'baseline'), ['hostPathVolumes'])
})

standards('SELinux: container_engine_t from v1.31, user and role of a container', () => {
  const engine = pod({}, { securityContext: { ...GOOD, seLinuxOptions: { type: 'container_engine_t', level: 's0' } } })
  assert.equal(failing(engine, 'restricted', 30), ['seLinuxOptions'])
  assert.equal(failing(engine, 'restricted', 31), [])
  for (const field of ['user', 'role']) assert.equal(failing(pod({}, { securityContext: { ...GOOD, seLinuxOptions: { [field]: 'x' } } })), ['seLinuxOptions'])
})

standards('a user namespace relaxes runAsNonRoot and runAsUser from v1.35, and procMount at baseline only', () => {
  const own = pod(
    { hostUsers: false, securityContext: { runAsNonRoot: false, runAsUser: 0, seccompProfile: { type: 'RuntimeDefault' } } },
    { securityContext: { ...GOOD, procMount: 'Unmasked' } },
  )
  assert.equal(failing(own, 'restricted', 34), ['procMount', 'runAsNonRoot', 'runAsUser'])
  assert.equal(failing(own, 'restricted', 35), ['procMount_restricted'])
  assert.equal(failing(own, 'baseline', 35), [])
  assert.equal(failing({ ...own, spec: { ...(own.spec as Plain), hostUsers: true } }, 'restricted', 35), ['procMount_restricted', 'runAsNonRoot', 'runAsUser'])
})

standards('Windows by os.name only, from v1.25; the rest still counts', () => {
  const bare = (spec: Plain): Plain => ({ spec: { securityContext: { runAsNonRoot: true }, containers: [{ name: 'a' }], ...spec } })
  assert.equal(failing(bare({ os: { name: 'windows' } }), 'restricted', 24), ['allowPrivilegeEscalation', 'capabilities_restricted', 'seccompProfile_restricted'])
  for (const minor of [25, 26, 27, 28, NEWEST]) assert.equal(failing(bare({ os: { name: 'windows' } }), 'restricted', minor), [])
  assert.equal(failing(bare({ nodeSelector: { 'kubernetes.io/os': 'windows' } })), ['allowPrivilegeEscalation', 'capabilities_restricted', 'seccompProfile_restricted'])
  assert.equal(failing(bare({ os: { name: 'windows' }, hostNetwork: true, securityContext: { windowsOptions: { hostProcess: true } } })), [
    'hostNamespaces',
    'windowsHostProcess',
    'runAsNonRoot',
  ])
})

standards('probes and hooks with a host, from v1.34; exec, grpc and a Host header are fine', () => {
  for (const handler of [
    { startupProbe: { tcpSocket: { host: '127.0.0.1', port: 1 } } },
    { readinessProbe: { httpGet: { host: 'x', port: 1 } } },
    { lifecycle: { preStop: { httpGet: { host: '::1', port: 1 } } } },
  ]) {
    assert.equal(failing(pod({}, handler), 'baseline', 33), [])
    assert.equal(failing(pod({}, handler), 'baseline', 34), ['hostProbesAndHostLifecycle'])
  }
  const fine = {
    livenessProbe: { exec: { command: ['a'] } },
    startupProbe: { grpc: { port: 1 } },
    readinessProbe: { httpGet: { host: '', port: 1, httpHeaders: [{ name: 'Host', value: 'x' }] } },
  }
  assert.equal(failing(pod({}, fine), 'baseline'), [])
})

standards('the API server fills in host ports of a Pod, not of a template; hostIP is not looked at', () => {
  const host = pod({ hostNetwork: true }, { ports: [{ containerPort: 8080 }] })
  assert.equal(failing(host, 'baseline'), ['hostNamespaces', 'hostPorts'])
  assert.equal(failing(host, 'baseline', NEWEST, false), ['hostNamespaces'])
  assert.equal(failing(pod({}, { ports: [{ containerPort: 8080, hostIP: '127.0.0.1' }] }), 'baseline'), [])
})

standards('values of the wrong type satisfy nothing', () => {
  assert.equal(failing(pod({ securityContext: { runAsNonRoot: 'true', seccompProfile: { type: 'RuntimeDefault' } } })), ['runAsNonRoot'])
  assert.equal(failing(pod({}, { securityContext: { ...GOOD, allowPrivilegeEscalation: 'false' } })), ['allowPrivilegeEscalation'])
  assert.equal(failing(pod({}, { securityContext: { ...GOOD, capabilities: { drop: 'ALL' } } })), ['capabilities_restricted'])
})

standards('what cannot be read is unknown, never a pass', () => {
  const opaque = { is: 'opaque', why: 'alias', text: '*x' } as const
  const spec = {
    is: 'map',
    open: false,
    entries: new Map([
      ['hostNetwork', { node: opaque }],
      ['volumes', { node: opaque }],
    ]),
  } as const
  const verdict = evaluate({ template: { is: 'map', open: false, entries: new Map([['spec', { node: spec }]]) }, isPod: true }, 'baseline')
  assert.is(verdict.allowed, undefined)
  assert.equal(
    verdict.unknown.map(({ check }) => check),
    ['hostNamespaces', 'hostPathVolumes'],
  )
})

const shared = join(root, '../shared/pss')
if (existsSync(shared)) {
  standards('all 988 upstream fixtures: which checks fail, at both levels, with and without defaults', () => {
    const sorted = (text: string): string => text.split(',').sort().join(',')
    const rows = readFileSync(join(shared, 'expected.tsv'), 'utf8').trim().split('\n').slice(1)
    assert.is(rows.length, 988)
    for (const row of rows) {
      const [level, version, outcome, file, , own, other, bare] = row.split('\t') as [StandardLevel, string, string, string, string, string, string, string]
      const template = parse(readFileSync(join(shared, 'testdata', level, version, outcome, file), 'utf8')) as Plain
      const minor = parseVersion(version) ?? assert.unreachable(version)
      const ids = (at: StandardLevel, fillIn = true): string =>
        sorted(
          evaluate({ template, isPod: true }, at, minor as number, fillIn)
            .violations.map(({ check }) => check)
            .join(',') || '-',
        )
      assert.is(ids(level), sorted(own), row)
      assert.is(ids(level === 'baseline' ? 'restricted' : 'baseline'), sorted(other), row)
      assert.is(ids(level, false), bare === '-' ? ids(level) : sorted(bare), row)
    }
  })
} else process.stdout.write('skipped: the upstream fixtures are not here\n')

standards.run()
