/**
 * Which findings made a line. Edits do not say: several findings are written in one piece. A line is given to those whose
 * field it holds, judged by the keys that lead to it; where that leaves doubt, to none.
 */
import type { FixFinding, Json, Path } from '../../types.ts'
import type { Pair, Sides } from './align.ts'
import { outline } from './outline.ts'

export interface FieldRef {
  readonly finding: number
  readonly field: number
}

/** A field that a line may hold. */
export interface Candidate extends FieldRef {
  readonly path: Path
  readonly proposed: Json | undefined
  readonly container: string | undefined
}

/** `opens`, `closes`: holds nothing by itself and belongs to the lines below or above it, such as a bare `securityContext:`. */
export type Owners = readonly FieldRef[] | 'opens' | 'closes'

export function candidatesOf({ fields, container }: FixFinding, finding: number): readonly Candidate[] {
  return fields.map(({ path, proposed }, field) => ({ finding, field, path: pathOf(path), proposed, container }))
}

/** Of `spec.containers[0].x["a.b/c"]`, as `pathText` writes it. */
export function pathOf(text: string): Path {
  return [...text.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g)].map((match) =>
    match[1] !== undefined ? Number(match[1]) : match[2] !== undefined ? (JSON.parse(`"${match[2]}"`) as string) : (match[3] as string),
  )
}

/** The line that a pair is judged by: the new one, where there is one. */
export function lineOf({ before, after }: Pair, sides: Sides): string {
  return (after !== undefined ? sides.after[after] : sides.before[before as number]) as string
}

/** Asked with a pair of a change and the fields of its workload. */
export function ownersIn(sides: Sides): (pair: Pair, candidates: readonly Candidate[]) => Owners {
  const outlines = { before: outline(sides.before), after: outline(sides.after) }
  return (pair, candidates) => {
    const line = lineOf(pair, sides)
    if (!/\w/.test(line)) return 'closes'
    if (/^\s*(?:#|\/\/)/.test(line)) return 'opens'
    const side = pair.after === undefined ? 'before' : 'after'
    const at = pair[side] as number
    const item = itemAt(outlines[side], sides[side], at)
    const held = candidates.filter((candidate) => holds(outlines[side][at] as Path, candidate, line, item))
    // A key with nothing behind it: of a map whose members stand below, or of a list that several findings add to.
    if (held.length !== 1 && /^\s*(?:- )?["']?[\w$./-]+["']?\s*:\s*[[{]?\s*(?:#.*)?$/.test(line)) return 'opens'
    return held.map(({ finding, field }) => ({ finding, field }))
  }
}

/** The line, at the end of this path, holds the field or a part of it. */
function holds(line: Path, { path, proposed }: Candidate, text: string, item: (depth: number) => string): boolean {
  // A field's path begins at the pod template, which stands at another depth in every kind.
  for (let from = 0; from < line.length; from++) {
    const rest = line.length - from
    const length = Math.min(rest, path.length)
    if (!path.slice(0, length).every((step, i) => step === line[from + i])) continue
    if (rest < path.length) return hasWord(text, leafOf(path))
    // Added to a list: only the item that says it.
    const isItem = typeof line[from + path.length] === 'number' && proposed !== undefined && !Array.isArray(proposed)
    return !isItem || saysAll(item(from + path.length + 1), proposed)
  }
  return false
}

/** The text of the item that holds a line: all lines around it whose path begins with the same `depth` steps. */
function itemAt(outlines: readonly Path[], lines: readonly string[], at: number): (depth: number) => string {
  return (depth) => {
    const own = outlines[at] as Path
    const isSame = (index: number): boolean => {
      const other = outlines[index]
      return other !== undefined && other.length >= depth && own.slice(0, depth).every((step, i) => step === other[i])
    }
    let [from, to] = [at, at + 1]
    while (isSame(from - 1)) from--
    while (isSame(to)) to++
    return lines.slice(from, to).join('\n')
  }
}

/** Every name, path and number of the value stands in the text, as a word of its own. */
function saysAll(text: string, value: Json): boolean {
  if (typeof value === 'string' || typeof value === 'number') return hasWord(text, String(value))
  return value === null || typeof value === 'boolean' || Object.values(value).every((one) => saysAll(text, one))
}

export function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) if (!isPartOfWord(text[at - 1]) && !isPartOfWord(text[at + word.length])) return true
  return false
}

function isPartOfWord(char: string | undefined): boolean {
  return char !== undefined && /[\w./-]/.test(char)
}

export function leafOf(path: Path): string {
  return String(path.findLast((step) => typeof step === 'string') ?? '')
}
