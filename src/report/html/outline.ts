/**
 * The keys and indices that lead to each line, read from its indentation alone. Good for block YAML, and for JSON and
 * object literals that are laid out one key a line; it never fails, and says nothing of what stands inside a line.
 */
import type { Path } from '../../types.ts'

interface Level {
  /** Column that it begins at. Halves: behind something else on the same line. */
  readonly column: number
  readonly step: string | number
}

const KEY = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([\w$./-]+))\s*:(?=\s|$|["'{[])/

export function outline(lines: readonly string[]): readonly Path[] {
  let levels: Level[] = []
  const above = (column: number): void => {
    levels = levels.filter((level) => level.column < column)
  }
  return lines.map((line) => {
    if (/^(?:---|\.\.\.)(?:\s|$)/.test(line)) levels = []
    let column = line.search(/\S/)
    let rest = line.trim()
    if (rest === '' || /^(?:#|\/\/)/.test(rest)) return stepsOf(levels.filter((level) => level.column < column))
    // `- ` of YAML, or an item of a laid out list that is a map.
    for (let dash = /^-(?:\s+|$)/.exec(rest); dash !== null; dash = /^-(?:\s+|$)/.exec(rest)) {
      levels = withItem(levels, column)
      column += dash[0].length
      rest = rest.slice(dash[0].length)
    }
    if (/^(?:\}\s*,\s*)?\{/.test(rest)) levels = withItem(levels, rest.startsWith('}') ? column + 0.5 : column)
    const key = KEY.exec(rest)
    if (key !== null) {
      above(column)
      levels.push({ column, step: key[1] ?? key[2] ?? (key[3] as string) })
      if (/\[\s*\{$/.test(rest)) levels.push({ column: column + 0.5, step: 0 })
      return stepsOf(levels)
    }
    // A bracket that closes belongs to what it closes; any other line to what stands above it.
    return stepsOf(levels.filter((level) => level.column < column || (level.column === column && (typeof level.step === 'number' || /^[\]})]/.test(rest)))))
  })
}

/** A new item at a column: the next one of the list whose item stands there, or the first. */
function withItem(levels: readonly Level[], column: number): Level[] {
  const last = levels.find((level) => level.column === column && typeof level.step === 'number')
  // A list may begin at the column of its own key.
  const outer = levels.filter((level) => level.column < column || (level.column === column && typeof level.step === 'string'))
  return [...outer, { column, step: typeof last?.step === 'number' ? last.step + 1 : 0 }]
}

function stepsOf(levels: readonly Level[]): Path {
  return levels.map(({ step }) => step)
}
