/** The engine with transforms of its own, for tests that are about text and proof rather than policy. */
import { EMPTY_SURVEY, withDefaults } from '../src/options.ts'
import { manifest } from '../src/languages/manifest/index.ts'
import type { Change, Language, NonEmpty, Pod, Proposal, Transform, Unit, UnitResult } from '../src/types.ts'
import { hardenUnit } from '../src/unit.ts'

/** A transform that wants the changes that `plan` gives for a pod, as one certain proposal each. */
export function wants(id: string, fields: readonly string[], plan: (pod: Pod) => readonly NonEmpty<Change>[]): Transform {
  return {
    id,
    title: id,
    level: 'restricted',
    docs: '',
    fields,
    *plan(pod): Iterable<Proposal> {
      for (const [i, changes] of plan(pod).entries()) {
        const [first, ...rest] = changes.map((change) => ({ change, grade: 'certain' as const, because: 'the test says so' }))
        if (first !== undefined) yield { key: String(i), outcome: 'fix', at: ['spec'], field: id, message: id, stage: 1, fields: [first, ...rest] }
      }
    },
  }
}

/** Privilege escalation off in every container that says nothing, and seccomp in the pod. */
export const simple: readonly Transform[] = [
  wants('escalation', ['spec.containers[*].securityContext'], (pod) =>
    pod.containers
      .filter((container) => container.get(['securityContext', 'allowPrivilegeEscalation']) === undefined)
      .map((container) => [{ op: 'set', path: [...container.path, 'securityContext', 'allowPrivilegeEscalation'], value: false }]),
  ),
  wants('seccomp', ['spec.securityContext'], (pod) =>
    pod.get(['spec', 'securityContext', 'seccompProfile']) === undefined
      ? [[{ op: 'set', path: ['spec', 'securityContext', 'seccompProfile', 'type'], value: 'RuntimeDefault' }]]
      : [],
  ),
]

export function unitOf(files: Readonly<Record<string, string>>): Unit {
  const sources = new Map(Object.entries(files).map(([path, text]) => [path, { path, text, bom: false }]))
  return { id: Object.keys(files)[0] ?? '', kind: 'manifest', root: '', files: { list: () => [...sources.keys()], read: (path) => sources.get(path) }, writable: () => true }
}

export const NO_EXEMPTIONS = { exemptions: () => ({ list: [], left: [] }), isExempt: () => false }

export function hardenWith(text: string, transforms: readonly Transform[] = simple, language: Language = manifest, path = 'a.yaml'): UnitResult {
  return hardenUnit(unitOf({ [path]: text }), { language, transforms, context: { options: withDefaults({}, true), survey: EMPTY_SURVEY, about: () => ({}), ...NO_EXEMPTIONS } })
}
