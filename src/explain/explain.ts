/**
 * What a pod really runs with: the effective security context of each container, where each value comes from, the
 * capability sets of its first process, and the verdict of the Pod Security Standards. Data only; `print.ts` shows it.
 */
import { podOf, templateOf } from '../pod.ts'
import { evaluate, type Verdict } from '../standards/evaluate.ts'
import { nodeAt, scalar, toJson } from '../tree.ts'
import type { Container, Context, Json, Node, Path, Place, Pod, Site } from '../types.ts'
import { boundingSet, hex, namesOf, type Runtime } from '../capabilities.ts'

/** Who says so: the container, the pod, the image, or nobody and the API's or the runtime's default counts. */
export interface Origin {
  readonly by: 'container' | 'pod' | 'image' | 'default'
  readonly file?: string
  readonly line?: number
  /** For people, where `by` is image or default. */
  readonly detail?: string
}

export interface EffectiveField {
  readonly field: string
  /** null: not known. */
  readonly value: Json
  readonly from: Origin
}

export interface CapabilitySet {
  readonly bitmap: string
  readonly names: readonly string[]
}

export interface ExplainedContainer {
  readonly name: string
  readonly group: Container['group']
  readonly image: string | null
  readonly fields: readonly EffectiveField[]
  /**
   * By runtime. `effective` is what the first process holds: the bounding set as uid 0, nothing as another user
   * (file capabilities apart); null where the user is not known.
   */
  readonly capabilities: Readonly<Record<Runtime, { readonly bounding: CapabilitySet; readonly effective: CapabilitySet | null }>>
}

export interface ExplainedViolation {
  readonly level: 'baseline' | 'restricted'
  readonly check: string
  readonly reason: string
  readonly container: string | null
  readonly field: string
  readonly found: string
  readonly allowed: string
  readonly file: string
  readonly line: number
}

export interface ExplainedWorkload {
  readonly file: string
  readonly line: number
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string | null
  readonly name: string
  /** `allowed` is null where nothing is refused, but something cannot be read. */
  readonly standards: Readonly<Record<'baseline' | 'restricted', { readonly version: string; readonly allowed: boolean | null; readonly checks: readonly string[] }>>
  /** What the restricted level refuses, and what only the baseline level does (checks that restricted replaces). */
  readonly violations: readonly ExplainedViolation[]
  readonly unknown: readonly ExplainedViolation[]
  readonly containers: readonly ExplainedContainer[]
}

export function explainSite(site: Site, context: Context, minor: number, lineOf: (place: Place) => number): ExplainedWorkload {
  const pod = podOf(site, () => site.root)
  const subject = { template: templateOf(site), isPod: site.object.kind === 'Pod' }
  const baseline = evaluate(subject, 'baseline', minor)
  const restricted = evaluate(subject, 'restricted', minor)
  const listed = (pick: (verdict: Verdict) => Verdict['violations']): readonly ExplainedViolation[] => {
    const seen = new Set(pick(restricted).map(({ check }) => check))
    return [...pick(restricted), ...pick(baseline).filter(({ check }) => !seen.has(check))].flatMap(({ check, level, reason, issues }) =>
      issues.map(({ container, at, field, found, allowed }) => {
        const place = pod.place(at)
        return { level, check, reason, container: container ?? null, field, found, allowed, file: place.file, line: lineOf(place) }
      }),
    )
  }
  const summary = ({ version, allowed, violations }: Verdict) => ({ version, allowed: allowed ?? null, checks: violations.map(({ check }) => check) })
  const { apiVersion, kind, namespace, name } = site.object
  const place = site.root.at ?? { file: site.file, span: { start: 0, end: 0 } }
  return {
    file: site.file,
    line: lineOf(place),
    apiVersion,
    kind,
    namespace: namespace ?? null,
    name,
    standards: { baseline: summary(baseline), restricted: summary(restricted) },
    violations: listed(({ violations }) => violations),
    unknown: listed(({ unknown }) => unknown),
    containers: pod.containers.map((container) => explainContainer(pod, container, context, lineOf)),
  }
}

/** Fields that pods and containers share, and those of containers alone. */
const SHARED = ['runAsNonRoot', 'runAsUser', 'runAsGroup', 'seccompProfile', 'appArmorProfile', 'seLinuxOptions'] as const
const OWN = ['privileged', 'allowPrivilegeEscalation', 'readOnlyRootFilesystem', 'capabilities', 'procMount'] as const

