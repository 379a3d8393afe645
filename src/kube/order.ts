/** The one order in which new keys are written. */

/** With the words of cdk8s-plus beside those of Kubernetes. */
const ORDER = [
  'runAsNonRoot',
  'ensureNonRoot',
  'runAsUser',
  'user',
  'runAsGroup',
  'group',
  'fsGroup',
  'fsGroupChangePolicy',
  'supplementalGroups',
  'allowPrivilegeEscalation',
  'capabilities',
  'drop',
  'add',
  'readOnlyRootFilesystem',
  'seccompProfile',
  'sysctls',
  'type',
  'localhostProfile',
  'securityContext',
  'env',
  'volumeMounts',
]
const RANK: ReadonlyMap<string, number> = new Map(ORDER.map((key, rank) => [key, rank]))

/** Security fields in their fixed order, whatever order the transforms ran in; other keys stay as given, behind them. */
export function inFieldOrder(keys: readonly string[]): readonly string[] {
  return keys
    .map((key, index) => ({ key, rank: RANK.get(key) ?? ORDER.length + index }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ key }) => key)
}
