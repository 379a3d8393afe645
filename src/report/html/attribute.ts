/** Blocks of changed lines with the fields of the findings that made them. */
import type { Finding } from '../../types.ts'
import type { Pair, Sides } from './align.ts'
import { namedBy } from './by-name.ts'
import { type Candidate, candidatesOf, type FieldRef, lineOf, type Owners, ownersIn } from './owners.ts'

/** Lines of one change that the same findings made. */
export interface Attributed {
  readonly pairs: readonly Pair[]
  readonly fields: readonly FieldRef[]
  /** Fields of the same workload that no line could be told to hold. */
  readonly somewhere: readonly FieldRef[]
}

/** A changed line. `workload`: which of them it stands in, -1 above the first. */
interface Line {
  readonly pair: Pair
  readonly workload: number
  owners: Owners
}

/** How fields are told: those of one kind together. */
export type KindOf = (field: FieldRef) => string

/** One list for each change. `starts`: the one-based lines that the workloads begin at, rising. */
export function attribute(sides: Sides, findings: readonly Finding[], starts: readonly number[], kindOf: KindOf): readonly (readonly Attributed[])[] {
  const candidates = new Map<number, Candidate[]>()
  findings.forEach((finding, index) => {
    if (finding.outcome !== 'fix') return
    const workload = Math.max(0, workloadAt(starts, finding.line - 1))
    const known = candidates.get(workload)
    if (known === undefined) candidates.set(workload, [...candidatesOf(finding, index)])
    else known.push(...candidatesOf(finding, index))
  })
  const changes = linesOf(sides, starts, candidates)
  const placed = new Set(changes.flat().flatMap(({ owners }) => (typeof owners === 'string' ? [] : owners.map(keyOf))))
  const waiting = new Map<number, readonly Candidate[]>()
  for (const [workload, list] of candidates) {
    const missing = list.filter((one) => !placed.has(keyOf(one)))
    if (missing.length > 0)
      waiting.set(
        workload,
        placedByName(
          changes.flat().filter((line) => line.workload === workload),
          sides,
          missing,
        ),
      )
  }
  return changes.map((lines) =>
    blocks(lines, kindOf).map(({ pairs, fields, workload }) => {
      const somewhere = (waiting.get(workload) ?? []).map(({ finding, field }) => ({ finding, field }))
      waiting.delete(workload)
      return { pairs, fields, somewhere }
    }),
  )
}

function linesOf(sides: Sides, starts: readonly number[], candidates: ReadonlyMap<number, readonly Candidate[]>): readonly (readonly Line[])[] {
  const ownersOf = ownersIn(sides)
  return sides.changes.map(({ from, pairs }) => {
    let next = from
    return pairs.map((pair): Line => {
      // What is inserted belongs to the line above it: the next one may begin another workload.
      const workload = workloadAt(starts, pair.before ?? next - 1)
      if (pair.before !== undefined) next = pair.before + 1
      return { pair, workload, owners: ownersOf(pair, candidates.get(workload) ?? []) }
    })
  })
}

/** Gives lines that nobody owns to the fields they name, and returns the fields that are still without a line. */
function placedByName(lines: readonly Line[], sides: Sides, waiting: readonly Candidate[]): readonly Candidate[] {
  if (waiting.length === 0) return waiting
  const free = lines.filter(({ owners }) => owners.length === 0)
  const texts = free.map(({ pair }) => lineOf(pair, sides))
  return waiting.filter((candidate) => {
    const line = free[namedBy(texts, candidate) ?? -1]
    if (line === undefined || typeof line.owners === 'string') return true
    line.owners = [...line.owners, { finding: candidate.finding, field: candidate.field }]
    return false
  })
}

interface Block {
  readonly pairs: Pair[]
  readonly fields: FieldRef[]
  readonly workload: number
}

/** Neighbours that are told of in the same words together, and with them the lines that open and close them. */
function blocks(lines: readonly Line[], kindOf: KindOf): readonly Block[] {
  const found: Block[] = []
  let opening: Pair[] = []
  for (const { pair, workload, owners } of lines) {
    const last = found.at(-1)
    if (owners === 'opens' || (owners === 'closes' && last === undefined)) {
      opening.push(pair)
      continue
    }
    const own = owners === 'closes' ? [] : owners
    if (last !== undefined && (owners === 'closes' || (last.workload === workload && kinds(last.fields, kindOf) === kinds(own, kindOf)))) {
      last.pairs.push(...opening, pair)
      last.fields.push(...own)
    } else found.push({ pairs: [...opening, pair], fields: [...own], workload })
    opening = []
  }
  const last = found.at(-1)
  if (last !== undefined) last.pairs.push(...opening)
  else if (opening.length > 0) found.push({ pairs: opening, fields: [], workload: lines[0]?.workload ?? -1 })
  return found
}

/** The last workload that begins at or above a zero-based line. */
function workloadAt(starts: readonly number[], line: number): number {
  let [low, high] = [0, starts.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((starts[middle] as number) - 1 <= line) low = middle + 1
    else high = middle
  }
  return low - 1
}

function keyOf({ finding, field }: FieldRef): string {
  return `${finding}.${field}`
}

function kinds(fields: readonly FieldRef[], kindOf: KindOf): string {
  return [...new Set(fields.map(kindOf))].sort().join()
}
