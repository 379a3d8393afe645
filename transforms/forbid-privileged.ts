/**
 * Containers are not privileged.
 *
 * Fields:  containers[*].securityContext.privileged, also init and ephemeral containers
 * Wanted:  absent or false
 * Leaves:  true, always: it is the author's word, and what such a container does with the node cannot be seen.
 *          One review names all that is open in the container; no other transform touches it
 * Skips:   containers of a host agent, which forbid-host-access reports as a whole
 * Source:  https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
 */
import { items, override, removals, written } from '../src/kube/override.ts'
import { stateAt } from '../src/kube/fields.ts'
import { leftAltogether, listed } from '../src/kube/left.ts'
import { isHostAgent } from '../src/kube/signs.ts'
import { isActive, review, unusable, unusableContext } from '../src/kube/speaking.ts'
import { agentReview } from '../src/kube/agents.ts'
import type { Transform } from '../src/types.ts'

const id = 'forbid-privileged'

export default {
  id,
  title: 'Containers are not privileged',
  level: 'baseline',
  docs: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline',
  fields: [],
  overrides: [
    'spec.containers.*.securityContext.privileged',
    'spec.containers.*.volumeMounts',
    'spec.initContainers.*.securityContext.privileged',
    'spec.initContainers.*.volumeMounts',
    'spec.ephemeralContainers.*.securityContext.privileged',
    'spec.ephemeralContainers.*.volumeMounts',
  ],
  *plan(pod, context) {
    if (!isActive(context, 'forbid-host-access')) {
      const agents = pod.containers.filter((container) => isHostAgent(pod, container, context))
      if (agents.length > 0) yield agentReview(pod, agents, context)
    }
    for (const container of pod.containers) {
      if (isHostAgent(pod, container, context)) continue
      const state = stateAt(container, ['securityContext', 'privileged'], 'boolean')
      if (unusableContext(container) === undefined && (state.is === 'opaque' || state.is === 'wrong')) {
        const found = unusable(state, container.path, `${container.name}.privileged`, 'securityContext.privileged', container)
        const alone = stateAt(container, ['securityContext', 'allowPrivilegeEscalation'], 'boolean').is === 'absent' && isActive(context, 'forbid-privilege-escalation')
        yield alone ? { ...found, message: `${found.message}; allowPrivilegeEscalation, which must agree with it, was left alone` } : found
      }
      if (state.is !== 'set' || !state.value) continue
      const left = leftAltogether(pod, container, context)
      yield review({
        key: container.name,
        container: container.name,
        at: [...container.path, 'securityContext', 'privileged'],
        field: 'securityContext.privileged',
        severity: 'decide',
        reason: 'author-chose',
        message: `privileged: true gives it the node${left.length === 0 ? '' : `, so ${listed(left)} ${left.length === 1 ? 'was' : 'were'} left alone too`}`,
        todo: 'Replace it by the capabilities that it needs (capabilities.add), and any mountPropagation: Bidirectional with it; then run again. If it must stay, it belongs in a namespace at the privileged level.',
      })
    }
  },
  *override(pod) {
    for (const container of pod.containers) {
      const at = [...container.path, 'securityContext', 'privileged']
      if (written(pod, at, [[]], (value) => value === true).length === 0) continue
      const mounts = removals(
        pod,
        items(pod, [...container.path, 'volumeMounts'], (mode) => mode === 'Bidirectional', 'mountPropagation').map((path) => [...path, 'mountPropagation']),
      )
      yield override(id, {
        key: container.name,
        container,
        at,
        field: 'securityContext.privileged',
        message: `not privileged any more${mounts.length === 0 ? '' : ', so without mountPropagation: Bidirectional, which only privileged containers may have'}`,
        changes: [{ op: 'set', path: at, value: false }, ...mounts],
        risk: 'What needs the node (devices, mounts, kernel settings) fails with "operation not permitted" (EPERM); add the capability that it needs, or put the line back.',
      })
    }
  },
} satisfies Transform
