/** Which volumes keep data beyond the pod, and which of them take part in `fsGroup`. */
import { items } from '../tree.ts'
import type { Container, Context, Node, Pod } from '../types.ts'
import { child, textOf } from './fields.ts'
import { isWritable, type Mount, mountsOf, type Volume, volumesOf } from './mounts.ts'

/** In-tree disks: one node at a time, owned by whoever formatted them. */
const DISKS: ReadonlySet<string> = new Set([
  'awsElasticBlockStore',
  'gcePersistentDisk',
  'azureDisk',
  'cinder',
  'fc',
  'iscsi',
  'rbd',
  'vsphereVolume',
  'portworxVolume',
  'scaleIO',
  'storageos',
  'photonPersistentDisk',
  'flexVolume',
  'flocker',
])
const CLAIMS: ReadonlySet<string> = new Set(['persistentVolumeClaim', 'volumeClaimTemplate', 'ephemeral'])
const SHARES: ReadonlySet<string> = new Set(['csi', 'nfs', 'hostPath', 'cephfs', 'glusterfs', 'azureFile', 'quobyte'])

export interface Mounted {
  readonly mount: Mount
  readonly volume: Volume
}

function mountedVolumes(pod: Pod, container: Container): readonly Mounted[] {
  const mounts = mountsOf(container)
  if (mounts.length === 0) return []
  const volumes = new Map([...volumesOf(pod)].reverse().map((volume) => [volume.name, volume]))
  return mounts.flatMap((mount) => {
    const volume = volumes.get(mount.volume)
    return volume === undefined ? [] : [{ mount, volume }]
  })
}

/** Claims, disks and network volumes that the container may write. A generic ephemeral volume goes with the pod. */
export function persistentMounts(pod: Pod, container: Container): readonly Mounted[] {
  return mountedVolumes(pod, container).filter(
    ({ mount, volume }) => isWritable(mount, volume) && volume.kind !== 'ephemeral' && (CLAIMS.has(volume.kind) || DISKS.has(volume.kind) || SHARES.has(volume.kind)),
  )
}

/** Volumes whose files the kubelet hands to `fsGroup`: claims and block disks, mounted writable. */
export function groupOwnedMounts(pod: Pod, container: Container): readonly Mounted[] {
  return mountedVolumes(pod, container).filter(({ mount, volume }) => isWritable(mount, volume) && (CLAIMS.has(volume.kind) || DISKS.has(volume.kind)))
}

/** A claim whose files other pods see too: written by many at once, or mounted by several workloads of the tree. */
export function sharedClaim(pod: Pod, mounted: Mounted, context: Context): string | undefined {
  if (mounted.volume.kind !== 'persistentVolumeClaim') return undefined
  const name = textOf(child(mounted.volume.source, 'claimName'))
  if (name === undefined) return undefined
  const claim = context.survey.claims.get(`${pod.site.object.namespace ?? ''}/${name}`)
  if (claim === undefined) return undefined
  if (claim.users > 1) return `claim ${name} is mounted by ${claim.users} workloads`
  return claim.modes.includes('ReadWriteMany') ? `claim ${name} is ReadWriteMany` : undefined
}

function modeOf(node: Node | undefined): number | undefined {
  return node?.is === 'value' && typeof node.value === 'number' ? node.value : undefined
}

export interface ClosedFiles {
  readonly volume: Volume
  readonly mode: number
}

/** Mounted secret, configMap and projected files that "other" cannot read, so that a non-root user needs the group. */
export function closedFiles(pod: Pod, container: Container): ClosedFiles | undefined {
  for (const { volume } of mountedVolumes(pod, container)) {
    if (!['secret', 'configMap', 'projected', 'downwardAPI'].includes(volume.kind)) continue
    const sources = volume.kind === 'projected' ? items(child(volume.source, 'sources')).flatMap(projected) : []
    const modes = [modeOf(child(volume.source, 'defaultMode')), ...itemModes(volume.source), ...sources]
    const closed = modes.find((mode) => mode !== undefined && (mode & 0o004) === 0)
    if (closed !== undefined) return { volume, mode: closed }
  }
  return undefined
}

function projected(source: Node): readonly (number | undefined)[] {
  return ['secret', 'configMap', 'downwardAPI'].flatMap((kind) => itemModes(child(source, kind)))
}

function itemModes(source: Node | undefined): readonly (number | undefined)[] {
  return items(child(source, 'items')).map((item) => modeOf(child(item, 'mode')))
}

/** Numbers that people write when they mean octal. */
const MEANT_OCTAL: ReadonlySet<number> = new Set([400, 440, 444, 500, 550, 555, 600, 640, 644, 660, 664, 700, 750, 755, 770, 775, 777])

/** A mode as a person writes it; one that was meant as octal and written in decimal says both. */
export function modeText(mode: number): string {
  const octal = `0${mode.toString(8)}`
  return MEANT_OCTAL.has(mode) ? `${mode} (decimal, that is ${octal})` : octal
}

/** Volumes that both containers may write. */
export function sharedWritable(pod: Pod, a: Container, b: Container): readonly Volume[] {
  const mine = mountedVolumes(pod, a).filter(({ mount, volume }) => isWritable(mount, volume))
  const theirs = new Set(
    mountedVolumes(pod, b)
      .filter(({ mount, volume }) => isWritable(mount, volume))
      .map(({ volume }) => volume.name),
  )
  return [...new Map(mine.filter(({ volume }) => theirs.has(volume.name)).map(({ volume }) => [volume.name, volume])).values()]
}
