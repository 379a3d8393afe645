/** Pods put together at random: whatever is planned can be made, is stable, and breaks no promise. */
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cleanPath } from '../src/kube/mounts.ts'
import type { About, Grade, Json, Options, WritablePath } from '../src/types.ts'
import transforms from '../transforms/index.ts'
import { type Outcome, run, type Setting, workload } from './pods.ts'

type Plain = { readonly [key: string]: Json }

const absent = Symbol('absent')

/** An object of the given fields, each absent half of the time. */
function some(fields: Readonly<Record<string, fc.Arbitrary<Json>>>): fc.Arbitrary<Plain> {
  const wrapped = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, fc.oneof(fc.constant(absent), value as fc.Arbitrary<unknown>)]))
  return fc.record(wrapped).map((record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== absent)) as Plain)
}

const one = <T extends Json>(...values: readonly T[]): fc.Arbitrary<Json> => fc.constantFrom(...values)
const profile = one<Json>({ type: 'RuntimeDefault' }, { type: 'Unconfined' }, { type: 'Localhost', localhostProfile: 'a' }, {}, null)

const containerContext = some({
  runAsNonRoot: one<Json>(true, true, false, null, 'true'),
  runAsUser: one<Json>(0, 5, 10001, null, '5'),
  runAsGroup: one<Json>(0, 7),
  privileged: one<Json>(true, false, false, 'true'),
  allowPrivilegeEscalation: one<Json>(true, false),
  readOnlyRootFilesystem: one<Json>(true, false),
  capabilities: one<Json>({ drop: ['ALL'] }, { drop: ['all'] }, { drop: ['CAP_NET_RAW'] }, { add: ['NET_BIND_SERVICE'] }, { add: ['SYS_ADMIN'] }, {}, { drop: [], add: null }, [
    'x',
  ]),
  seccompProfile: profile,
})

const mounts = fc.uniqueArray(
  fc.record({ name: one('data', 'scratch', 'secret', 'host', 'nfs', 'gone'), mountPath: one('/tmp', '/tmp/', '/data', '/var/cache/app', '/root/x', '/run') }),
  {
    selector: ({ mountPath }) => cleanPath(String(mountPath)),
    maxLength: 3,
  },
)

const container = some({
  image: one('known', 'root', 'unknown', 'toolbox', 'steps-down', 'auto'),
  command: one<Json>(['sh', '-c', 'sleep 1'], ['chown', '-R', '5', '/data'], ['sh', '-c', 'apt-get update'], ['sudo', 'x'], []),
  args: one<Json>(['--cache-dir', '/var/cache/app'], ['x']),
  env: one<Json>([{ name: 'DATA_DIR', value: '/srv/data' }], [{ name: 'HOME', value: '/root' }], []),
  ports: one<Json>([{ containerPort: 80 }], [{ containerPort: 8080, hostPort: 8080 }]),
  volumeMounts: mounts as fc.Arbitrary<Json>,
  securityContext: fc.oneof(containerContext as fc.Arbitrary<Json>, one<Json>(null, {}, 'x')),
})

