/** A changed file as the page shows it: lines that stay, and blocks of lines with the findings beside them. */
import type { Finding, Output } from '../../types.ts'
import { visible } from '../safe.ts'
import { type Pair, sidesOf } from './align.ts'
import { attribute } from './attribute.ts'
import type { FieldRef } from './owners.ts'
import type { NoteRef, Part, Row, Same } from './review.ts'

/** Of a stretch that stays, this many lines at either end can be unfolded; a file may have many thousands. */
const KEPT = 200

export interface Told {
  readonly findings: readonly Finding[]
  /** Which of its reasons a field of a fix belongs to. */
  reasonOf(field: FieldRef): number
  /** One-based lines that the workloads begin at, rising. */
  readonly starts: readonly number[]
}

export function partsOf(output: Output, { findings, reasonOf, starts }: Told): readonly Part[] {
  const sides = sidesOf(output)
  const reviews = reviewsByLine(findings)
  const asked = [...reviews.keys()].sort((a, b) => a - b)
  const parts: Part[] = []
  let at = 0
  // Lines that stay are cut where a person must look at one.
  const stay = (to: number): void => {
    for (; asked.length > 0 && (asked[0] as number) < to; asked.shift()) {
      const line = asked[0] as number
      if (line < at) continue
      if (line > at) parts.push(same(sides.before.slice(at, line)))
      const text = shown(sides.before[line] as string)
      parts.push({ rows: [[text, text]], notes: reviews.get(line) ?? [] })
      at = line + 1
    }
    if (to > at) parts.push(same(sides.before.slice(at, to)))
    at = to
  }
  const row = ({ before, after }: Pair): Row => [
    before === undefined ? null : shown(sides.before[before] as string),
    after === undefined ? null : shown(sides.after[after] as string),
  ]
  for (const [index, blocks] of attribute(sides, findings, starts, (field) => `${field.finding}.${reasonOf(field)}`).entries()) {
    stay(sides.changes[index]?.from ?? at)
    for (const { pairs, fields, somewhere } of blocks) {
      const lines = pairs.flatMap(({ before }) => before ?? [])
      const looked = lines.flatMap((line) => reviews.get(line) ?? [])
      parts.push({ rows: pairs.map(row), notes: [...notesOf(fields, reasonOf), ...notesOf(somewhere, reasonOf).map((note): NoteRef => ({ ...note, somewhere: true })), ...looked] })
      at += lines.length
    }
  }
  stay(sides.before.length)
  return parts
}

/** By the zero-based line that a person must look at. */
function reviewsByLine(findings: readonly Finding[]): ReadonlyMap<number, readonly NoteRef[]> {
  const reviews = new Map<number, readonly NoteRef[]>()
  findings.forEach(({ outcome, line }, finding) => {
    if (outcome !== 'fix') reviews.set(line - 1, [...(reviews.get(line - 1) ?? []), { finding, reasons: [] }])
  })
  return reviews
}

function notesOf(fields: readonly FieldRef[], reasonOf: Told['reasonOf']): readonly NoteRef[] {
  const notes = new Map<number, Set<number>>()
  for (const field of fields) notes.set(field.finding, (notes.get(field.finding) ?? new Set()).add(reasonOf(field)))
  return [...notes].map(([finding, reasons]) => ({ finding, reasons: [...reasons] }))
}

function same(lines: readonly string[]): Same {
  if (lines.length <= 2 * KEPT) return { same: lines.map(shown) }
  return { same: lines.slice(0, KEPT).map(shown), left: lines.length - 2 * KEPT, tail: lines.slice(-KEPT).map(shown) }
}

function shown(line: string): string {
  return visible(line, '\t')
}
