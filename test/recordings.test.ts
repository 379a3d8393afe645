/** Recordings of running containers: each producer's form, and what follows from what was seen. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { about, NO_SOURCES } from '../src/evidence/about.ts'
import { durationText, ofRecordings } from '../src/evidence/from-recording.ts'
import { readRecordings, targetOf } from '../src/evidence/recordings/read.ts'
import type { Recording } from '../src/evidence/recordings/recording.ts'
import { harden } from '../src/index.ts'
import type { About, ContainerName } from '../src/types.ts'

function read(text: string, target?: string, name = 'rec'): readonly Recording[] {
  const found = readRecordings(name, text, target === undefined ? undefined : targetOf(target))
  assert.ok('recordings' in found, 'mistake' in found ? found.mistake : '')
  return 'recordings' in found ? found.recordings : []
}

function mistake(text: string, target?: string): string {
  const found = readRecordings('rec', text, target === undefined ? undefined : targetOf(target))
  return 'mistake' in found ? found.mistake : 'none'
}

/** `/data` and, where files of the image were seen in it, `/etc!`. */
function written(text: string, target = 'corp/app:1'): readonly string[] {
  return (read(text, target)[0]?.directories ?? []).map(({ path, filled }) => path + (filled ? '!' : ''))
}

const profile = (containers: string, more = ''): string => `apiVersion: spdx.softwarecomposition.kubescape.io/v1beta1
kind: ApplicationProfile
metadata:
  name: deployment-web
  namespace: shop
${more}  labels:
    kubescape.io/workload-kind: Deployment
    kubescape.io/workload-name: web
spec:
  containers:
${containers}`

const opens = (...list: readonly (readonly [string, string])[]): string =>
  `  - name: app\n    opens:\n${list.map(([path, flags]) => `    - path: "${path}"\n      flags: [${flags}]\n`).join('')}`

const kubescape = suite('kubescape')
const shapes: readonly (readonly [string, string, readonly string[]])[] = [
  ['a file written: its directory', opens(['/var/log/app/out.log', 'O_WRONLY, O_APPEND']), ['/var/log/app']],
  ['a collapsed segment: the directory before it', opens(['/var/cache/app/⋯/⋯', 'O_RDWR']), ['/var/cache/app']],
  ['an asterisk for any number of segments', opens(['/data/*', 'O_CREAT']), ['/data']],
  ['a varying segment in the middle', opens(['/srv/jobs/⋯/state.json', 'O_WRONLY']), ['/srv/jobs']],
  ['read only: nothing', opens(['/etc/app.conf', 'O_RDONLY, O_CLOEXEC']), []],
  ['what the kernel and the kubelet give: nothing', opens(['/dev/null', 'O_RDWR'], ['/proc/self/oom_score_adj', 'O_WRONLY'], ['/etc/hosts', 'O_WRONLY']), []],
  ['anything below /tmp: /tmp', opens(['/tmp/a/b/c', 'O_WRONLY'], ['/tmp/x', 'O_WRONLY']), ['/tmp']],
  ['the outermost of nested ones', opens(['/data/x', 'O_WRONLY'], ['/data/deep/y', 'O_WRONLY']), ['/data']],
  ['three beside each other: the one above', opens(['/data/00/x', 'O_WRONLY'], ['/data/01/x', 'O_WRONLY'], ['/data/02/x', 'O_WRONLY']), ['/data']],
  ['but never /var/lib', opens(['/var/lib/a/x', 'O_WRONLY'], ['/var/lib/b/x', 'O_WRONLY'], ['/var/lib/c/x', 'O_WRONLY']), ['/var/lib/a', '/var/lib/b', '/var/lib/c']],
  ['files of the image beside what is written', opens(['/srv/app/db.sqlite', 'O_RDWR'], ['/srv/app/main.py', 'O_RDONLY']), ['/srv/app!']],
  ['a directory that is only listed is no file', opens(['/srv/app/db.sqlite', 'O_RDWR'], ['/srv/app/lib', 'O_RDONLY, O_DIRECTORY']), ['/srv/app']],
  ['read again what it wrote', opens(['/srv/app/db.sqlite', 'O_RDWR'], ['/srv/app/db.sqlite', 'O_RDONLY']), ['/srv/app']],
  ['what lies in /run is nobody’s', opens(['/run/app.pid', 'O_WRONLY'], ['/run/other.pid', 'O_RDONLY']), ['/run']],
  ['a write into /etc', opens(['/etc/app/x.conf', 'O_WRONLY'], ['/etc/y', 'O_WRONLY']), ['/etc!']],
  ['a write beside the folders of the system', opens(['/core', 'O_WRONLY']), ['/!']],
  ['below nothing that is fixed', opens(['/⋯/x', 'O_WRONLY']), ['/!']],
]
for (const [name, text, expected] of shapes)
  kubescape(name, () => {
    const [recording] = read(profile(text))
    assert.equal(
      recording?.directories?.map(({ path, filled }) => path + (filled ? '!' : '')),
      expected,
    )
  })