const VOLUMES: Readonly<Record<string, Plain>> = {
  data: { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
  scratch: { name: 'scratch', emptyDir: {} },
  secret: { name: 'secret', secret: { secretName: 's', defaultMode: 0o400 } },
  host: { name: 'host', hostPath: { path: '/var/log' } },
  nfs: { name: 'nfs', nfs: { server: 'x', path: '/' } },
  tmp: { name: 'tmp', configMap: { name: 'tmp' } },
}

const podSpec = fc
  .record({
    rest: some({
      hostNetwork: one(true, false),
      hostPID: one(true, false),
      hostUsers: one(true, false),
      os: one<Json>({ name: 'linux' }, { name: 'windows' }),
      securityContext: fc.oneof(
        some({
          runAsNonRoot: one<Json>(true, false),
          runAsUser: one<Json>(0, 5),
          fsGroup: one<Json>(3),
          seccompProfile: profile,
          sysctls: one<Json>([{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }], []),
        }) as fc.Arbitrary<Json>,
        one<Json>(null, {}),
      ),
    }),
    init: fc.array(container, { maxLength: 2 }),
    main: fc.array(container, { minLength: 1, maxLength: 3 }),
    volumes: fc.subarray(Object.values(VOLUMES)),
  })
  .map(
    ({ rest, init, main, volumes }): Plain => ({
      ...rest,
      ...(init.length === 0 ? {} : { initContainers: init.map((one, index) => ({ name: `init-${index}`, ...one })) }),
      containers: main.map((one, index) => ({ name: `main-${index}`, ...one })),
      ...(volumes.length === 0 ? {} : { volumes }),
    }),
  )

const object = fc.tuple(podSpec, fc.constantFrom('Deployment', 'StatefulSet', 'Job', 'Pod')).map(([spec, kind]) => workload(kind, spec))

function fact<T>(value: T, grade: Grade = 'known') {
  return { value, grade, source: 'a test' }
}

const path = (at: string, more: Partial<WritablePath> = {}): WritablePath => ({ path: at, purpose: 'cache', keepsImageContent: false, persistent: false, ...more })

const IMAGES: Readonly<Record<string, About>> = {
  known: {
    user: fact({ name: 'app', uid: 101, gid: 101 }),
    runsAsNonRoot: fact('with-config'),
    defaultUser: fact(null),
    ports: fact([80]),
    readOnlyRootSeen: fact('documented'),
    writablePaths: fact([path('/var/cache/app'), path('/run')]),
    ownedBy: fact({ '/var/cache/app': 'root', '/run': 'root' }, 'likely'),
  },
  root: { runsAsNonRoot: fact('no'), rootRequired: fact('a test'), defaultUser: fact(null) },
  toolbox: { toolbox: fact(true), user: fact({ name: 'nobody', uid: 65534, gid: 65534 }), runsAsNonRoot: fact('with-uid'), writablePaths: fact([], 'likely') },
  'steps-down': {
    user: fact({ name: 'db', uid: 70, gid: 70 }),
    runsAsNonRoot: fact('with-uid'),
    defaultUser: fact(null),
    stepsDownTo: fact({ uid: 70, gid: 70, by: 'gosu' }),
    mustOwnData: fact(['/data']),
    writablePaths: fact([path('/data', { persistent: true }), path('/run'), path('/tmp')]),
  },
}

const options: fc.Arbitrary<Partial<Options>> = fc.record({
  level: fc.constantFrom('restricted', 'hardened'),
  atLeast: fc.constantFrom('certain', 'known', 'likely', 'assumed'),
  scope: fc.constantFrom('auto', 'pod', 'container'),
  stage: fc.constantFrom(2, 3, 4),
  uid: fc.constantFrom<Options['uid'][]>(undefined, 'image', 3000),
})

function setting(options: Partial<Options>): Setting {
  return { options, images: IMAGES }
}

function containersOf({ spec }: Outcome): readonly Plain[] {
  return [...((spec.initContainers ?? []) as readonly Plain[]), ...((spec.containers ?? []) as readonly Plain[])]
}

function contextOf(container: Plain): Plain {
  const context = container.securityContext
  return context !== null && typeof context === 'object' && !Array.isArray(context) ? (context as Plain) : {}
}

const random = suite('random pods')

/** What was there, and where: every scalar by its path. */
function scalars(value: Json, at = ''): readonly (readonly [string, Json])[] {
  if (value === null || typeof value !== 'object') return [[at, value]]
  return Object.entries(value).flatMap(([key, child]) => scalars(child as Json, `${at}/${key}`))
}

random('are changed by adding only: every value that the author wrote stands, but for names in drop', () => {
  fc.assert(
    fc.property(object, options, (before, wanted) => {
      const after = new Map(scalars(run(before, setting(wanted)).after))
      for (const [at, value] of scalars(before)) if (value !== null && !at.includes('/capabilities/drop/')) assert.is(after.get(at), value, at)
    }),
    { numRuns: 800 },
  )
})

random('are stable: a second run has nothing to change', () => {
  fc.assert(
    fc.property(object, options, (before, wanted) => {
      const once = run(before, setting(wanted))
      assert.equal(
        run(once.after, setting(wanted)).fixes.map(({ transform, key }) => `${transform} ${key}`),
        [],
      )
    }),
    { numRuns: 800 },
  )
})

random('come out the same with one transform after the other', () => {
  fc.assert(
    fc.property(object, options, (before, wanted) => {
      const active = new Set(run(before, setting(wanted)).fixes.map(({ transform }) => transform))
      const apart = transforms.reduce(
        (current, { id }) => (active.has(id) ? run(current, setting({ ...wanted, only: [id] })).after : current),
        JSON.parse(JSON.stringify(before)) as Plain,
      )
      assert.equal(apart, run(before, setting(wanted)).after)
    }),
    { numRuns: 800 },
  )
})

random('are never given what Kubernetes refuses or cannot start', () => {
  fc.assert(
    fc.property(object, options, (before, wanted) => {
      const outcome = run(before, setting(wanted))
      const pod = contextOf(outcome.spec)
      const set = new Set(outcome.fixes.flatMap(({ fields }) => fields.map(({ change }) => change.path.join('/'))))
      const sets = (container: Plain, field: string): boolean =>
        [...set].some((at) => at.endsWith(`securityContext/${field}`) && at.startsWith('spec/') && isOf(container, at, outcome))
      for (const container of containersOf(outcome)) {
        const own = contextOf(container)
        if (sets(container, 'allowPrivilegeEscalation')) {
          assert.is.not(own.privileged, true)
          assert.not.ok(JSON.stringify(own.capabilities ?? '').includes('SYS_ADMIN'))
        }
        const uid = own.runAsUser ?? pod.runAsUser
        if (sets(container, 'runAsNonRoot') || (set.has('spec/securityContext/runAsNonRoot') && own.runAsNonRoot === undefined)) assert.is.not(uid, 0)
        const paths = ((container.volumeMounts ?? []) as readonly Plain[]).map(({ mountPath }) => cleanPath(String(mountPath)))
        assert.is(new Set(paths).size, paths.length, 'two mounts at one path')
      }
      const names = ((outcome.spec.volumes ?? []) as readonly Plain[]).map(({ name }) => name)
      assert.is(new Set(names).size, names.length, 'two volumes of one name')
      if ((outcome.spec.os as Plain | undefined)?.name === 'windows') for (const at of set) assert.match(at, /runAsNonRoot$/)
      if (outcome.spec.hostNetwork === true) assert.not.ok(set.has('spec/securityContext/sysctls'))
    }),
    { numRuns: 800 },
  )
})

function isOf(container: Plain, at: string, { spec }: Outcome): boolean {
  const [, group, index] = at.split('/')
  return ((spec[group as string] ?? []) as readonly Plain[])[Number(index)] === container
}

random('are told of every container that stays root or keeps capabilities, once for each', () => {
  fc.assert(
    fc.property(object, (before) => {
      const outcome = run(before, setting({ level: 'restricted' }))
      if ((outcome.spec.os as Plain | undefined)?.name === 'windows') return
      const pod = contextOf(outcome.spec)
      for (const container of containersOf(outcome)) {
        const own = contextOf(container)
        const told = outcome.reviews.filter(
          ({ container: name, message, severity, reason }) =>
            reason !== 'immutable' &&
            (severity === 'decide' || reason === 'needs-knowledge') &&
            (name === container.name || (name === undefined && (message.includes(String(container.name)) || /pod/.test(message) || /securityContext/.test(message)))),
        )
        const isNonRoot = outcome.spec.hostUsers === false || ((own.runAsNonRoot ?? pod.runAsNonRoot) === true && (own.runAsUser ?? pod.runAsUser) !== 0)
        if (!isNonRoot) assert.ok(told.length > 0, `${container.name}: nobody says that it may be root`)
        const drop = (own.capabilities as Plain | undefined)?.drop
        if (!(Array.isArray(drop) && drop.includes('ALL'))) assert.ok(told.length > 0, `${container.name}: nobody says that it keeps its capabilities`)
      }
      const keys = outcome.reviews.map(({ transform, key }) => `${transform} ${key}`)
      assert.is(new Set(keys).size, keys.length, keys.join('\n'))
    }),
    { numRuns: 800 },
  )
})

random.run()
