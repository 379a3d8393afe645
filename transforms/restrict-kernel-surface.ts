/**
 * Containers keep the kernel's usual protection: masked /proc, safe sysctls, the default SELinux and AppArmor.
 *
 * Fields:  containers[*].securityContext.procMount; spec.securityContext.sysctls[*].name; seLinuxOptions type,
 *          user and role; appArmorProfile.type, both levels, and the AppArmor annotations
 * Wanted:  procMount Default; sysctls of the safe list; container types of SELinux, no user or role; AppArmor
 *          RuntimeDefault or Localhost. Absent is right everywhere
 * Leaves:  every other value, since each is the author's; AppArmor is never added, because a pod that names it
 *          is refused on nodes without it
 * Skips:   privileged containers and host agents, which have their own review
 * Source:  https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
 */
import { hasComment, override, removals, written } from '../src/kube/override.ts'
import { BASELINE_ADDABLE, capabilitiesOf } from '../src/kube/capabilities.ts'
import { isPrivileged } from '../src/kube/effective.ts'
import { specOf } from '../src/kube/fields.ts'
import { containerKernelItems, type KernelItem, podKernelItems, unusableKernel } from '../src/kube/kernel.ts'
import { listed } from '../src/kube/left.ts'
import { profileOf } from '../src/kube/seccomp.ts'
import { isHostAgent } from '../src/kube/signs.ts'
import { isActive, review, unusable } from '../src/kube/speaking.ts'
import type { Context, Path, Pod, Proposal, ReviewProposal, Transform } from '../src/types.ts'

const ADVICE: Readonly<Record<KernelItem['kind'], string>> = {
  'proc-mount': 'Delete procMount unless the container builds or runs containers itself.',
  sysctl: 'Delete the sysctl, or set it on the node; a kubelet that does not allow it refuses the pod (SysctlForbidden).',
  selinux: 'Delete the key, so that the runtime labels the container; spc_t means no confinement at all.',
  apparmor: 'Delete the profile (annotation and field together), so that the runtime uses its own where the node has AppArmor.',
}

const id = 'restrict-kernel-surface'

export default {
  id,
  title: "Containers keep the kernel's usual protection",
  level: 'baseline',
  docs: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline',
  fields: [],
  overrides: [
    'spec.securityContext',
    'metadata.annotations',
    'spec.containers.*.securityContext',
    'spec.initContainers.*.securityContext',
    'spec.ephemeralContainers.*.securityContext',
  ],
  *plan(pod, context) {
    const isAgent = pod.containers.some((container) => isHostAgent(pod, container, context))
    if (!isAgent) {
      yield* reviews('pod', podKernelItems(pod))
      for (const { path, state } of unusableKernel(specOf(pod), true)) yield unusable(state, ['spec'], `pod.${path.join('.')}`, path.join('.'))
    }
    for (const container of pod.containers) {
      if (isPrivileged(container) || isHostAgent(pod, container, context)) continue
      for (const { path, state } of unusableKernel(container, false)) yield unusable(state, container.path, `${container.name}.${path.join('.')}`, path.join('.'), container)
      yield* reviews(container.name, containerKernelItems(pod, container, context.options.level !== 'baseline'), container.name)
    }
    if (context.options.level === 'baseline') yield* onlyBaseline(pod, context)
  },
  *override(pod) {
    const owned = [...podKernelItems(pod), ...pod.containers.flatMap((container) => containerKernelItems(pod, container, true))]
    for (const owner of [undefined, ...pod.containers]) {
      const found = owned.filter(({ container, at }) => container === owner?.name && !hasComment(pod, at) && !hasComment(pod, [...at, 'name']))
      // A safe name with slashes is only spelled otherwise than the standard compares it.
      const changes = [
        ...found.flatMap(({ respelt, at }) => (respelt === undefined ? [] : [{ op: 'set' as const, path: [...at, 'name'], value: respelt }])),
        ...removals(
          pod,
          found
            .filter(({ respelt }) => respelt === undefined)
            .flatMap(({ kind, at }) => (kind === 'apparmor' && at.at(-1) === 'type' ? [at, ...written(pod, at.slice(0, -1), [['localhostProfile']], () => true)] : [at])),
        ),
      ]
      const [first, ...rest] = changes
      if (first === undefined) continue
      yield override(id, {
        key: owner?.name ?? 'pod',
        ...(owner === undefined ? {} : { container: owner }),
        at: found[0]?.at ?? ['spec'],
        field: 'securityContext',
        message: `the kernel's usual protection instead of ${listed(found.map(({ text }) => text))}`,
        changes: [first, ...rest],
        risk: 'What relied on it fails with "permission denied" or "operation not permitted"; putting the lines back undoes it.',
      })
    }
  },
} satisfies Transform

function* reviews(owner: string, items: readonly KernelItem[], container?: string): Iterable<ReviewProposal> {
  for (const kind of Object.keys(ADVICE) as KernelItem['kind'][]) {
    const found = items.filter((item) => item.kind === kind)
    const [first, ...rest] = found
    if (first === undefined) continue
    yield review({
      key: `${owner}.${kind}`,
      ...(container === undefined ? {} : { container }),
      at: first.at,
      field: first.at
        .slice(first.at.indexOf('securityContext'))
        .filter((step) => typeof step === 'string')
        .join('.'),
      severity: 'decide',
      reason: 'author-chose',
      message: `less protected than by default: ${listed(found.map(({ text }) => text))}`,
      todo: ADVICE[kind],
      related: rest.map(({ text, at }) => ({ message: text, at })),
    })
  }
}

/** At the baseline level the transforms for capabilities and seccomp do not run; what the level refuses is reported here. */
function* onlyBaseline(pod: Pod, context: Context): Iterable<Proposal> {
  if (!isActive(context, 'set-seccomp-runtime-default')) {
    if (profileOf(specOf(pod)).is === 'unconfined') yield unconfined('pod', ['spec', 'securityContext', 'seccompProfile', 'type'])
    for (const container of pod.containers)
      if (profileOf(container).is === 'unconfined' && !isPrivileged(container) && !isHostAgent(pod, container, context))
        yield { ...unconfined(container.name, [...container.path, 'securityContext', 'seccompProfile', 'type']), container: container.name }
  }
  if (isActive(context, 'drop-all-capabilities')) return
  for (const container of pod.containers) {
    const names = capabilitiesOf(container, 'add').filter(({ written }) => !BASELINE_ADDABLE.has(written))
    if (names.length === 0 || isPrivileged(container) || isHostAgent(pod, container, context)) continue
    yield review({
      key: `${container.name}.capabilities`,
      container: container.name,
      at: [...container.path, 'securityContext', 'capabilities', 'add'],
      field: 'securityContext.capabilities.add',
      severity: 'decide',
      reason: 'author-chose',
      message: `adds capabilities that the baseline level refuses: ${listed(names.map(({ written }) => written))}`,
      todo: 'Delete those that the program does not need.',
    })
  }
}

function unconfined(owner: string, at: Path): ReviewProposal {
  return review({
    key: `${owner}.seccomp`,
    at,
    field: 'securityContext.seccompProfile.type',
    severity: 'decide',
    reason: 'author-chose',
    message: 'runs without a system call filter on purpose: seccompProfile.type: Unconfined',
    todo: 'Write RuntimeDefault, or delete the profile, if the program works with it.',
  })
}
