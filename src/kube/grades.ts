/** Grades, weakest last. */
import type { Grade } from '../types.ts'

const ORDER: readonly Grade[] = ['certain', 'known', 'likely', 'assumed']

export function weakest(...grades: readonly Grade[]): Grade {
  return grades.reduce((a, b) => (ORDER.indexOf(b) > ORDER.indexOf(a) ? b : a), 'certain')
}

/** Whether a change of `grade` is written when at least `least` is asked for. */
export function reaches(grade: Grade, least: Grade): boolean {
  return ORDER.indexOf(grade) <= ORDER.indexOf(least)
}
