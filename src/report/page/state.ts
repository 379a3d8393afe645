/** What is shown, as the part of the address behind `#`: a link to it shows the same. */
import type { Outcome } from '../html/review.ts'
import type { Grade } from '../../types.ts'

export interface State {
  readonly file?: string
  readonly query: string
  /** Of the transform's id; empty for any. */
  readonly transform: string
  /** A folder or the beginning of a path; empty for any. */
  readonly folder: string
  /** None: any. */
  readonly grades: readonly Grade[]
  readonly outcomes: readonly Outcome[]
}

export const EVERYTHING: State = { query: '', transform: '', folder: '', grades: [], outcomes: [] }

export function stateOf(hash: string): State {
  const given = new URLSearchParams(hash.replace(/^#/, ''))
  const list = (name: string): readonly string[] => (given.get(name) ?? '').split(' ').filter((one) => one !== '')
  const file = given.get('file')
  return {
    ...(file === null ? {} : { file }),
    query: given.get('q') ?? '',
    transform: given.get('transform') ?? '',
    folder: given.get('in') ?? '',
    grades: list('grade') as readonly Grade[],
    outcomes: list('outcome') as readonly Outcome[],
  }
}

export function hashOf({ file, query, transform, folder, grades, outcomes }: State): string {
  const all = new URLSearchParams()
  const put = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') all.set(name, value)
  }
  put('file', file)
  put('q', query)
  put('transform', transform)
  put('in', folder)
  put('grade', grades.join(' '))
  put('outcome', outcomes.join(' '))
  return `#${all}`
}
