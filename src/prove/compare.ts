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

/** Objects that a synthesis wrote into one file, in its order: two charts may make objects of one name. */
export interface Synthesised {
  readonly file: string
  readonly objects: readonly Json[]
}

export function compareSynthesis(before: readonly Synthesised[], after: readonly Synthesised[], harden: (object: PlainObject) => PlainObject): readonly Proof[] {
  const later = keyed(after)
  const proofs: Proof[] = []
  for (const [key, object] of keyed(before)) {
    const other = later.get(key)
    later.delete(key)
    if (other === undefined) proofs.push({ object: keyOf(object), outcome: 'broken', details: ['it is not made any more'] })
    else proofs.push(compared(keyOf(object), object, other, harden(object) as Json))
  }
  for (const object of later.values()) proofs.push({ object: keyOf(object), outcome: 'broken', details: ['it was not made before'] })
  return proofs
}

/** By file and name, and by number where a file has several of one name. */
function keyed(outputs: readonly Synthesised[]): Map<string, Json> {
  const found = new Map<string, Json>()
  for (const { file, objects } of outputs)
    for (const object of objects) {
      const key = `${file} ${keyOf(object)}`
      let count = 1
      while (found.has(`${key}#${count}`)) count++
      found.set(`${key}#${count}`, object)
    }
  return found
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
