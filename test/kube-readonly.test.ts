/** The read-only root filesystem and its volumes. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { About, Grade, Json, WritablePath } from '../src/types.ts'
import { deployment, lines, type Outcome, run, workload } from './pods.ts'

type Plain = { readonly [key: string]: Json }

function fact<T>(value: T, grade: Grade = 'known') {
  return { value, grade, source: 'a test' }
}

function writes(...paths: readonly (string | Partial<WritablePath>)[]): About {
  const list = paths.map((one): WritablePath => ({ path: '', purpose: 'cache', keepsImageContent: false, persistent: false, ...(typeof one === 'string' ? { path: one } : one) }))
  return { writablePaths: fact(list), readOnlyRootSeen: fact('documented') }
}

const nonRoot = { runAsUser: 5, runAsNonRoot: true }
const only = { only: ['set-read-only-root-filesystem'] }
const one = (container: Plain = {}, spec: Plain = {}): Plain => deployment({ securityContext: nonRoot, ...spec, containers: [{ name: 'web', image: 'web', ...container }] })

function first(outcome: Outcome): Plain {
  return (outcome.spec.containers as readonly Plain[])[0] as Plain
}

function paths(outcome: Outcome): readonly string[] {
  return ((first(outcome).volumeMounts ?? []) as readonly Plain[]).map(({ name, mountPath, subPath }) => `${name}:${mountPath}${subPath === undefined ? '' : `:${subPath}`}`)
}

const grades = suite('how sure it is')

grades("known only where somebody was seen doing it, with the image's own command", () => {
  const grade = (known: About, container: Plain = {}): string | undefined => run(one(container), { images: { web: known }, options: only }).fixes[0]?.grade
  assert.is(grade(writes('/x')), 'known')
  assert.is(grade({ ...writes('/x'), readOnlyRootSeen: fact('third-party-manifest') }), 'likely')
  assert.is(grade({ writablePaths: fact([]) }), 'likely')
  assert.is(grade(writes('/x'), { command: ['x'] }), 'likely')
  assert.is(grade({}), 'assumed')
  assert.is(grade({ ...writes(), toolbox: fact(true) }, { args: ['x'] }), 'assumed')
})

grades.run()

const shape = suite('the volumes')

shape('one each up to two paths, one for all from three on', () => {
  const mounts = (...list: string[]): readonly string[] => paths(run(one(), { images: { web: writes(...list) }, options: only }))
  assert.equal(mounts('/tmp'), ['tmp:/tmp'])
  assert.equal(mounts('/tmp', '/var/cache/x'), ['tmp:/tmp', 'cache-x:/var/cache/x'])
  assert.equal(mounts('/tmp', '/a', '/b'), ['writable:/tmp:tmp', 'writable:/a:a', 'writable:/b:b'])
  assert.equal(mounts('/a', '/a/b', '/a/'), ['a:/a/'], 'the outermost, once')
})

shape('no volume where a writable mount stands at or above, and none at places of the system', () => {
  const known = { web: writes('/srv/x', '/dev/shm', '/proc/y') }
  assert.equal(paths(run(one({ volumeMounts: [{ name: 's', mountPath: '/srv/' }] }, { volumes: [{ name: 's', emptyDir: {} }] }), { images: known, options: only })), ['s:/srv/'])
})

shape('a mount below does not help, and a read-only one at the path is a question', () => {
  const volumes = [{ name: 's', emptyDir: {} }]
  const below = run(one({ volumeMounts: [{ name: 's', mountPath: '/srv/x/y' }] }, { volumes }), { images: { web: writes('/srv/x') }, options: only })
  assert.equal(
    paths(below),
    ['s:/srv/x/y', 'srv-x:/srv/x'].map((text) => text.replace('srv-x', 'x')),
  )
  const closed = run(one({ volumeMounts: [{ name: 's', mountPath: '/srv/x', readOnly: true }] }, { volumes }), { images: { web: writes('/srv/x') }, options: only })
  assert.equal(lines(closed), ['set-read-only-root-filesystem web needs-knowledge'])
})

shape('names are free in the whole pod: volumes, claim templates, and what mounts refer to', () => {
  const pod = workload(
    'StatefulSet',
    {
      securityContext: nonRoot,
      containers: [
        { name: 'web', image: 'web' },
        { name: 'side', image: 'side', volumeMounts: [{ name: 'a', mountPath: '/z' }] },
      ],
      volumes: [{ name: 'tmp', secret: { secretName: 'x' } }],
    },
    { volumeClaimTemplates: [{ metadata: { name: 'tmp-web' } }] },
  )
  const outcome = run(pod, { images: { web: writes('/tmp', '/a'), side: writes() }, options: only })
  assert.equal(paths(outcome), ['tmp-web-2:/tmp', 'a-web:/a'])
})

shape('an unused emptyDir is taken first, the one with the right name before others', () => {
  const volumes = [
    { name: 'scratch', emptyDir: {} },
    { name: 'tmp', emptyDir: {} },
    { name: 'pages', emptyDir: { medium: 'HugePages' } },
  ]
  assert.equal(paths(run(one({}, { volumes }), { images: { web: writes('/tmp', '/a') }, options: only })), ['tmp:/tmp', 'scratch:/a'])
})

shape('containers share no volume, init containers included', () => {
  const outcome = run(deployment({ securityContext: nonRoot, initContainers: [{ name: 'init', image: 'x' }], containers: [{ name: 'web', image: 'x' }] }), { options: only })
  assert.equal(paths(outcome), ['tmp-web:/tmp'])
  assert.equal(outcome.spec.volumes, [
    { name: 'tmp', emptyDir: {} },
    { name: 'tmp-web', emptyDir: {} },
  ])
})

shape("the user's paths and those of the root share one volume from three on", () => {
  const known: About = {
    ...writes('/a', '/b', '/tmp'),
    user: fact({ name: 'app', uid: 7, gid: 7 }),
    runsAsNonRoot: fact('with-uid'),
    ownedBy: fact({ '/a': 'root', '/b': 'image-user' }),
  }
  const outcome = run(deployment({ containers: [{ name: 'web', image: 'web' }] }), { images: { web: known } })
  assert.equal(paths(outcome), ['writable:/a:a', 'writable:/b:b', 'writable:/tmp:tmp'])
  assert.equal(outcome.spec.volumes, [{ name: 'writable', emptyDir: {} }])
})

shape('the note on draining comes with the first volume only', () => {
  const risks = run(
    deployment({
      securityContext: nonRoot,
      containers: [
        { name: 'a', image: 'x' },
        { name: 'b', image: 'x' },
      ],
    }),
    { options: only },
  ).fixes.map(({ risk }) => risk?.includes('drain'))
  assert.equal(risks, [true, false])
})

shape('lists that cannot be read in full get nothing', () => {
  for (const spec of [{ volumes: 'x' }, { volumes: { name: 'x' } }] as readonly Plain[])
    assert.equal(lines(run(one({}, spec), { options: only })), ['set-read-only-root-filesystem web opaque'], JSON.stringify(spec))
})

shape.run()

const held = suite('what is held back')

held('an image that ships files at the path: one review, for the user too where that needs the volume', () => {
  const known: About = {
    ...writes({ path: '/opt/x', keepsImageContent: true }),
    ownedBy: fact({ '/opt/x': 'root' }),
    user: fact({ name: 'app', uid: 7, gid: 7 }),
    runsAsNonRoot: fact('with-uid'),
  }
  const options = { skip: ['require-run-as-non-root'] }
  assert.equal(lines(run(one(), { images: { web: known }, options })), ['set-read-only-root-filesystem web image-content'])
  const both = run(deployment({ containers: [{ name: 'web', image: 'web' }] }), { images: { web: known } })
  assert.equal(lines(both), ['require-run-as-non-root web image-content'])
  assert.match(both.reviews[0]?.message ?? '', 'runAsNonRoot and readOnlyRootFilesystem were left alone')
})

held('data: lost as before in a Deployment, a question in a StatefulSet', () => {
  const images = { web: writes({ path: '/data', persistent: true }) }
  assert.match(run(one(), { images, options: only }).fixes[0]?.risk ?? '', 'lost with the pod, as before')
  const set = workload('StatefulSet', { securityContext: nonRoot, containers: [{ name: 'web', image: 'web' }] })
  assert.equal(lines(run(set, { images, options: only })), ['set-read-only-root-filesystem web persistent-data'])
})

held('nothing is mounted above a claim template', () => {
  const set = workload(
    'StatefulSet',
    { securityContext: nonRoot, containers: [{ name: 'web', image: 'web', volumeMounts: [{ name: 'd', mountPath: '/var/lib/x/data' }] }] },
    { volumeClaimTemplates: [{ metadata: { name: 'd' } }] },
  )
  assert.equal(lines(run(set, { images: { web: writes('/var/lib/x') }, options: only })), ['set-read-only-root-filesystem web persistent-data'])
})

held('an init container that sets owners gets it without volumes, unless it reaches outside its mounts', () => {
  const pod = (target: string): Plain =>
    deployment({
      initContainers: [{ name: 'own', image: 'x', command: ['chown', '-R', '5', target], volumeMounts: [{ name: 'd', mountPath: '/d' }] }],
      containers: [{ name: 'web', image: 'web', securityContext: { ...nonRoot, readOnlyRootFilesystem: true } }],
      volumes: [{ name: 'd', emptyDir: {} }],
    })
  assert.equal(
    run(pod('/d/x'), { options: only }).fixes.map(({ grade }) => grade),
    ['certain'],
  )
  assert.equal(run(pod('/etc'), { options: only }).fixes, [])
})

held('HOME is said for a number of ours, not for one of the image or of the author', () => {
  const env = (container: Plain, known: About = {}): Json | undefined =>
    first(run(deployment({ containers: [{ name: 'web', image: 'web', ...container }] }), { images: { web: known } })).env
  assert.equal(env({}), [{ name: 'HOME', value: '/tmp' }])
  assert.is(env({ securityContext: { runAsUser: 5 } }), undefined)
  assert.is(env({}, { user: fact({ name: 'app', uid: 10001, gid: 10001 }), runsAsNonRoot: fact('with-uid') }), undefined)
  assert.equal(env({ env: [{ name: 'HOME', value: '/app' }] }), [{ name: 'HOME', value: '/app' }])
  assert.is(env({ envFrom: [{ secretRef: { name: 'x' } }] }), undefined)
})

held.run()