function explainContainer(pod: Pod, container: Container, context: Context, lineOf: (place: Place) => number): ExplainedContainer {
  const read = (by: 'container' | 'pod', field: string): EffectiveField | undefined => {
    const path: Path = by === 'container' ? [...container.path, 'securityContext', field] : ['spec', 'securityContext', field]
    const node = by === 'container' ? container.get(['securityContext', field]) : pod.get(path)
    if (node === undefined) return undefined
    const place = pod.place(path)
    return { field, value: valueOf(node), from: { by, file: place.file, line: lineOf(place) } }
  }
  const hasPodLevel = pod.site.allows !== 'container'
  const fields: EffectiveField[] = []
  for (const field of SHARED) {
    const said = read('container', field) ?? (hasPodLevel ? read('pod', field) : undefined)
    const uid = fields.find((one) => one.field === 'runAsUser')?.value ?? null
    fields.push(said ?? (field === 'runAsGroup' ? group(pod, container, context, uid) : byDefault(pod, container, context, field)))
  }
  for (const field of OWN) fields.push(read('container', field) ?? byDefault(pod, container, context, field))
  const valueIn = (field: string): Json => fields.find((one) => one.field === field)?.value ?? null
  const uid = valueIn('runAsUser')
  const wanted = { privileged: valueIn('privileged') === true, add: names(container, 'add'), drop: names(container, 'drop') }
  const sets = (runtime: Runtime): ExplainedContainer['capabilities'][Runtime] => {
    const bounding = boundingSet(runtime, wanted)
    return { bounding: setOf(bounding), effective: typeof uid === 'number' ? setOf(uid === 0 ? bounding : 0n) : null }
  }
  return {
    name: container.name,
    group: container.group,
    image: container.image ?? null,
    fields,
    capabilities: { docker: sets('docker'), containerd: sets('containerd'), 'cri-o': sets('cri-o') },
  }
}

function setOf(bitmap: bigint): CapabilitySet {
  return { bitmap: hex(bitmap), names: namesOf(bitmap) }
}

function valueOf(node: Node): Json {
  return node.is === 'opaque' ? null : (toJson(node) ?? null)
}

function names(container: Container, list: 'add' | 'drop'): readonly string[] {
  const node = nodeAt(container.get(['securityContext']), ['capabilities', list])
  return node?.is === 'list' ? node.items.flatMap((item) => (typeof scalar(item) === 'string' ? [String(scalar(item))] : [])) : []
}

/** What counts where the manifest says nothing. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
function byDefault(pod: Pod, container: Container, context: Context, field: (typeof SHARED)[number] | (typeof OWN)[number]): EffectiveField {
  const none = (value: Json, detail: string): EffectiveField => ({ field, value, from: { by: 'default', detail } })
  switch (field) {
    case 'runAsUser':
      return user(pod, container, context)
    case 'runAsGroup':
      return group(pod, container, context, null)
    case 'runAsNonRoot':
      return none(false, 'not checked')
    case 'seccompProfile':
      return none(null, "Unconfined, unless the kubelet runs with seccompDefault: then the runtime's")
    case 'appArmorProfile':
      return none(null, "the runtime's, on nodes with AppArmor")
    case 'seLinuxOptions':
      return none(null, "the runtime's label, on nodes with SELinux")
    case 'allowPrivilegeEscalation':
      return none(true, 'no_new_privs is not set')
    case 'capabilities':
      return none(null, "the runtime's default set")
    case 'procMount':
      return none('Default', 'parts of /proc are masked')
    case 'privileged':
      return none(false, 'not privileged')
    case 'readOnlyRootFilesystem':
      return none(false, 'writable')
  }
}

/** The group of the user's account in the image, 0 where it has none. */
function group(pod: Pod, container: Container, context: Context, uid: Json): EffectiveField {
  const field = 'runAsGroup'
  const account = context.about(pod, container).user
  if (uid === 0) return { field, value: 0, from: { by: 'default', detail: "root's group" } }
  if (account !== undefined && typeof account.value.gid === 'number' && account.value.uid === uid)
    return { field, value: account.value.gid, from: { by: 'image', detail: account.source } }
  return { field, value: null, from: { by: 'default', detail: "the group of the user in the image's /etc/passwd, else 0" } }
}

/** The image's USER: a number counts, no USER is 0, a name only as the number that a source gives it. */
function user(pod: Pod, container: Container, context: Context): EffectiveField {
  const field = 'runAsUser'
  const { defaultUser, user: account } = context.about(pod, container)
  if (defaultUser === undefined || defaultUser.value === 'unknown')
    return { field, value: null, from: { by: 'default', detail: "the image's USER, which is not known here; 0 where it has none" } }
  const first = (defaultUser.value ?? '0').split(':')[0] as string
  const from = { by: 'image', detail: `${defaultUser.value === null ? 'no USER' : `USER ${defaultUser.value}`}, ${defaultUser.source}` } as const
  if (/^\d+$/.test(first)) return { field, value: Number(first), from }
  if (first === 'root') return { field, value: 0, from }
  return { field, value: account?.value.name === first ? account.value.uid : null, from }
}
