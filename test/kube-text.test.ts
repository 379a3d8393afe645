/** What is read from words: commands, paths, names of volumes and capabilities. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { foldCapability } from '../src/kube/capabilities.ts'
import { chownOnly, namesRootHome, rootVerb, syscallVerb } from '../src/kube/commands.ts'
import { cleanPath, isAtOrAbove } from '../src/kube/mounts.ts'
import { namedPaths } from '../src/kube/paths.ts'
import { modeText } from '../src/kube/persistence.ts'
import { volumeName } from '../src/kube/volumes.ts'
import type { Json } from '../src/types.ts'
import { deployment, podFor } from './pods.ts'

type Plain = { readonly [key: string]: Json }

function only(container: Plain, group: 'containers' | 'initContainers' = 'containers') {
  const found = podFor(deployment({ [group]: [{ name: 'it', image: 'x', ...container }] })).containers[0]
  if (found === undefined) throw new Error('no container')
  return found
}

const words = suite('words')

words('finds what only root may run, as a command and not as a part of a word', () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ['apt-get update', 'apt-get'],
    ['set -e; chown -R 1000 /data', 'chown'],
    ['/usr/bin/sudo -E start', 'sudo'],
    ['exec gosu app "$@"', 'gosu'],
    ['(mount /dev/sda1 /mnt)', 'mount'],
    ['true && iptables -t nat -A OUTPUT', 'iptables'],
    ['--mount-path=/data', undefined],
    ['cp app.apk /out', undefined],
    ['cd /mount && ls', undefined],
    ['ls /data/mount', undefined],
    ['echo result', undefined],
    ['issue', undefined],
  ]
  for (const [text, verb] of table) assert.is(rootVerb(text), verb, text)
})

words('finds the home of root, and no other directory that begins alike', () => {
  for (const text of ['/root', '/root/.ssh', 'cp x /root/', 'HOME=/root', '"/root/.kube"']) assert.ok(namesRootHome(text), text)
  for (const text of ['/rootfs', '/host/root', '/var/www/root/x', 'root', '/roots/x']) assert.not.ok(namesRootHome(text), text)
})

words('knows programs that need more system calls', () => {
  assert.is(syscallVerb(only({ command: ['/usr/bin/buildah', 'bud'] }))?.verb, 'buildah')
  assert.is(syscallVerb(only({ args: ['sh', '-c', 'unshare -r id'] }))?.verb, 'unshare')
  assert.is(syscallVerb(only({ args: ['--podman-socket'] })), undefined)
})

words('takes an init container for one that only sets owners when it does nothing else', () => {
  const table: readonly (readonly [readonly string[], string | undefined | false])[] = [
    [['chown', '-R', '1000:1000', '/data'], '1000'],
    [['sh', '-c', 'mkdir -p /data/x && chown -R redis:redis /data'], 'redis'],
    [['/bin/bash', '-ec', 'chmod 777 /data\nchmod 700 /data/x'], undefined],
    [['sh', '-c', 'chown 1:1 /a; chown 2:2 /b'], undefined],
    [['sh', '-c', 'chown -R 1000 /data && cp /app/x /data'], false],
    [['sh', '-c', 'mkdir -p /data'], false],
    [['sh', '-c', 'apt-get update'], false],
  ]
  for (const [command, owner] of table) {
    const found = chownOnly(only({ command }, 'initContainers'))
    if (owner === false) assert.is(found, undefined, command.join(' '))
    else assert.is(found?.owner, owner, command.join(' '))
  }
  assert.is(chownOnly(only({ command: ['chown', '1', '/data'] })), undefined, 'a regular container')
  assert.is(chownOnly(only({ command: ['chown', '1', '/data'], restartPolicy: 'Always' }, 'initContainers')), undefined, 'a sidecar')
})

words('takes variables and flags for paths to write only where name and place say so', () => {
  const env = (name: string, value: string): readonly string[] => namedPaths(only({ env: [{ name, value }] })).map(({ path }) => path)
  assert.equal(env('CACHE_DIR', '/var/cache/app/'), ['/var/cache/app'])
  assert.equal(env('LOG_FILE', '/var/log/app/app.log'), ['/var/log/app'])
  assert.equal(env('DATA_PATH', '/app/data'), ['/app/data'])
  assert.equal(env('PIDFILE', '/var/run/app/app.pid'), ['/var/run/app'])
  assert.equal(env('HEALTH_PATH', '/healthz'), [], 'a route')
  assert.equal(env('CONFIG_DIR', '/app/data'), [], 'read, not written')
  assert.equal(env('PATH', '/usr/bin:/bin'), [])
  assert.equal(env('APP_HOME', '/opt/app'), [], 'the program itself')
  assert.equal(env('TMPDIR', '$HOME/tmp'), [], 'not one path')
  assert.equal(env('DATA_DIR', '/proc/data'), [], 'never ours')
  const args = (...list: string[]): readonly string[] => namedPaths(only({ args: list })).map(({ path }) => path)
  assert.equal(args('--data-dir=/data', '--log-dir', '/logs', '--port', '/tmp'), ['/data', '/logs'])
})

words('cleans paths, and knows that /var/run is /run', () => {
  const table: readonly (readonly [string, string])[] = [
    ['/tmp/', '/tmp'],
    ['//a//b', '/a/b'],
    ['/a/../b', '/b'],
    ['/a/./b', '/a/b'],
    ['/', '/'],
    ['/var/run', '/run'],
    ['/var/run/x', '/run/x'],
    ['/var/runner', '/var/runner'],
  ]
  for (const [path, clean] of table) assert.is(cleanPath(path), clean, path)
  assert.ok(isAtOrAbove('/', '/tmp'))
  assert.ok(isAtOrAbove('/tmp', '/tmp'))
  assert.not.ok(isAtOrAbove('/tm', '/tmp'))
})

words('names volumes shortly, as DNS labels', () => {
  const table: readonly (readonly [string, string])[] = [
    ['/tmp', 'tmp'],
    ['/var/cache/nginx', 'cache-nginx'],
    ['/var/run', 'run'],
    ['/run/App_1', 'run-app-1'],
    ['/opt/bitnami/nginx/tmp', 'nginx-tmp'],
    ['/data', 'data'],
    ['/home/node/.npm', 'node-npm'],
    ['/...', 'writable'],
    ['/kube-api-access-x', 'vol-kube-api-access-x'],
  ]
  for (const [path, name] of table) assert.is(volumeName(path), name, path)
  assert.is(volumeName(`/${'x'.repeat(100)}`).length, 63)
})

words('folds capability names, and shows modes as people write them', () => {
  for (const name of ['cap_net_raw', 'NET_RAW', ' CAP_NET_RAW']) assert.is(foldCapability(name), 'NET_RAW')
  assert.is(modeText(0o400), '0400')
  assert.is(modeText(400), '400 (decimal, that is 0620)')
})

words.run()