kubescape('whose it is, over what time, and whether it is whole', () => {
  const stamps =
    '  creationTimestamp: 2026-01-01T00:00:00Z\n  annotations:\n    kubescape.io/report-timestamp: 2026-01-02 02:00:09.5 +0000 UTC\n    kubescape.io/status: completed\n'
  const [whole] = read(profile('  - name: app\n    imageTag: corp/web:3\n    capabilities: [CAP_NET_RAW, CHOWN]\n', stamps))
  assert.equal(whole?.target, { workload: { kind: 'Deployment', name: 'web', namespace: 'shop' }, container: 'app', image: 'corp/web:3' })
  assert.equal(whole?.capabilities, ['NET_RAW', 'CHOWN'])
  assert.is(whole?.seconds, 93_609)
  assert.is(whole?.partial, false)
  assert.is(whole?.directories, undefined, 'without opens nobody looked at files')
  for (const annotation of ['kubescape.io/completion: partial', 'kubescape.io/status: too-large', 'kubescape.io/status: initializing'])
    assert.is(read(profile(opens(), `  annotations:\n    ${annotation}\n`))[0]?.partial, true, annotation)
})

kubescape('a ReplicaSet is its Deployment, and the wlid names it best', () => {
  const set = profile(opens()).replace('workload-kind: Deployment', 'workload-kind: ReplicaSet').replace('workload-name: web', 'workload-name: web-7fb96c846b')
  assert.equal(read(set)[0]?.target.workload, { kind: 'Deployment', name: 'web', namespace: 'shop' })
  const wlid = profile(opens(), '  annotations:\n    kubescape.io/wlid: wlid://cluster-a/namespace-shop/statefulset-data-base\n')
  assert.equal(read(wlid)[0]?.target.workload, { kind: 'statefulset', name: 'data-base', namespace: 'shop' })
})

kubescape('ContainerProfile, lists, several documents and JSON', () => {
  const one = {
    apiVersion: 'spdx.softwarecomposition.kubescape.io/v1beta1',
    kind: 'ContainerProfile',
    metadata: { name: 'x', labels: { 'kubescape.io/workload-kind': 'DaemonSet', 'kubescape.io/workload-name': 'agent', 'kubescape.io/workload-container-name': 'main' } },
    spec: { imageTag: 'corp/agent:1', imageID: `x@sha256:${'a'.repeat(64)}`, opens: [{ path: '/state/x', flags: ['O_RDWR'] }] },
  }
  const [json] = read(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [one, { kind: 'ConfigMap' }] }))
  assert.equal(json?.target, { workload: { kind: 'DaemonSet', name: 'agent' }, container: 'main', image: `corp/agent:1@sha256:${'a'.repeat(64)}` })
  assert.is(read(`${profile(opens())}---\n${JSON.stringify(one)}\n`).length, 2)
})

const others = suite('other producers')

others('docker diff', () => {
  assert.equal(written('C /var\nC /var/cache\nC /var/cache/nginx\nA /var/cache/nginx/client_temp\nC /run\nA /run/nginx.pid\n'), ['/run', '/var/cache/nginx'])
  assert.equal(written('A /data\nA /data/a\nA /data/a/1\n'), ['/data'], 'made by itself')
  assert.equal(written('C /etc\nC /etc/app\nC /etc/app/app.conf\n'), ['/etc/app!'], 'a file of the image')
  assert.equal(written('C /srv\nD /srv/old\nA /srv/new\n'), ['/srv!'])
  assert.equal(written('A /mnt\r\n'), ['/mnt'], 'a folder made for a mount')
  assert.equal(written('A /a.log\n'), ['/!'])
})

