/** Signs, in the manifest, that a container needs root or the node. Computed once per container. */
import type { Container, Context, Node, Path, Pod } from '../types.ts'
import { about } from './about.ts'
import { capabilitiesOf } from './capabilities.ts'
import { allWords, chownOnly, envOf, namesRootHome, rootVerb } from './commands.ts'
import { child, itemsAt, specOf, stateAt, textOf, valueAt } from './fields.ts'
import { isCertainlyNonRoot, isPrivileged } from './effective.ts'
import { looksLikeServer } from './looks.ts'
import { cleanPath, isAtOrAbove, mountsOf, volumesOf } from './mounts.ts'

export interface Sign {
  readonly kind: 'privileged' | 'capability' | 'namespace' | 'host-path' | 'device' | 'network-volume' | 'root-home' | 'root-verb' | 'script' | 'server'
  /** It reaches for the node, not only for root. */
  readonly host: boolean
  /** For people: the field and its value. */
  readonly text: string
  /** From the template. */
  readonly at: Path
}

const HOST_DIRECTORIES = ['/var/log', '/var/lib/docker', '/var/lib/containerd', '/var/lib/kubelet', '/dev', '/sys', '/proc']
const NETWORK_KINDS = new Set(['nfs', 'cephfs', 'glusterfs', 'azureFile', 'quobyte'])
const GPU = /gpu|mig-|tpu|neuron|\bcuda/i
const memo = new WeakMap<Container, { readonly survey: Context['survey']; readonly signs: readonly Sign[] }>()

export function signsOf(pod: Pod, container: Container, context: Context): readonly Sign[] {
  const known = memo.get(container)
  if (known !== undefined && known.survey === context.survey) return known.signs
  const signs = [
    ...privilegeSigns(container),
    ...namespaceSigns(pod),
    ...volumeSigns(pod, container),
    ...deviceSigns(container),
    ...commandSigns(container),
    ...scriptSigns(pod, container, context),
    ...serverSigns(pod, container, context),
  ]
  memo.set(container, { survey: context.survey, signs })
  return signs
}

/**
 * Three signs or more, at least one of them of the node: an agent, whose only cure is to leave it be. A helper
 * beside one that shares its host namespaces, and shows nothing else, belongs to it.
 */
export function isHostAgent(pod: Pod, container: Container, context: Context): boolean {
  if (isAgentItself(pod, container, context)) return true
  const signs = signsOf(pod, container, context)
  return signs.length > 0 && signs.every(({ kind }) => kind === 'namespace') && pod.containers.some((other) => isAgentItself(pod, other, context))
}

function isAgentItself(pod: Pod, container: Container, context: Context): boolean {
  const signs = signsOf(pod, container, context)
  if (!signs.some(({ host }) => host)) return false
  return signs.length + (about(pod, container, context).hostAgent === undefined ? 0 : 1) >= 3
}

/** An init container that only sets owners and modes, and shows no sign beyond that. */
export function isChownInit(pod: Pod, container: Container, context: Context): boolean {
  return chownOnly(container) !== undefined && signsOf(pod, container, context).every(({ kind }) => kind === 'root-verb')
}

function* privilegeSigns(container: Container): Iterable<Sign> {
  if (isPrivileged(container)) yield { kind: 'privileged', host: true, text: 'privileged: true', at: [...container.path, 'securityContext', 'privileged'] }
  for (const { name, written, index } of capabilitiesOf(container, 'add'))
    if (name !== 'NET_BIND_SERVICE')
      yield {
        kind: 'capability',
        host: true,
        text: `capabilities.add: ${written}`,
        at: [...container.path, 'securityContext', 'capabilities', 'add', index],
      }
}

function* namespaceSigns(pod: Pod): Iterable<Sign> {
  for (const field of ['hostPID', 'hostIPC'])
    if (valueAt(specOf(pod), [field], 'boolean') === true) yield { kind: 'namespace', host: true, text: `${field}: true`, at: ['spec', field] }
}

