/** Where a new key goes, as a person would put it. Answers in terms of the keys that are there. */
import { CONTAINER_GROUPS } from '../../pod.ts'
import type { Path } from '../../types.ts'

export type Position = { readonly after: number } | { readonly before: number }

/**
 * `keys` are the pairs of the map in order of appearance (there is at least one); `path` is the map's. `inside`:
 * those of the first container of a pod spec, which show whether its order is meant or a coincidence.
 */
export function positionOf(keys: readonly string[], path: Path, key: string, inside: readonly string[] = []): Position {
  const last = { after: keys.length - 1 }
  const parent = path.at(-2)
  const isContainer = typeof path.at(-1) === 'number' && CONTAINER_GROUPS.some((group) => group === parent)
  const isPodSpec = keys.includes('containers')
  if ((isContainer || isPodSpec) && keys.length >= 3 && sorted(keys) && sorted(inside)) {
    const next = keys.findIndex((other) => other > key)
    return next === -1 ? last : next === 0 ? { before: 0 } : { after: next - 1 }
  }
  if (isContainer) {
    if (key === 'securityContext') {
      const image = keys.indexOf('image')
      if (image === -1) return last
      return { after: keys[image + 1] === 'imagePullPolicy' ? image + 1 : image }
    }
    if (key === 'env') return afterLast(keys, ['name', 'image', 'imagePullPolicy', 'securityContext', 'command', 'args', 'workingDir', 'ports', 'envFrom']) ?? last
    return last
  }
  if (isPodSpec) {
    const groups = keys.flatMap((other, i) => (CONTAINER_GROUPS.some((group) => group === other) ? [i] : []))
    if (key === 'volumes') return { after: groups.at(-1) ?? keys.length - 1 }
    return { before: groups[0] ?? 0 }
  }
  if (key === 'metadata' && keys.includes('spec')) return { before: keys.indexOf('spec') }
  return last
}

function afterLast(keys: readonly string[], wanted: readonly string[]): Position | undefined {
  const at = keys.findLastIndex((key) => wanted.includes(key))
  return at === -1 ? undefined : { after: at }
}

/** As `kubectl get -o yaml` and many generators do. Two keys prove nothing. */
function sorted(keys: readonly string[]): boolean {
  return keys.every((key, i) => i === 0 || (keys[i - 1] as string) <= key)
}
