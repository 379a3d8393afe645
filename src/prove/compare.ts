/**
 * The law of programs: what the rewritten source synthesises is what `harden` makes of what it synthesised before, or
 * a part of it, and nothing else differs.
 */
import { isDeepStrictEqual } from 'node:util'
import type { PlainObject } from '../objects.ts'
import { type Json, meaningOf } from './meaning.ts'

export interface Proof {
  /** `Deployment shop/web` */
  readonly object: string
  /**
   * `gained`: everything that harden would do. `partly`: some of it, and nothing else. `unchanged`: nothing differs.
   * `broken`: something differs that hardening does not ask for.
   */
  readonly outcome: 'gained' | 'partly' | 'unchanged' | 'broken'
  /** What differs where it should not, or what is still missing. */
  readonly details: readonly string[]
}

export function compareSynthesis(before: readonly Json[], after: readonly Json[], harden: (object: PlainObject) => PlainObject): readonly Proof[] {
  const later = new Map(after.map((object) => [keyOf(object), object]))
  const proofs: Proof[] = []
  for (const object of before) {
    const key = keyOf(object)
    const other = later.get(key)
    later.delete(key)
    if (other === undefined) proofs.push({ object: key, outcome: 'broken', details: ['it is not made any more'] })
    else proofs.push(compared(key, object, other, harden(object) as Json))
  }
  for (const key of later.keys()) proofs.push({ object: key, outcome: 'broken', details: ['it was not made before'] })
  return proofs
}

function keyOf(object: Json): string {
  const { name = '', namespace } = (object.metadata ?? {}) as { name?: string; namespace?: string }
  return `${String(object.kind)} ${namespace === undefined ? '' : `${namespace}/`}${name}`
}

function compared(object: string, before: Json, after: Json, wanted: Json): Proof {
  if (same(before, after)) return { object, outcome: 'unchanged', details: [] }
  const [old, now, goal] = [before, after, wanted].map(aspectsOf) as [Aspects, Aspects, Aspects]
  const broken: string[] = []
  const missing: string[] = []
  for (const name of new Set([...old.keys(), ...now.keys(), ...goal.keys()])) {
    const value = now.get(name)
    if (same(value, goal.get(name))) continue
    ;(same(value, old.get(name)) ? missing : broken).push(name)
  }
  if (broken.length > 0) return { object, outcome: 'broken', details: broken }
  return missing.length > 0 ? { object, outcome: 'partly', details: missing } : { object, outcome: 'gained', details: [] }
}

type Aspects = ReadonlyMap<string, unknown>

function aspectsOf(object: Json): Aspects {
  const { containers, pod, rest } = meaningOf(object)
  const found = new Map<string, unknown>([['everything else', rest]])
  for (const [name, value] of Object.entries(pod)) found.set(`pod ${name}`, value)
  for (const [i, container] of containers.entries()) for (const [name, value] of Object.entries(container)) found.set(`container ${i} ${name}`, value)
  return found
}

function same(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(plain(a), plain(b))
}

/** Absent and undefined are one. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}
