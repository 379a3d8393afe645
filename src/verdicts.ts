/** The standards' word on each workload before and after, and for what is left the finding that says why. */
import type { Planned, SitePlan } from './plan.ts'
import { selected } from './plan.ts'
import { templateOf } from './pod.ts'
import type { Issue } from './standards/check.ts'
import { evaluate, type Verdict } from './standards/evaluate.ts'
import { NEWEST, parseVersion } from './standards/versions.ts'
import type { Context, Left, Node, SiteVerdict, Transform } from './types.ts'

/** Whose reviews speak for a check, the likeliest first. */
const SPEAKERS: Readonly<Record<string, readonly string[]>> = {
  privileged: ['forbid-privileged'],
  hostNamespaces: ['forbid-host-access'],
  hostPathVolumes: ['forbid-host-access'],
  hostPorts: ['forbid-host-access'],
  hostProbesAndHostLifecycle: ['forbid-host-access'],
  windowsHostProcess: ['forbid-host-access'],
  restrictedVolumes: ['forbid-host-access'],
  capabilities_baseline: ['drop-all-capabilities', 'restrict-kernel-surface'],
  capabilities_restricted: ['drop-all-capabilities'],
  allowPrivilegeEscalation: ['forbid-privilege-escalation'],
  seccompProfile_baseline: ['set-seccomp-runtime-default', 'restrict-kernel-surface'],
  seccompProfile_restricted: ['set-seccomp-runtime-default'],
  runAsNonRoot: ['require-run-as-non-root'],
  runAsUser: ['require-run-as-non-root'],
  procMount: ['restrict-kernel-surface'],
  procMount_restricted: ['restrict-kernel-surface'],
  seLinuxOptions: ['restrict-kernel-surface'],
  sysctls: ['restrict-kernel-surface'],
  appArmorProfile: ['restrict-kernel-surface'],
}
/** One review of these names all that a container keeps. */
const COVERING = ['forbid-privileged', 'forbid-host-access', 'require-run-as-non-root', 'drop-all-capabilities']

/** `after`: the object with the changes that are written; the object as it is where none are. */
export function verdictOf(plan: SitePlan, after: Node, transforms: readonly Transform[], context: Context, line: number): SiteVerdict {
  const { site } = plan.pod
  const level = context.options.level === 'baseline' ? 'baseline' : 'restricted'
  const minor = parseVersion(context.options.pssVersion) ?? NEWEST
  const isPod = site.object.kind === 'Pod'
  const before = evaluate({ template: templateOf(site), isPod }, level, minor)
  const now = after === site.root ? before : evaluate({ template: templateOf(site, after), isPod }, level, minor)
  const active = new Set(selected(transforms, context.options).map(({ id }) => id))
  return {
    object: site.object,
    file: site.file,
    line,
    level,
    version: now.version,
    before: summary(before),
    after: summary(now),
    left: [...now.violations, ...now.unknown].flatMap(({ check, reason, issues }) => group(issues).map((issue) => left(check, reason, issue, plan.planned, active))),
  }
}

function summary({ allowed, violations }: Verdict): SiteVerdict['before'] {
  return { allowed: allowed ?? null, checks: violations.map(({ check }) => check) }
}

/** One for each container: several places of one check in one container have one cause. */
function group(issues: readonly Issue[]): readonly Issue[] {
  const first = new Map<string, Issue>()
  for (const issue of issues) {
    const key = issue.container ?? ''
    if (!first.has(key)) first.set(key, issue)
  }
  return [...first.values()]
}

function left(check: string, reason: string, issue: Issue, planned: readonly Planned[], active: ReadonlySet<string>): Left {
  const base = { check, reason, ...(issue.container === undefined ? {} : { container: issue.container }), field: issue.field, found: issue.found }
  const speakers = SPEAKERS[check] ?? []
  // That a number is not the image's leaves no violation behind.
  const reviews = planned.filter(
    ({ proposal, block, exempt }) => (proposal.outcome === 'review' && !proposal.key.endsWith('.pinned')) || block !== undefined || exempt !== undefined,
  )
  const about = ({ proposal }: Planned): boolean =>
    proposal.container === undefined || issue.container === undefined || proposal.container === issue.container || proposal.container.split(', ').includes(issue.container)
  const near = ({ proposal }: Planned): boolean =>
    [proposal.at, ...(proposal.related ?? []).map(({ at }) => at)].some((at) => issue.at.every((step, i) => i >= at.length || at[i] === step) && at.length > 1)
  const own = reviews.filter((one) => speakers.includes(one.transform.id) && about(one))
  const covering = COVERING.flatMap((id) => reviews.filter((one) => one.transform.id === id && about(one)))
  const speaking =
    own.find(near) ??
    own[0] ??
    covering.find(({ proposal }) => proposal.container !== undefined) ??
    covering.find(({ proposal, transform }) => transform.id === 'require-run-as-non-root' || proposal.key === 'agent')
  if (speaking !== undefined) {
    const { proposal, block, exempt, transform } = speaking
    if (exempt !== undefined) {
      const { by, reason: text } = exempt[0]
      return { ...base, because: `exempt by ${by}: ${text}`, transform: transform.id, todo: 'Take the exemption out when its reason is gone.' }
    }
    const text = block === undefined ? proposal.message : `${proposal.message}: ${block.message}`
    return { ...base, because: text, transform: transform.id, todo: proposal.outcome === 'review' && block === undefined ? proposal.todo : (block?.todo ?? '') }
  }
  const missing = speakers.find((id) => !active.has(id))
  if (missing !== undefined) return { ...base, because: `${missing} is not part of this run`, todo: 'Run again without --only, --skip or a lower --level.' }
  return base
}