others('strace', () => {
  assert.equal(written('openat(AT_FDCWD, "/var/log/x", O_WRONLY|O_CREAT|O_APPEND, 0666) = 3\n'), ['/var/log!'])
  assert.equal(written('[pid    12] 10:00:00.5 mkdir("/state/sub", 0755) = 0\n[pid    12] 10:00:01 openat(AT_FDCWD, "/state/sub/f", O_RDWR|O_CREAT, 0600) = 4\n'), ['/state/sub'])
  assert.equal(written('12 open("/a/b", O_RDWR) = -1 ENOENT (No such file or directory)\n12 open("/c/d", O_RDWR) = -1 EROFS (Read-only file system)\n'), ['/c'])
  assert.equal(written('7 rename("/d/.tmp", "/d/real") = 0\n7 unlink("/e/x") = 0\n7 symlinkat("../x", AT_FDCWD, "/f/link") = 0\n'), ['/d', '/e', '/f'])
  assert.equal(
    written(
      '7 openat(AT_FDCWD, "/g/x", O_RDWR <unfinished ...>\n8 openat(AT_FDCWD, "/h/x", O_RDONLY) = 3\n7 <... openat resumed>) = 5\n7 rename("/i/a" <unfinished ...>\n7 <... rename resumed>, "/j/a") = 0\n',
    ),
    ['/g', '/i', '/j'],
  )
  assert.equal(written('7 chdir("/srv/app") = 0\n7 openat(AT_FDCWD, "db", O_RDWR|O_CREAT, 0600) = 3\n9 open("log", O_WRONLY) = 3\n'), ['/srv/app'])
  assert.equal(written('7 openat(3</k/l>, "a,b\\"c", O_RDWR) = 5</k/l/a>\n7 openat(4, "m", O_RDWR) = 6\n'), ['/k/l'], 'a descriptor without its path says nothing')
  assert.equal(written('7 openat2(AT_FDCWD, "/n/o", {flags=O_RDWR|O_CREAT, mode=0600, resolve=0}, 24) = 3\n'), ['/n'])
  assert.equal(written('7 openat(AT_FDCWD, "/q", O_RDWR|O_TMPFILE, 0600) = 3\n7 access("/r/s", W_OK) = 0\n'), ['/q'])
  assert.is(read('1700000000.000 execve("/bin/x", ["x"], 0x7ff /* 3 vars */) = 0\n1700000060.500 open("/t/u", O_RDWR) = 3\n', 'a:1')[0]?.seconds, 60.5)
  assert.is(read('23:59:30 execve("/bin/x", ["x"], 0x0) = 0\n00:00:30 open("/t/u", O_RDWR) = 3\n', 'a:1')[0]?.seconds, 60, 'past midnight')
  assert.is(read('     0.000000 execve("/bin/x", ["x"], 0x0) = 0\n     2.5 open("/t/u", O_RDWR) = 3\n', 'a:1')[0]?.seconds, 2.5, '-r')
})

others('AppArmor, as text and as the operator records it', () => {
  const text = `#include <tunables/global>
profile web flags=(attach_disconnected) {
  #include <abstractions/base>
  capability net_bind_service chown,
  deny /etc/** w,
  owner /var/log/web/*.log rw, # its log
  /var/lib/web/ w,
  /var/lib/web/db-[0-9] rwk,
  "/srv/my files/x" w,
  rw /run/web.pid,
  @{PROC}/@{pid}/stat r,
  @{HOME}/.x rw,
  /usr/bin/web ix,
}
`
  const [recording] = read(text, 'Deployment/web/app')
  assert.equal(recording?.target, { workload: { kind: 'Deployment', name: 'web' }, container: 'app' })
  assert.equal(
    recording?.directories?.map(({ path }) => path),
    ['/run', '/srv/my files', '/var/lib/web', '/var/log/web'],
  )
  assert.equal(recording?.capabilities, ['NET_BIND_SERVICE', 'CHOWN'])
  const object = `apiVersion: security-profiles-operator.x-k8s.io/v1alpha1
kind: AppArmorProfile
metadata: {name: rec-app}
spec:
  abstract:
    capability: {allowedCapabilities: [net_raw]}
    filesystem:
      readOnlyPaths: [/srv/web/index.html]
      writeOnlyPaths: [/var/log/web/access.log]
      readWritePaths: [/srv/web/cache/**, /srv/web/db]
`
  assert.equal(written(object), ['/srv/web!', '/var/log/web'])
  assert.equal(read(object, 'a:1')[0]?.capabilities, ['NET_RAW'])
  assert.match(mistake(object), /AppArmorProfile\) does not say whose it is; write --evidence IMAGE=rec or/)
})

