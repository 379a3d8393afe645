/** Grades, weakest last. */
import type { Fact, Grade } from '../types.ts'

const ORDER: readonly Grade[] = ['certain', 'known', 'likely', 'assumed']

export function weakest(...grades: readonly Grade[]): Grade {
  return grades.reduce((a, b) => (ORDER.indexOf(b) > ORDER.indexOf(a) ? b : a), 'certain')
}

/** Whether a change of `grade` is written when at least `least` is asked for. */
export function reaches(grade: Grade, least: Grade): boolean {
  return ORDER.indexOf(grade) <= ORDER.indexOf(least)
}

/** The fact with its grade lowered to `limit` where it was stronger. */
export function atMost<T>(fact: Fact<T>, limit: Grade): Fact<T> {
  return { ...fact, grade: weakest(fact.grade, limit) }
}