function* volumeSigns(pod: Pod, container: Container): Iterable<Sign> {
  const mounts = mountsOf(container)
  if (mounts.length === 0) return
  const volumes = new Map(volumesOf(pod).map((volume) => [volume.name, volume]))
  for (const mount of mounts) {
    const at = [...container.path, 'volumeMounts', mount.index]
    if (isAtOrAbove('/root', mount.path)) yield { kind: 'root-home', host: false, text: `mountPath: ${mount.path}`, at }
    const volume = volumes.get(mount.volume)
    if (volume === undefined) continue
    if (NETWORK_KINDS.has(volume.kind)) yield { kind: 'network-volume', host: false, text: `volume ${volume.name} is ${volume.kind}, whose server decides by uid`, at }
    if (volume.kind !== 'hostPath') continue
    const path = textOf(child(volume.source, 'path'))
    const clean = path === undefined ? undefined : cleanPath(path)
    if (!mount.readOnly) yield { kind: 'host-path', host: true, text: `hostPath ${path ?? volume.name}, mounted writable`, at }
    else if (clean === undefined || clean.endsWith('.sock') || clean === '/' || HOST_DIRECTORIES.some((directory) => isAtOrAbove(directory, clean)))
      yield { kind: 'host-path', host: true, text: `hostPath ${path ?? volume.name}`, at }
  }
}

function* deviceSigns(container: Container): Iterable<Sign> {
  const seen = new Set<string>()
  for (const side of ['limits', 'requests']) {
    const resources = stateAt(container, ['resources', side], 'map')
    if (resources.is !== 'set') continue
    for (const name of resources.value.entries.keys()) {
      if (!name.includes('/') || name.startsWith('kubernetes.io/') || GPU.test(name) || seen.has(name)) continue
      seen.add(name)
      yield { kind: 'device', host: true, text: `resources.${side}: ${name}`, at: [...container.path, 'resources', side, name] }
    }
  }
  for (const field of [['resources', 'claims'], ['volumeDevices']])
    if (itemsAt(container, field).length > 0) yield { kind: 'device', host: true, text: `${field.join('.')} is set`, at: [...container.path, ...field] }
}

function* commandSigns(container: Container): Iterable<Sign> {
  let verb = false
  let home = false
  for (const { text, path } of allWords(container)) {
    const found = verb ? undefined : rootVerb(text)
    if (found !== undefined) {
      verb = true
      yield { kind: 'root-verb', host: false, text: `${path[0] === 'command' || path[0] === 'args' ? 'the command' : path[0]} runs ${found}`, at: [...container.path, ...path] }
    }
    if (!home && namesRootHome(text)) {
      home = true
      yield { kind: 'root-home', host: false, text: `${String(path[0])} names /root`, at: [...container.path, ...path] }
    }
  }
  for (const { name, value, index } of envOf(container))
    if (!home && value !== undefined && namesRootHome(value)) {
      home = true
      yield { kind: 'root-home', host: false, text: `${name}: ${value.length > 40 ? `${value.slice(0, 37)}...` : value}`, at: [...container.path, 'env', index, 'value'] }
    }
  const directory = valueAt(container, ['workingDir'], 'string')
  if (!home && directory !== undefined && namesRootHome(directory))
    yield { kind: 'root-home', host: false, text: `workingDir: ${directory}`, at: [...container.path, 'workingDir'] }
}

/** A ConfigMap or Secret of the tree that the container mounts and runs, and that holds a command only root may run. */
function* scriptSigns(pod: Pod, container: Container, context: Context): Iterable<Sign> {
  const scripts = context.survey.rootScripts
  if (scripts.size === 0) return
  const words = allWords(container)
  if (words.length === 0) return
  const namespace = pod.site.object.namespace ?? ''
  const volumes = new Map(volumesOf(pod).map((volume) => [volume.name, volume]))
  for (const mount of mountsOf(container)) {
    const volume = volumes.get(mount.volume)
    const name = sourceName(volume?.kind, volume?.source)
    const script = name === undefined ? undefined : scripts.get(`${namespace}/${name}`)
    if (script === undefined || mount.path === '/') continue
    const run = words.find(({ text }) => text.split(/[\s"';&|]+/).some((word) => word.startsWith('/') && isAtOrAbove(mount.path, cleanPath(word))))
    if (run !== undefined) yield { kind: 'script', host: false, text: `runs ${name} (${script.file}), which calls ${script.verb}`, at: [...container.path, ...run.path] }
  }
}

/** Only where nothing is known: a record, a user in the manifest or on the command line says more than a name. */
function* serverSigns(pod: Pod, container: Container, context: Context): Iterable<Sign> {
  if (typeof context.options.uid === 'number' || container.image === undefined || isCertainlyNonRoot(pod, container)) return
  const known = about(pod, container, context)
  if (known.user !== undefined || known.toolbox !== undefined || known.runsAsNonRoot !== undefined) return
  const text = looksLikeServer(container)
  if (text !== undefined) yield { kind: 'server', host: false, text, at: [...container.path, 'image'] }
}

function sourceName(kind: string | undefined, source: Node | undefined): string | undefined {
  if (kind === 'configMap') return textOf(child(source, 'name'))
  return kind === 'secret' ? textOf(child(source, 'secretName')) : undefined
}