others('a program that runs is a file of the image', () => {
  assert.equal(written('execve("/app/server", ["x"], 0x0) = 0\nopenat(AT_FDCWD, "/app/server.db", O_RDWR|O_CREAT, 0600) = 3\n'), ['/app!'])
  assert.equal(written('C /app\nA /app/app.log\n'), ['/app!'], 'a folder that is changed comes with the image')
  const [recording] = read(profile('  - name: app\n    execs: [{path: /app/server}]\n    opens: [{path: /app/data.db, flags: [O_RDWR]}]\n'))
  assert.equal(recording?.directories, [{ path: '/app', filled: true }])
})

others('what cannot be placed makes a recording partial, what allows everything says nothing', () => {
  const relative = read('mkdir("logs", 0777) = 0\nopenat(AT_FDCWD, "/x/y", O_RDWR) = 3\n', 'a:1')[0]
  assert.is(relative?.partial, true)
  assert.is(read('openat(AT_FDCWD, "lib", O_RDONLY) = 3\n', 'a:1')[0]?.partial, false, 'a read does not matter')
  assert.equal(written('bind(3, {sa_family=AF_UNIX, sun_path="/var/lib/app/app.sock"}, 110) = 0\n'), ['/var/lib/app'])
  const all = 'profile x {\n  capability chown,\n  file,\n  /var/log/a/** w,\n}\n'
  assert.is(read(all, 'a:1')[0]?.directories, undefined)
  assert.is(read('profile x {\n  /** rwk,\n}\n', 'a:1')[0]?.directories, undefined)
  assert.is(read('profile x {\n  owner @{HOME}/.cache/** rwk,\n  /var/log/web/*.log w,\n}\n', 'a:1')[0]?.partial, true)
})

others('a tree of hashed names is the one above it', () => {
  const names = Array.from({ length: 24 }, (_, i): readonly [string, string] => [`/var/cache/cdn/${i % 6}/${10 + i}/f${i}`, 'O_WRONLY'])
  assert.equal(read(profile(opens(...names)))[0]?.directories, [{ path: '/var/cache/cdn', filled: false }])
})

others('kinds go in any case, other names are images', () => {
  assert.equal(targetOf('deployment/web/app'), { workload: { kind: 'deployment', name: 'web' }, container: 'app' })
  assert.equal(targetOf('CloneSet/web'), { workload: { kind: 'CloneSet', name: 'web' } })
  for (const image of ['corp/app:1', 'corp/team/app', 'registry.example/a/b:1', 'nginx']) assert.equal(targetOf(image), { image })
})

others('what is no recording is said, with what is', () => {
  assert.match(mistake('hello\n', 'a:1'), /no recording that is known; ApplicationProfile/)
  assert.match(mistake('A /x\n'), /rec \(docker diff\) does not say whose it is/)
  assert.match(mistake('apiVersion: v1\nkind: Pod\n'), /rec holds Pod and no recording/)
  assert.match(mistake('apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SeccompProfile\n'), /lists system calls and no paths/)
  assert.match(mistake('apiVersion: v1\nkind: "x\n'), /^rec:\d+: /)
  assert.match(mistake(profile('  - name: a\n  - name: b\n'), 'a:1'), /recordings of 2 containers/)
  assert.match(mistake('\n'), /^rec is empty; for a container that wrote nothing say writablePaths: \[\]/)
})

const answers = suite('what follows')
const WEB: ContainerName = { kind: 'Deployment', namespace: 'shop', name: 'web', container: 'app' }
const seen = (text: string, image: string, container: ContainerName | undefined, rest: About = {}, target?: string): About =>
  ofRecordings(read(text, target), image, container, rest)

