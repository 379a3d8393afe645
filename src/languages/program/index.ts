/** cdk8s programs: TypeScript that makes Kubernetes objects. */
import type { Language, Located, Unit, Wanted } from '../../types.ts'
import { locate, type ProgramLocated } from './locate.ts'
import { lower } from './lower.ts'

export const program: Language = {
  kind: 'program',
  locate,
  // There is one parser of TypeScript.
  reread: locate,
  lower: (unit: Unit, located: Located, wanted: readonly Wanted[]) => lower(unit, located as ProgramLocated, wanted),
}
