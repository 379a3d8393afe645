/** What is held back, and that each cause is said once. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { About, Grade, Json } from '../src/types.ts'
import { deployment, fixLines, lines, type Outcome, run } from './pods.ts'

type Plain = { readonly [key: string]: Json }

function fact<T>(value: T, grade: Grade = 'known') {
  return { value, grade, source: 'a test' }
}

const one = (container: Plain = {}, spec: Plain = {}): Plain => deployment({ ...spec, containers: [{ name: 'web', image: 'web', ...container }] })
const hostPath = (name: string, path: string): Plain => ({ name, hostPath: { path } })

function first(outcome: Outcome): Plain {
  return (outcome.spec.containers as readonly Plain[])[0] as Plain
}

const signs = suite('signs')

signs('each withholds the user, the drop and the read-only root, in one review', () => {
  const table: Readonly<Record<string, Plain>> = {
    'an added capability': one({ securityContext: { capabilities: { add: ['NET_RAW'] } } }),
    'the home of root as a mount': one({ volumeMounts: [{ name: 'x', mountPath: '/root/.ssh' }] }, { volumes: [{ name: 'x', secret: { secretName: 'x' } }] }),
    'the home of root in a variable': one({ env: [{ name: 'CONF', value: '/root/conf' }] }),
    'the home of root as working directory': one({ workingDir: '/root' }),
    'a device': one({ resources: { limits: { 'smarter-devices/fuse': 1 } } }),
    'a claim of a device': one({ resources: { claims: [{ name: 'x' }] } }),
    'a block device': one({ volumeDevices: [{ name: 'x', devicePath: '/dev/xvda' }] }, { volumes: [{ name: 'x', persistentVolumeClaim: { claimName: 'x' } }] }),
    'a command of root in a hook': one({ lifecycle: { postStart: { exec: { command: ['sh', '-c', 'sysctl -w x=1'] } } } }),
  }
  for (const [name, pod] of Object.entries(table)) {
    const outcome = run(pod)
    assert.equal(lines(outcome), ['require-run-as-non-root web needs-root'], name)
    assert.equal(fixLines(outcome), ['forbid-privilege-escalation web certain', 'set-seccomp-runtime-default - certain'], name)
  }
})

signs('are none: NET_BIND_SERVICE, a graphics card, certificates of the node', () => {
  const table: Readonly<Record<string, Plain>> = {
    'the one capability that restricted allows': one({ securityContext: { capabilities: { add: ['NET_BIND_SERVICE'] } } }),
    'a graphics card': one({ resources: { limits: { 'nvidia.com/gpu': 1, cpu: '1' } } }),
    'huge pages': one({ resources: { limits: { 'hugepages-2Mi': '4Mi' } } }),
  }
  for (const [name, pod] of Object.entries(table)) assert.equal(lines(run(pod)), [], name)
})

signs('leave what the author has written already, and then say nothing', () => {
  const securityContext = { runAsUser: 5, runAsNonRoot: true, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true }
  assert.equal(lines(run(one({ workingDir: '/root', securityContext }))), [])
})

signs('speak through the first transform that runs', () => {
  const pod = one({ workingDir: '/root' })
  assert.equal(lines(run(pod, { options: { skip: ['require-run-as-non-root'] } })), ['drop-all-capabilities web needs-root'])
  assert.equal(lines(run(pod, { options: { only: ['set-read-only-root-filesystem'] } })), ['set-read-only-root-filesystem web needs-root'])
})

signs('three of them, one of the node, make an agent with one review', () => {
  const pod = one(
    {
      volumeMounts: [
        { name: 'a', mountPath: '/a' },
        { name: 'b', mountPath: '/b', readOnly: true },
      ],
      ports: [{ containerPort: 1, hostPort: 1 }],
    },
    { hostPID: true, hostNetwork: true, volumes: [hostPath('a', '/etc/cni'), hostPath('b', '/var/log')] },
  )
  assert.equal(lines(run(pod)), ['forbid-host-access web by-design'])
  assert.equal(lines(run(pod, { options: { skip: ['forbid-host-access'] } })), ['forbid-privileged web by-design'])
})

signs('two of them and an image known as an agent do as well', () => {
  const pod = one(
    {
      volumeMounts: [
        { name: 'a', mountPath: '/a', readOnly: true },
        { name: 'b', mountPath: '/b', readOnly: true },
      ],
    },
    { volumes: [hostPath('a', '/var/log/pods'), hostPath('b', '/var/lib/docker/containers')] },
  )
  assert.equal(lines(run(pod)), ['forbid-host-access - author-chose', 'require-run-as-non-root web needs-root'])
  assert.equal(lines(run(pod, { images: { web: { hostAgent: fact(true) } } })), ['forbid-host-access web by-design'])
})

signs('a privileged container has one review and nothing is written into it', () => {
  for (const more of [{ seccompProfile: { type: 'Unconfined' }, procMount: 'Unmasked' }, { runAsUser: 5 }, {}]) {
    const outcome = run(one({ securityContext: { privileged: true, ...more } }))
    assert.equal(lines(outcome), ['forbid-privileged web author-chose'])
    assert.equal(outcome.fixes, [])
  }
})

signs.run()

const escalation = suite('escalation and seccomp')

escalation('an image that calls sudo, or that is setuid, keeps escalation', () => {
  for (const known of [{ needsSudo: fact(true as const) }, { usesSetuid: fact(true as const) }])
    assert.ok(lines(run(one(), { images: { web: known } })).includes('forbid-privilege-escalation web by-design'))
})

escalation('SYS_ADMIN in any spelling keeps false away', () => {
  for (const name of ['SYS_ADMIN', 'CAP_SYS_ADMIN', 'sys_admin', 'ALL']) {
    const outcome = run(one({ securityContext: { capabilities: { add: [name] } } }))
    assert.is((first(outcome).securityContext as Plain).allowPrivilegeEscalation, undefined, name)
    assert.match(outcome.reviews[0]?.message ?? '', 'allowPrivilegeEscalation', name)
  }
})

escalation('an image that needs more system calls keeps the profile off the pod', () => {
  const pod = deployment({
    containers: [
      { name: 'web', image: 'web' },
      { name: 'side', image: 'side' },
    ],
  })
  const outcome = run(pod, { images: { web: { needsSyscalls: fact(['mount']) } }, options: { only: ['set-seccomp-runtime-default'] } })
  assert.equal(lines(outcome), ['set-seccomp-runtime-default web by-design'])
  assert.is(outcome.spec.securityContext, undefined)
  assert.equal((outcome.spec.containers as readonly Plain[])[1]?.securityContext, { seccompProfile: { type: 'RuntimeDefault' } })
})

escalation('without root such an image is a question', () => {
  const known: About = { needsSyscalls: fact(['clone']), defaultUser: fact(null), user: fact({ name: 'pw', uid: 1000, gid: 1000 }), runsAsNonRoot: fact('with-uid') }
  assert.ok(lines(run(one(), { images: { web: known } })).includes('require-run-as-non-root web needs-knowledge'))
})

escalation('an ephemeral container is reported, not changed', () => {
  const outcome = run(deployment({ containers: [{ name: 'web', image: 'web' }], ephemeralContainers: [{ name: 'debug', image: 'debug' }] }))
  assert.ok(lines(outcome).includes('forbid-privilege-escalation debug immutable'))
  assert.equal(outcome.spec.ephemeralContainers, [{ name: 'debug', image: 'debug' }])
})

escalation.run()

const drop = suite('the drop of all capabilities')

drop('is certain without root, assumed where root is possible', () => {
  const grade = (pod: Plain): string | undefined => run(pod, { options: { only: ['drop-all-capabilities'] } }).fixes[0]?.grade
  assert.is(grade(one({ securityContext: { runAsUser: 5 } })), 'certain')
  assert.is(grade(one({}, { securityContext: { runAsNonRoot: true } })), 'certain')
  assert.is(grade(one()), 'assumed')
})

drop('waits for the number of an image that steps down, and says so once', () => {
  const known: About = { stepsDownTo: fact({ uid: null, gid: null, by: 'gosu' }), user: fact({ name: 'db', uid: null, gid: null }), runsAsNonRoot: fact('with-uid') }
  const outcome = run(one(), { images: { web: known }, options: { level: 'restricted' } })
  assert.equal(lines(outcome), ['require-run-as-non-root web needs-knowledge'])
  assert.match(outcome.reviews[0]?.message ?? '', 'runAsNonRoot and capabilities.drop were left alone')
  assert.equal(lines(run(one(), { images: { web: known }, options: { only: ['drop-all-capabilities'] } })), ['drop-all-capabilities web depends'])
})

drop('adds NET_BIND_SERVICE for a file capability, asks about any other', () => {
  const bind = run(one({ securityContext: { runAsUser: 5 } }), { images: { web: { fileCapabilities: fact(['NET_BIND_SERVICE']) } } })
  assert.equal((first(bind).securityContext as Plain).capabilities, { drop: ['ALL'], add: ['NET_BIND_SERVICE'] })
  const raw = run(one({ securityContext: { runAsUser: 5 } }), { images: { web: { fileCapabilities: fact(['NET_RAW']) } } })
  assert.equal(lines(raw), ['drop-all-capabilities web by-design'])
})

drop('touches no unreadable list, and says why once', () => {
  for (const capabilities of ['all', ['drop'], { drop: 'ALL' }, { drop: ['X'], add: 'Y' }] as readonly Json[]) {
    const outcome = run(one({ securityContext: { runAsUser: 5, capabilities } }))
    assert.equal(
      lines(outcome).filter((text) => text.startsWith('drop')),
      ['drop-all-capabilities web wrong-type'],
      JSON.stringify(capabilities),
    )
  }
})

drop.run()