answers('by container, by image, and nobody else’s', () => {
  const text = profile(`${opens(['/state/x', 'O_RDWR'])}    imageTag: corp/web:3\n`)
  const own = seen(text, 'corp/web:3', WEB)
  assert.is(own.writablePaths?.grade, 'known')
  assert.is(own.pathsAreAll?.grade, 'likely')
  assert.is(own.recorded?.value, true)
  assert.is(own.writablePaths?.source, 'seen in rec (ApplicationProfile shop/deployment-web)')
  const newer = seen(text, 'corp/web:4', WEB)
  assert.is(newer.writablePaths?.grade, 'likely')
  assert.match(newer.writablePaths?.source ?? '', /, of corp\/web:3$/)
  assert.equal(seen(text, 'corp/other:3', WEB), {}, 'another program by now')
  assert.equal(seen(text, 'corp/web:4', { ...WEB, container: 'sidecar' }), {})
  assert.equal(seen(text, 'corp/x:1', { ...WEB, namespace: 'else' }), {})
  const byImage = seen(text, 'docker.io/corp/web:3', { ...WEB, name: 'copy' })
  assert.is(byImage.writablePaths?.grade, 'known')
  assert.is(byImage.recorded, undefined)
  assert.is(seen('A /run/x\n', 'corp/web:9', { ...WEB, namespace: 'any' }, {}, 'Deployment/web').writablePaths?.grade, 'known', 'by the user’s word, whatever the image')
})

answers('not whole: what else is written is assumed', () => {
  const part = seen(profile(opens(['/state/x', 'O_RDWR']), '  annotations:\n    kubescape.io/completion: partial\n'), 'a:1', WEB)
  assert.is(part.pathsAreAll?.grade, 'assumed')
  assert.match(part.pathsAreAll?.source ?? '', /which is not complete$/)
})

answers('capabilities of a start as root say nothing where the user is known', () => {
  const text = profile('  - name: app\n    capabilities: [CHOWN, SETUID, NET_RAW]\n')
  assert.equal(seen(text, 'a:1', WEB).capabilities?.value, ['CHOWN', 'NET_RAW', 'SETUID'])
  const rest: About = { user: { value: { name: 'app', uid: 5, gid: null }, grade: 'known', source: 'x' } }
  assert.equal(seen(text, 'a:1', WEB, rest).capabilities?.value, ['NET_RAW'])
})

answers('the recording of a container is not one of its base image', () => {
  const recordings = read(profile(opens(['/state/x', 'O_RDWR'])))
  const recorded = { of: (image: string, container: ContainerName | undefined, rest: About) => ofRecordings(recordings, image, container, rest) }
  const situation = { commandReplaced: true, env: new Map(), args: ['sh', '-c', 'x'] }
  const known = about('busybox:1.36', { ...situation, container: WEB }, { ...NO_SOURCES, recorded })
  assert.ok(known.writablePaths?.value.some(({ path }) => path === '/state'))
  assert.is(known.recorded?.value, true)
  assert.is(about('busybox:1.36', situation, { ...NO_SOURCES, recorded }).recorded, undefined)
})

answers('a shell that was recorded gets the volumes that it was seen to need', () => {
  const recordings = read(profile(opens(['/state/x', 'O_RDWR'])))
  const pod = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers:
      - name: app
        image: busybox:1.36
        command: [sh, -c, "while true; do date > /state/x; sleep 5; done"]
`
  const options = { atLeast: 'likely', only: ['set-read-only-root-filesystem'] } as const
  const { text } = harden(pod, { ...options, recorded: { of: (image, container, rest) => ofRecordings(recordings, image, container, rest) } })
  assert.match(text, /readOnlyRootFilesystem: true\n[^]*volumeMounts:\n +- name: state\n +mountPath: \/state\n +volumes:\n +- name: state\n +emptyDir: \{\}\n/)
  assert.is(harden(pod, options).text, pod, 'without it nothing is likely')
})

answers('times in words', () => {
  assert.equal([5, 119, 120, 7199, 7200, 172_799, 172_800].map(durationText), ['5 s', '119 s', '2 min', '119 min', '2 h', '47 h', '2 days'])
})

kubescape.run()
others.run()
answers.run()
