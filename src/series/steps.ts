/** Which workloads go into which patch, in the order in which they are applied. */
import type { Owners } from '../owners.ts'
import type { Atom, Collected, Level, SplitBy } from './collect.ts'

export interface Step {
  /** What the patch is about: a transform, a stage, a workload, a folder, owners. */
  readonly about: { readonly is: SplitBy; readonly name: string }
  readonly atoms: readonly Atom[]
  /** They are brought to this level, from the one before it. */
  readonly level: number
  /** `2 of 3`, where what belongs together was cut. */
  readonly part: { readonly number: number; readonly of: number } | undefined
}

/** `most`: workloads in a patch; what is written together is never cut. */
export function stepsOf({ atoms, levels }: Collected, split: SplitBy, owners: Owners, most: number | undefined): readonly Step[] {
  if (split === 'transform' || split === 'stage')
    return levels.flatMap(({ adds = '' }: Level, level) =>
      cut(
        { is: split, name: adds },
        level,
        atoms.filter(({ edits }) => !isSame(edits[level - 1] ?? [], edits[level] ?? [])),
        most,
      ),
    )
  const groups = new Map<string, Atom[]>()
  for (const atom of atoms) {
    const key = split === 'workload' ? atom.id : split === 'directory' ? folderOf(atom.file) : owners.of(atom.file).join(' ')
    groups.set(key, [...(groups.get(key) ?? []), atom])
  }
  const last = levels.length - 1
  return [...groups].flatMap(([key, group]) => cut({ is: split, name: split === 'workload' ? (group[0]?.workloads.join(', ') ?? '') : key }, last, group, most))
}

function cut(about: Step['about'], level: number, atoms: readonly Atom[], most: number | undefined): readonly Step[] {
  const parts: Atom[][] = []
  let count = 0
  for (const atom of atoms) {
    const size = Math.max(1, atom.workloads.length)
    const last = parts.at(-1)
    if (last === undefined || (most !== undefined && count + size > most)) {
      parts.push([atom])
      count = size
    } else {
      last.push(atom)
      count += size
    }
  }
  return parts.map((part, i) => ({ about, atoms: part, level, part: parts.length === 1 ? undefined : { number: i + 1, of: parts.length } }))
}

export function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : ''
}

function isSame(a: readonly object[], b: readonly object[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
