/** The non-root bundle: which number, what goes with it, where it is written, and what holds it back. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { About, Grade, Json } from '../src/types.ts'
import { deployment, fixLines, lines, type Outcome, run, type Setting, workload } from './pods.ts'

type Plain = { readonly [key: string]: Json }

function fact<T>(value: T, grade: Grade = 'known') {
  return { value, grade, source: 'a test' }
}

function image(uid: number | null, gid: number | null = uid, more: Partial<About> = {}): About {
  return {
    user: fact({ name: uid === null ? 'app' : 'app', uid, gid }),
    runsAsNonRoot: fact('with-uid'),
    defaultUser: fact(null),
    writablePaths: fact([]),
    readOnlyRootSeen: fact('documented'),
    ...more,
  }
}

const one = (container: Plain = {}, spec: Plain = {}): Plain => deployment({ ...spec, containers: [{ name: 'web', image: 'web', ...container }] })

function context(outcome: Outcome): Plain {
  return (outcome.spec.securityContext ?? {}) as Plain
}

function inContainer(outcome: Outcome, index = 0, group = 'containers'): Plain {
  return (((outcome.spec[group] as readonly Plain[])[index] as Plain).securityContext ?? {}) as Plain
}

function bundle(outcome: Outcome): string | undefined {
  return outcome.fixes.find(({ transform }) => transform === 'require-run-as-non-root')?.grade
}

const number = suite('the number')

number('comes from what is known, with the group, at the pod', () => {
  const outcome = run(one(), { images: { web: image(101) } })
  const { runAsNonRoot, runAsUser, runAsGroup } = context(outcome)
  assert.equal({ runAsNonRoot, runAsUser, runAsGroup }, { runAsNonRoot: true, runAsUser: 101, runAsGroup: 101 })
  assert.is(bundle(outcome), 'known')
})

number('is the one that the image steps down to', () => {
  const outcome = run(one(), { images: { web: image(50, 50, { stepsDownTo: fact({ uid: 70, gid: 71, by: 'gosu' }) }) } })
  assert.is(context(outcome).runAsUser, 70)
  assert.is(context(outcome).runAsGroup, 71)
})

number('is never followed by group 0, nor by a group that nobody named', () => {
  assert.is(context(run(one(), { images: { web: image(1000, 0) } })).runAsGroup, undefined)
  assert.is(context(run(one())).runAsGroup, undefined)
})

number('is ours where a record says that any works, and then it is known', () => {
  const outcome = run(one(), { images: { web: { runsAsNonRoot: fact('with-uid'), user: fact({ name: null, uid: null, gid: null }) } } })
  assert.is(context(outcome).runAsUser, 10001)
  assert.is(bundle(outcome), 'known')
})

number('stays out where USER is a number that no record names', () => {
  const outcome = run(one(), { images: { web: { runsAsNonRoot: fact('yes') } } })
  assert.is(context(outcome).runAsNonRoot, true)
  assert.is(context(outcome).runAsUser, undefined)
})

number('is asked for where the account has none', () => {
  assert.equal(lines(run(one(), { images: { web: image(null) } })), ['require-run-as-non-root web needs-knowledge'])
  assert.equal(lines(run(one(), { images: { web: { defaultUser: fact('app') } } })), ['require-run-as-non-root web needs-knowledge'])
})

number('is pinned on request only, beside a check that works', () => {
  const pod = one({ securityContext: { runAsNonRoot: true } })
  const images = { web: image(101, 101, { defaultUser: fact('101') }) }
  assert.is(inContainer(run(pod, { images })).runAsUser, undefined)
  const pinned = run(pod, { images, options: { pinUid: true } })
  assert.is(context(pinned).runAsUser ?? inContainer(pinned).runAsUser, 101)
})

number('repairs a check that the image cannot pass, or says that it cannot', () => {
  const pod = one({ securityContext: { runAsNonRoot: true } })
  const named = { defaultUser: fact('app') }
  const repaired = run(pod, { images: { web: image(7, 7, named) } })
  assert.match(repaired.fixes.find(({ transform }) => transform === 'require-run-as-non-root')?.risk ?? '', 'cannot start')
  const unknown = run(pod, { images: { web: named } })
  assert.match(unknown.reviews[0]?.message ?? '', 'cannot start as written')
})

number('of a record that needs more settings than can be written is a question', () => {
  assert.equal(lines(run(one(), { images: { web: image(101, 101, { runsAsNonRoot: fact('with-config') }) } })), ['require-run-as-non-root web needs-knowledge'])
})

number('of an image that needs root is not sought: one review, and only seccomp and escalation are written', () => {
  const outcome = run(one(), { images: { web: { runsAsNonRoot: fact('no'), rootRequired: fact('it starts services') } } })
  assert.equal(lines(outcome), ['require-run-as-non-root web by-design'])
  assert.match(outcome.reviews[0]?.message ?? '', 'runAsNonRoot, capabilities.drop and readOnlyRootFilesystem were left alone')
  assert.equal(fixLines(outcome), ['forbid-privilege-escalation web certain', 'set-seccomp-runtime-default - certain'])
})

number.run()

const parts = suite('the parts of the bundle')

parts('a variable that it needs is added once', () => {
  const images = { web: image(101, 101, { needsEnv: fact({ SKIP_CHOWN: 'true' }) }) }
  const outcome = run(one({ env: [{ name: 'A', value: '1' }] }), { images, options: { level: 'restricted' } })
  assert.equal((outcome.spec.containers as readonly Plain[])[0]?.env, [
    { name: 'A', value: '1' },
    { name: 'SKIP_CHOWN', value: 'true' },
  ])
  const set = run(one({ env: [{ name: 'SKIP_CHOWN', value: 'no' }] }), { images, options: { level: 'restricted' } })
  assert.equal((set.spec.containers as readonly Plain[])[0]?.env, [{ name: 'SKIP_CHOWN', value: 'no' }])
})

parts('a variable that moves a port is a question', () => {
  const images = { web: image(101, 101, { needsEnv: fact({ HTTP_PORT: '8080' }), ports: fact([80]) }) }
  assert.equal(lines(run(one(), { images })), ['require-run-as-non-root web low-port'])
})

parts('a low port that cannot be read is a question', () => {
  const known = image(101, 101, { ports: fact([80]), movesPort: fact({ HTTP_PORT: 80 }) })
  const env = [{ name: 'HTTP_PORT', valueFrom: { configMapKeyRef: { name: 'x', key: 'y' } } }]
  assert.equal(lines(run(one({ env }), { images: { web: known } })), ['require-run-as-non-root web low-port'])
})

parts('no port setting for kinds without a pod level, or where the image runs without root today', () => {
  const knative = run(
    {
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Service',
      metadata: { name: 'x' },
      spec: { template: { spec: { containers: [{ image: 'web', ports: [{ containerPort: 80 }] }] } } },
    },
    { allows: 'container' },
  )
  assert.equal(lines(knative), ['require-run-as-non-root containers[0] low-port'])
  const today = run(one({ ports: [{ containerPort: 80 }] }), { images: { web: image(101, 101, { defaultUser: fact('101') }) } })
  assert.is(context(today).sysctls, undefined)
})

const claim = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }
const mounted = { volumeMounts: [{ name: 'data', mountPath: '/data' }] }

parts('fsGroup is the run group, or the uid where that is 0', () => {
  const group = (gid: number): Json | undefined => context(run(one(mounted, claim), { images: { web: image(101, gid) } })).fsGroup
  assert.is(group(102), 102)
  assert.is(group(0), 101)
})

parts("fsGroup is not written for a claim that is mounted read-only, for an emptyDir, or beside the author's own", () => {
  const images = { web: image(101) }
  const group = (container: Plain, spec: Plain): Json | undefined => context(run(one(container, spec), { images })).fsGroup
  assert.is(group({ volumeMounts: [{ name: 'data', mountPath: '/data', readOnly: true }] }, claim), undefined)
  assert.is(group(mounted, { volumes: [{ name: 'data', emptyDir: {} }] }), undefined)
  assert.is(group(mounted, { ...claim, securityContext: { fsGroup: 5 } }), 5)
})

parts('fsGroup is not written where the image runs as this user today', () => {
  const outcome = run(one(mounted, claim), { images: { web: image(101, 101, { defaultUser: fact('101:101') }) } })
  assert.is(context(outcome).fsGroup, undefined)
  assert.is(bundle(outcome), 'known')
})

parts('a claim makes a change of user likely at most, and a shared one a question', () => {
  const images = { web: image(101) }
  assert.is(bundle(run(one(mounted, claim), { images })), 'likely')
  for (const shared of [
    { users: 2, modes: ['ReadWriteOnce'] },
    { users: 1, modes: ['ReadWriteMany'] },
  ])
    assert.equal(lines(run(one(mounted, claim), { images, survey: { claims: new Map([['/data', shared]]) } })), [
      'require-run-as-non-root web persistent-data',
      'drop-all-capabilities web depends',
    ])
})

parts('HOME goes where the image has it, for a number without an account', () => {
  const paths = [{ path: '/home/app/.cache', purpose: 'cache' as const, keepsImageContent: false, persistent: false }]
  const known: About = { runsAsNonRoot: fact('with-uid'), user: fact({ name: null, uid: null, gid: null }), home: fact('/home/app'), writablePaths: fact(paths) }
  const outcome = run(one(), { images: { web: known }, options: { level: 'restricted' } })
  assert.equal((outcome.spec.containers as readonly Plain[])[0]?.env, [{ name: 'HOME', value: '/home/app' }])
  const root = run(one(), { images: { web: { ...known, home: fact('/root'), writablePaths: fact([{ ...paths[0], path: '/root/.cache' } as (typeof paths)[0]]) } } })
  assert.equal(lines(root), ['require-run-as-non-root web needs-knowledge'])
})

parts('with a read-only root no volume is added for the user', () => {
  const known = image(101, 101, { writablePaths: fact([{ path: '/var/x', purpose: 'cache', keepsImageContent: false, persistent: false }]), ownedBy: fact({ '/var/x': 'root' }) })
  assert.ok(run(one(), { images: { web: known }, options: { level: 'restricted' } }).spec.volumes)
  assert.is(run(one({ securityContext: { readOnlyRootFilesystem: true } }), { images: { web: known } }).spec.volumes, undefined)
})

parts.run()

const placing = suite('where it goes')

const two = (first: Plain = {}, second: Plain = {}, spec: Plain = {}): Plain =>
  deployment({
    ...spec,
    containers: [
      { name: 'web', image: 'web', ...first },
      { name: 'side', image: 'side', ...second },
    ],
  })

placing('to the pod, with another number in its own container', () => {
  const outcome = run(two(), { images: { web: image(101), side: image(202) } })
  assert.is(context(outcome).runAsUser, 101)
  assert.equal([inContainer(outcome, 1).runAsUser, inContainer(outcome, 1).runAsGroup], [202, 202])
  assert.is(inContainer(outcome, 0).runAsUser, undefined)
})

placing('to the containers, when one is held back by its grade', () => {
  const setting: Setting = { images: { web: image(101) }, options: { atLeast: 'known' } }
  const outcome = run(two(), setting)
  assert.is(context(outcome).runAsNonRoot, undefined)
  assert.is(inContainer(outcome, 0).runAsNonRoot, true)
  assert.is(inContainer(outcome, 1).runAsNonRoot, undefined)
  const again = run(outcome.after, setting)
  assert.equal(again.fixes, [])
})

placing("the check beside the author's number is written even when the rest is held back", () => {
  const outcome = run(two({ securityContext: { runAsUser: 5 } }), { options: { atLeast: 'certain' } })
  assert.is(inContainer(outcome, 0).runAsNonRoot, true)
  assert.is(inContainer(outcome, 1).runAsNonRoot, undefined)
})

placing('with stage 2 only what is certain, whatever the grade allows', () => {
  const outcome = run(two({ securityContext: { runAsUser: 5 } }), { options: { stage: 2 } })
  assert.is(inContainer(outcome, 0).runAsNonRoot, true)
  assert.equal(inContainer(outcome, 0).capabilities, { drop: ['ALL'] })
  assert.is(inContainer(outcome, 1).capabilities, undefined)
})

placing('the pod carries no group where one image may be made for group 0', () => {
  const outcome = run(two(), { images: { web: image(101) } })
  assert.is(context(outcome).runAsUser, 101)
  assert.is(context(outcome).runAsGroup, undefined)
  assert.is(inContainer(outcome, 0).runAsGroup, 101)
  assert.is(inContainer(outcome, 1).runAsGroup, undefined)
})

placing('a container that works without a number keeps the pod free of one', () => {
  const outcome = run(two({}, { securityContext: { runAsNonRoot: true } }), { images: { web: image(101) } })
  assert.is(context(outcome).runAsNonRoot, true)
  assert.is(context(outcome).runAsUser, undefined)
  assert.is(inContainer(outcome, 0).runAsUser, 101)
})

placing('scope decides otherwise, but never lets the pod reach a container that stays root', () => {
  const images = { web: image(101) }
  const injected = deployment({ containers: [{ name: 'web', image: 'web' }] }, { labels: { 'sidecar.istio.io/inject': 'true' } })
  assert.is(context(run(injected, { images })).runAsUser, undefined)
  assert.is(context(run(injected, { images, options: { scope: 'pod' } })).runAsUser, 101)
  assert.is(context(run(one(), { images, options: { scope: 'container' } })).runAsUser, undefined)
  const disagrees = run(two({}, { securityContext: { runAsUser: 0 } }), { images, options: { scope: 'pod' } })
  assert.is(context(disagrees).runAsNonRoot, undefined)
})

placing('a label of the namespace counts as injection', () => {
  const outcome = run(one(), { images: { web: image(101) }, survey: { injectedNamespaces: new Map([['', 'istio-injection: enabled']]) } })
  assert.is(context(outcome).runAsUser, undefined)
  assert.is(inContainer(outcome).runAsUser, 101)
})

placing('two numbers that write one emptyDir are a question, unless a group covers them', () => {
  const spec = { volumes: [{ name: 'x', emptyDir: {} }] }
  const mount = { volumeMounts: [{ name: 'x', mountPath: '/x' }] }
  const images = { web: image(101), side: image(202) }
  assert.equal(lines(run(two(mount, mount, spec), { images })), ['require-run-as-non-root side depends'])
  assert.equal(lines(run(two(mount, mount, { ...spec, securityContext: { fsGroup: 3 } }), { images })), [])
})

placing('a root init container that fills a shared volume is a question, one that gives it away is not', () => {
  const pod = (command: readonly string[]): Plain =>
    deployment({
      initContainers: [{ name: 'init', image: 'init', command, volumeMounts: [{ name: 'x', mountPath: '/x' }] }],
      containers: [{ name: 'web', image: 'web', volumeMounts: [{ name: 'x', mountPath: '/x' }] }],
      volumes: [{ name: 'x', emptyDir: {} }],
    })
  const images = { web: image(101) }
  assert.equal(lines(run(pod(['sh', '-c', 'apt-get update']), { images })), ['require-run-as-non-root init needs-root', 'require-run-as-non-root web depends'])
  assert.equal(lines(run(pod(['chown', '-R', '101', '/x']), { images })), ['require-run-as-non-root init needs-root'])
  assert.equal(lines(run(pod(['chown', '-R', 'app', '/x']), { images })), ['require-run-as-non-root init needs-root'], 'by name')
  assert.equal(lines(run(pod(['chown', '-R', '7', '/x']), { images })), ['require-run-as-non-root init needs-root', 'require-run-as-non-root web depends'])
})

placing.run()

const places = suite('platforms')

places('OpenShift kinds beside the file keep the number out', () => {
  const outcome = run(one(), { images: { web: image(101) }, survey: { openshift: new Set(['']) } })
  assert.is(context(outcome).runAsUser, undefined)
  assert.is(context(outcome).runAsNonRoot, true)
  assert.is(bundle(outcome), 'likely')
  assert.is(context(run(one(), { images: { web: image(101) }, survey: { openshift: new Set(['']) }, options: { platform: 'kubernetes' } })).runAsUser, 101)
})

places('Windows by an affinity is Windows', () => {
  const term = { matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values: ['windows'] }] }
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } }
  assert.equal(fixLines(run(one({}, { affinity }))), ['require-run-as-non-root - assumed'])
})

places('a script of the tree that the container runs is a sign', () => {
  const pod = one({ command: ['/scripts/start.sh'], volumeMounts: [{ name: 's', mountPath: '/scripts' }] }, { volumes: [{ name: 's', configMap: { name: 'start' } }] })
  const survey = { rootScripts: new Map([['/start', { verb: 'useradd', file: 'start.yaml' }]]) }
  assert.equal(lines(run(pod, { survey })), ['require-run-as-non-root web needs-root'])
  assert.match(run(pod, { survey }).reviews[0]?.message ?? '', 'runs start (start.yaml), which calls useradd')
})

places('a Job says once that it must be made anew, and is left alone where nobody looks', () => {
  const job = workload('Job', { containers: [{ name: 'web', image: 'web' }] })
  assert.equal(lines(run(job)), ['require-run-as-non-root - immutable'])
  const held = run(job, { options: { atLeast: 'known' } })
  assert.equal(lines(held), ['require-run-as-non-root - immutable'])
  assert.equal(held.fixes, [])
  assert.equal(lines(run(workload('CronJob', { containers: [{ name: 'web', image: 'web' }] }))), [])
})

places.run()
