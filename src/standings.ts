/** On what each container of a unit stands: how sure it is which user it can run as. */
import { standingOf } from './evidence/standing.ts'
import { asWritten, stateAt } from './kube/fields.ts'
import type { Container, Context, Grade, Pod } from './types.ts'

/** By grade; `certain`: the author wrote the number. */
export function standings(pods: readonly Pod[], context: Context): Readonly<Record<Grade, number>> {
  const counts: Record<Grade, number> = { certain: 0, known: 0, likely: 0, assumed: 0 }
  for (const pod of pods) for (const container of pod.containers) counts[isNumbered(pod, container) ? 'certain' : standingOf(context.about(pod, container)).grade]++
  return counts
}

function isNumbered(pod: Pod, container: Container): boolean {
  return [asWritten(pod, container), asWritten(pod)].some((reader) => stateAt(reader, ['securityContext', 'runAsUser'], 'integer').is === 'set')
}
