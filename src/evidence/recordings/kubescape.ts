/**
 * ApplicationProfile and ContainerProfile, which kubescape's node agent writes of every container it watches. A part
 * of a path that varies is `⋯`, several are `*`.
 * https://kubescape.io/docs/operator/runtime-threat-detection/ and
 * https://github.com/kubescape/storage/blob/main/pkg/apis/softwarecomposition/v1beta1/types.go
 */
import { record, texts } from '../loose.ts'
import { SeenPaths } from './paths.ts'
import { capabilityName, type Recording, type Target } from './recording.ts'

const WRITES = new Set(['O_WRONLY', 'O_RDWR', 'O_CREAT', 'O_TRUNC', 'O_APPEND', 'O_TMPFILE'])

export function isKubescape({ apiVersion, kind }: Readonly<Record<string, unknown>>): boolean {
  return (kind === 'ApplicationProfile' || kind === 'ContainerProfile') && /kubescape\.io\//.test(String(apiVersion))
}

/** One for each container that the object describes. */
export function ofKubescape(object: Readonly<Record<string, unknown>>, file: string): readonly Recording[] {
  const metadata = record(object.metadata)
  const [labels, annotations, spec] = [record(metadata.labels), record(metadata.annotations), record(object.spec)]
  const workload = workloadOf(labels, annotations, metadata)
  const status = text(annotations['kubescape.io/status'])
  const seconds = secondsOf(metadata, annotations)
  const common = {
    ...(seconds === undefined ? {} : { seconds }),
    partial: text(annotations['kubescape.io/completion']) === 'partial' || !(status === undefined || status === 'completed' || status === 'ready'),
    source: `${file} (${object.kind} ${[text(metadata.namespace), text(metadata.name)].filter((part) => part !== undefined).join('/')})`,
  }
  const container = (value: Readonly<Record<string, unknown>>, name: string | undefined): Recording => {
    const image = imageOf(text(value.imageTag), text(value.imageID))
    const target: Target = { ...(workload === undefined ? {} : { workload }), ...(name === undefined ? {} : { container: name }), ...(image === undefined ? {} : { image }) }
    return { ...common, target, directories: pathsOf(value.opens, value.execs), capabilities: texts(value.capabilities).map(capabilityName) }
  }
  if (object.kind === 'ContainerProfile')
    return [container(spec, text(labels['kubescape.io/workload-container-name']) ?? text(annotations['kubescape.io/workload-container-name']))]
  return [spec.initContainers, spec.containers, spec.ephemeralContainers].flatMap((list) =>
    Array.isArray(list) ? list.map(record).map((value) => container(value, text(value.name))) : [],
  )
}

/** The name as the pod had it, with the digest that it was then. */
function imageOf(tag: string | undefined, id: string | undefined): string | undefined {
  const digest = /@sha256:[0-9a-f]{64}$/.exec(id ?? '')?.[0]
  return tag === undefined || tag.includes('@') || digest === undefined ? (tag ?? id) : tag + digest
}

/** Absent: no files were watched, which is something else than that none was opened. */
function pathsOf(opens: unknown, execs: unknown): Recording['directories'] {
  if (!Array.isArray(opens)) return undefined
  const paths = new SeenPaths()
  for (const { path, flags } of opens.map(record)) {
    if (typeof path !== 'string') continue
    const set = texts(flags)
    if (set.some((flag) => WRITES.has(flag)) && !set.includes('O_PATH')) paths.wrote(path)
    else if (!set.includes('O_DIRECTORY')) paths.read(path)
  }
  for (const { path } of Array.isArray(execs) ? execs.map(record) : []) if (typeof path === 'string') paths.read(path)
  return paths.directories()
}

/** The object that people write: of a ReplicaSet the Deployment that made it. */
function workloadOf(labels: Readonly<Record<string, unknown>>, annotations: Readonly<Record<string, unknown>>, metadata: Readonly<Record<string, unknown>>): Target['workload'] {
  const namespace = text(labels['kubescape.io/workload-namespace']) ?? text(metadata.namespace)
  const place = namespace === undefined ? {} : { namespace }
  const [, kind, name] = /^wlid:\/\/[^/]+\/[^/]+\/([a-z]+)-(.+)$/.exec(text(annotations['kubescape.io/wlid']) ?? '') ?? []
  if (kind !== undefined && name !== undefined) return { kind, name, ...place }
  const [labelKind, labelName] = [text(labels['kubescape.io/workload-kind']), text(labels['kubescape.io/workload-name'])]
  if (labelKind === undefined || labelName === undefined) return undefined
  if (labelKind.toLowerCase() !== 'replicaset') return { kind: labelKind, name: labelName, ...place }
  return { kind: 'Deployment', name: labelName.replace(/-[a-z0-9]{5,10}$/, ''), ...place }
}

function secondsOf(metadata: Readonly<Record<string, unknown>>, annotations: Readonly<Record<string, unknown>>): number | undefined {
  const times = [
    text(annotations['kubescape.io/report-timestamp']),
    ...(Array.isArray(metadata.managedFields) ? metadata.managedFields.map((field) => text(record(field).time)) : []),
  ].flatMap((value) => timeOf(value) ?? [])
  const start = timeOf(text(metadata.creationTimestamp))
  const end = times.length === 0 ? undefined : Math.max(...times)
  return start === undefined || end === undefined || end <= start ? undefined : end - start
}

/** Seconds of RFC 3339 and of Go's own form, whose zone is UTC here. */
function timeOf(value: string | undefined): number | undefined {
  const [, day, clock] = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)/.exec(value ?? '') ?? []
  return day === undefined ? undefined : Date.parse(`${day}T${clock}Z`) / 1000
}

/** js-yaml makes dates of time stamps. */
function text(value: unknown): string | undefined {
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'string' && value !== '' ? value : undefined
}
