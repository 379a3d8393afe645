/**
 * No process of a container can gain more privileges than it was started with.
 *
 * Fields:  containers[*].securityContext.allowPrivilegeEscalation, also init containers
 * Wanted:  false
 * Writes:  false where the author is silent
 * Leaves:  true; containers whose program is setuid or calls sudo, where false would break it; each is reported.
 *          Containers with privileged: true or SYS_ADMIN, where false is refused or means nothing
 * Skips:   Windows, where the field is refused; kinds without container-level fields; ephemeral containers,
 *          which cannot be changed
 * Source:  https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
import { override, written } from '../src/kube/override.ts'
import { about } from '../src/kube/about.ts'
import { addsSysAdmin } from '../src/kube/capabilities.ts'
import { escalatingVerb } from '../src/kube/commands.ts'
import { isPrivileged } from '../src/kube/effective.ts'
import { stateAt } from '../src/kube/fields.ts'
import { isPartialContainer, windows } from '../src/kube/platform.ts'
import { withRollOut } from '../src/kube/recreation.ts'
import { isHostAgent } from '../src/kube/signs.ts'
import { isActive, NON_ROOT_SPEAKERS, review, reviewContext, unusable, unusableContext } from '../src/kube/speaking.ts'
import type { Container, Context, Pod, Proposal, ReviewProposal, Transform } from '../src/types.ts'

const id = 'forbid-privilege-escalation'
const FIELD = 'securityContext.allowPrivilegeEscalation'

export default {
  id,
  title: 'Containers cannot gain privileges',
  level: 'restricted',
  docs: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted',
  fields: ['spec.containers.*.securityContext.allowPrivilegeEscalation', 'spec.initContainers.*.securityContext.allowPrivilegeEscalation'],
  overrides: [
    'spec.containers.*.securityContext.allowPrivilegeEscalation',
    'spec.initContainers.*.securityContext.allowPrivilegeEscalation',
    'spec.ephemeralContainers.*.securityContext.allowPrivilegeEscalation',
  ],
  *plan(pod, context) {
    yield* withRollOut(pod, context, id, proposals(pod, context))
  },
  *override(pod) {
    for (const container of pod.containers) {
      const at = [...container.path, 'securityContext', 'allowPrivilegeEscalation']
      // Beside privileged or SYS_ADMIN the API server refuses false.
      if (isPrivileged(container) || addsSysAdmin(container) || written(pod, at, [[]], (value) => value === true).length === 0) continue
      yield override(id, {
        key: container.name,
        container,
        at,
        field: FIELD,
        message: 'forbid privilege escalation, which was allowed on purpose',
        changes: [{ op: 'set', path: at, value: false }],
        risk: 'A setuid program (sudo, su, ping) keeps the user it was started as and may fail with "operation not permitted".',
      })
    }
  },
} satisfies Transform

function* proposals(pod: Pod, context: Context): Iterable<Proposal> {
  if (windows(pod) !== undefined || pod.site.allows === 'pod') return
  for (const container of pod.containers) {
    yield* reviewContext(pod, container, context, id)
    if (!isPartialContainer(container) && unusableContext(container) === undefined) yield* planContainer(pod, container, context)
  }
}

function* planContainer(pod: Pod, container: Container, context: Context): Iterable<Proposal> {
  const at = [...container.path, 'securityContext', 'allowPrivilegeEscalation']
  const state = stateAt(container, ['securityContext', 'allowPrivilegeEscalation'], 'boolean')
  const privileged = stateAt(container, ['securityContext', 'privileged'], 'boolean')
  if (isPrivileged(container)) return
  if (state.is === 'set' && !state.value) return
  if (state.is === 'opaque' || state.is === 'wrong') yield unusable(state, container.path, container.name, FIELD, container)
  else if (state.is === 'set') {
    if (!isHostAgent(pod, container, context))
      yield left(
        container,
        at,
        'author-chose',
        'allowPrivilegeEscalation: true lets its programs become root',
        'Delete it if no program of the container is setuid or calls sudo, and run again.',
      )
  } else if (container.group === 'ephemeralContainers')
    yield left(
      container,
      at,
      'immutable',
      'an ephemeral container, which cannot be changed after it was added',
      'Add the next one with a hardened securityContext (kubectl debug --profile=restricted).',
    )
  // Unreadable: it may be true, and then false is refused.
  else if (privileged.is === 'opaque' || privileged.is === 'wrong') return
  else if (addsSysAdmin(container)) {
    if (!hasSignReview(context))
      yield left(container, at, 'author-chose', 'adds SYS_ADMIN, beside which allowPrivilegeEscalation: false is refused or means nothing', 'Take SYS_ADMIN away first.')
  } else {
    const known = about(pod, container, context)
    const verb = escalatingVerb(container)
    if (verb !== undefined) {
      if (!hasSignReview(context))
        yield left(container, at, 'needs-root', 'its command calls a setuid program (sudo, su)', 'Start the program as the user that it needs, without sudo.')
      return
    }
    const why = known.usesSetuid ?? known.needsSudo
    if (why !== undefined)
      yield left(
        container,
        at,
        'by-design',
        `the image's own program is setuid or calls sudo (${why.source})`,
        'Test it with allowPrivilegeEscalation: false; else leave it as it is.',
      )
    else yield fix(container, at)
  }
}

/** The review of the signs names this field too. */
function hasSignReview(context: Context): boolean {
  return NON_ROOT_SPEAKERS.some((other) => isActive(context, other))
}

function fix(container: Container, at: Container['path']): Proposal {
  return {
    outcome: 'fix',
    key: container.name,
    container: container.name,
    at,
    field: FIELD,
    message: 'forbid privilege escalation',
    fields: [
      {
        change: { op: 'set', path: at, value: false },
        grade: 'certain',
        because: 'no sign of sudo, setuid programs or SYS_ADMIN; it only affects programs that gain privileges when started',
      },
    ],
    risk: 'A setuid program (sudo, su, ping) keeps the user it was started as and may fail with "operation not permitted"; taking the line out undoes it.',
    stage: 1,
  }
}

function left(container: Container, at: Container['path'], reason: ReviewProposal['reason'], message: string, todo: string): ReviewProposal {
  return review({ key: container.name, container: container.name, at, field: FIELD, severity: 'decide', reason, message, todo })
}
