/**
 * A Namespace asks the API server to hold its pods to the level that all workloads of the tree already keep.
 *
 * Fields:  metadata.labels of a Namespace: pod-security.kubernetes.io/warn, audit, enforce, enforce-version
 * Wanted:  the highest level, restricted or baseline, that every workload of the namespace is allowed by as it is written
 *          now; so it follows one run behind the changes that lead there, and no pod that runs is in its way
 * Writes:  warn and audit, which refuse nothing; enforce, at a fixed version, where the tree holds nothing that could
 *          not be judged
 * Leaves:  labels that are there; enforce where charts, programs, patches or pods without a namespace may put others in
 * Source:  https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces
 *
 * No level asks for it, so it runs only when it is named (`--only`).
 */
import { isNull } from '../src/tree.ts'
import type { FieldChange, NamespaceFacts, NonEmpty, Pod, Proposal, Transform } from '../src/types.ts'

const id = 'label-namespace'
const PREFIX = 'pod-security.kubernetes.io/'

export default {
  id,
  title: 'Namespaces hold their pods to the level that they keep',
  level: 'opt-in',
  on: 'namespace',
  docs: 'https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces',
  fields: ['metadata.labels'],
  *plan(pod, { survey }) {
    const facts = survey.namespaces.get(pod.site.object.name)
    const own = pod.get(['metadata', 'labels'])
    // Labels that cannot be read may hold what would be written.
    if (facts === undefined || facts.level === undefined || !(isNull(own) || (own?.is === 'map' && !own.open))) return
    const because = `all ${facts.workloads} workloads of the tree in it are allowed by ${facts.level} as they are written`
    yield* labels(pod, 'warn', ['warn', 'audit'], facts.level, undefined, 'known', because)
    if (!isSilent(pod, 'enforce')) return
    if (facts.unsure === undefined) yield* labels(pod, 'enforce', ['enforce'], facts.level, facts.version, 'likely', because)
    else yield unsure(facts.level, facts)
  },
} satisfies Transform

function isSilent(pod: Pod, mode: string): boolean {
  return isNull(pod.get(['metadata', 'labels', PREFIX + mode]))
}

function* labels(pod: Pod, key: string, modes: readonly string[], level: string, version: string | undefined, grade: FieldChange['grade'], because: string): Iterable<Proposal> {
  const set = (name: string, value: string): FieldChange => ({ change: { op: 'set', path: ['metadata', 'labels', PREFIX + name], value }, grade, because })
  const fields = modes
    .filter((mode) => isSilent(pod, mode))
    .flatMap((mode) => [set(mode, level), ...(version === undefined || !isSilent(pod, `${mode}-version`) ? [] : [set(`${mode}-version`, version)])])
  const [first, ...rest] = fields
  if (first === undefined) return
  const all: NonEmpty<FieldChange> = [first, ...rest]
  yield {
    outcome: 'fix',
    key,
    at: ['metadata', 'labels'],
    field: `metadata.labels.${PREFIX}${modes[0]}`,
    message: key === 'enforce' ? `refuse pods that ${level} does not allow` : `warn of pods that ${level} does not allow, and log them`,
    fields: all,
    ...(key === 'enforce'
      ? {
          risk: 'A pod that is not written in this tree, such as one of an operator, is refused (an event FailedCreate that says "violates PodSecurity"); taking the label out undoes it.',
        }
      : {}),
    stage: key === 'enforce' ? 4 : 1,
  }
}

function unsure(level: string, { unsure: why }: NamespaceFacts): Proposal {
  return {
    outcome: 'review',
    key: 'enforce',
    at: ['metadata', 'labels'],
    field: `metadata.labels.${PREFIX}enforce`,
    severity: 'know',
    reason: 'needs-knowledge',
    message: `could refuse pods that ${level} does not allow; ${why}, so it was not written`,
    todo: `When the log shows nothing for a while (kubectl label --dry-run=server --overwrite ns NAME ${PREFIX}enforce=${level}), write the label by hand.`,
  }
}
