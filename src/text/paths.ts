/** Field paths as text. */
import type { Path } from '../types.ts'

/** `spec.containers[0].securityContext.runAsUser`; keys that are no plain names are quoted. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    if (!/^[\w-]+$/.test(step)) return `${text}[${JSON.stringify(step)}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}

/** Patterns are few and asked for with every change, so each is cut once. */
const cut = new Map<string, readonly string[]>()

function stepsOf(pattern: string): readonly string[] {
  let steps = cut.get(pattern)
  if (steps === undefined) {
    steps = pattern.replaceAll('[*]', '.*').split('.')
    cut.set(pattern, steps)
  }
  return steps
}

/** `spec.containers[*].securityContext.runAsUser` covers the path of any container, and everything below it. */
export function covers(patterns: readonly string[], path: Path): boolean {
  return patterns.some((pattern) => {
    const steps = stepsOf(pattern)
    return steps.length <= path.length && steps.every((step, i) => step === '*' || step === String(path[i]))
  })
}

/** One path leads to the other, or they are the same. */
export function overlaps(a: Path, b: Path): boolean {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false
  return true
}
