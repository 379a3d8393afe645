/** Which entries are shown. */
import type { Entry } from '../html/review.ts'
import type { State } from './state.ts'

/** An entry with its place in the report and the words that are searched. */
export interface Listed {
  readonly entry: Entry
  readonly index: number
  readonly words: string
}

export function listed(entry: Entry, index: number): Listed {
  return { entry, index, words: [entry.file, ...entry.workloads, ...entry.images, ...entry.messages].join('\n').toLowerCase() }
}

/** Every word of the query must occur. Transform, grade and outcome must be those of one and the same finding. */
export function chosen(all: readonly Listed[], state: State): readonly Listed[] {
  const words = state.query.toLowerCase().split(/\s+/)
  const { transform, grades, outcomes, folder } = state
  const matches = ({ entry, words: text }: Listed): boolean =>
    entry.file.startsWith(folder) &&
    words.every((word) => text.includes(word)) &&
    entry.marks.some(
      ([outcome, by, grade]) =>
        (transform === '' || by === transform) &&
        (grades.length === 0 || (grade !== undefined && grades.includes(grade))) &&
        (outcomes.length === 0 ? outcome !== 'left' : outcomes.includes(outcome)),
    )
  return all.filter(matches)
}

/** Folders of the entries, `a/` and `a/b/`, in order. */
export function folders(all: readonly Listed[]): readonly string[] {
  const found = new Set<string>()
  for (const { entry } of all) for (let at = entry.file.indexOf('/'); at !== -1; at = entry.file.indexOf('/', at + 1)) found.add(entry.file.slice(0, at + 1))
  return [...found].sort()
}
