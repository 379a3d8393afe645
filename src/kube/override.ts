/** What `--override` changes: the author's own values, taken back because the user named the transform. */
import { isNull, nodeAt } from '../tree.ts'
import type { Change, Container, FieldChange, FixProposal, NonEmpty, Path, Pod } from '../types.ts'

export interface Override {
  readonly key: string
  readonly container?: Container
  readonly at: Path
  readonly field: string
  readonly message: string
  readonly changes: NonEmpty<Change>
  /** What could break, how it shows. */
  readonly risk: string
}

/** At most `likely`: that the value may go is the user's word, that the program works without it nobody has read. */
export function override(id: string, { key, container, at, field, message, changes, risk }: Override): FixProposal {
  const fields = changes.map((change): FieldChange => ({ change, grade: 'likely', because: `--override ${id}` }))
  return {
    outcome: 'fix',
    key: `override.${key}`,
    ...(container === undefined ? {} : { container: container.name }),
    at,
    field,
    message,
    fields: fields as unknown as NonEmpty<FieldChange>,
    risk,
    stage: 2,
  }
}

/**
 * Takes a field away, and with it each map or list that would be left empty, up to the pod spec, the container or
 * the annotations. `also`: paths that go in the same step, so that what they leave empty goes too.
 */
export function removals(pod: Pod, paths: readonly Path[]): readonly Change[] {
  const gone = new Set(paths.map(String))
  const found = new Map<string, Path>()
  for (const path of paths) {
    let top = path
    while (top.length > stopAt(top)) {
      const parent = top.slice(0, -1)
      if (!becomesEmpty(pod, parent, gone)) break
      top = parent
      gone.add(String(top))
    }
    found.set(String(top), top)
  }
  const tops = [...found.values()].filter((path) => ![...found.values()].some((other) => other.length < path.length && other.every((step, i) => step === path[i])))
  // The last items of a list first: taking one away moves those behind it.
  return tops.sort((a, b) => order(b) - order(a)).map((path) => ({ op: 'remove', path }))
}

/** Paths of this length are never climbed above: `spec.x`, `spec.containers.0.x`, `metadata.annotations`. */
function stopAt(path: Path): number {
  return typeof path[2] === 'number' ? 4 : 2
}

function order(path: Path): number {
  const last = path.at(-1)
  return typeof last === 'number' ? last : -1
}

function becomesEmpty(pod: Pod, parent: Path, gone: ReadonlySet<string>): boolean {
  const node = pod.get(parent)
  if (node?.is === 'map') return !node.open && [...node.entries].every(([key, entry]) => gone.has(String([...parent, key])) || isNull(entry.node))
  if (node?.is === 'list') return !node.open && node.items.every((_, index) => gone.has(String([...parent, index])))
  return false
}

/** The author said why: a value with a comment beside it stays, whatever is asked for. */
export function hasComment(pod: Pod, path: Path): boolean {
  const node = pod.get(path)
  return node?.is === 'value' && node.comment !== undefined
}

/** The paths, below the pod or a container, whose value is there, has no comment beside it and fulfils a condition. */
export function written(pod: Pod, base: Path, paths: readonly Path[], bad: (value: unknown) => boolean): readonly Path[] {
  return paths.flatMap((path) => {
    const full = [...base, ...path]
    const node = pod.get(full)
    return node?.is === 'value' && node.comment === undefined && bad(node.value) ? [full] : []
  })
}

/** Indices of the items of a list whose text (or whose entry `key`) fulfils a condition. */
export function items(pod: Pod, path: Path, bad: (text: string) => boolean, key?: string): readonly Path[] {
  const list = pod.get(path)
  if (list?.is !== 'list') return []
  return list.items.flatMap((item, index) => {
    const node = key === undefined ? item : nodeAt(item, [key])
    return node?.is === 'value' && node.comment === undefined && bad(String(node.value)) ? [[...path, index]] : []
  })
}
