/** Plain manifests: YAML and JSON files of Kubernetes objects. */
import type { Language, Located, Unit, Wanted } from '../../types.ts'
import { locate, type ManifestLocated, reread } from './locate.ts'
import { lower } from './lower.ts'

export const manifest: Language = {
  kind: 'manifest',
  locate,
  reread,
  lower: (unit: Unit, located: Located, wanted: readonly Wanted[]) => lower(unit, located as ManifestLocated, wanted),
}
