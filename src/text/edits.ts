/** Edits are data on original offsets; computing and applying never mix. */
import type { Edit, Span } from '../types.ts'

/** In the order in which they are applied: by offset, insertions before a replacement, deepest first, then as given. */
export function orderEdits(edits: readonly Edit[]): readonly Edit[] {
  return edits
    .map((edit, index) => ({ edit, index }))
    .sort(
      (a, b) =>
        a.edit.start - b.edit.start || Number(a.edit.end > a.edit.start) - Number(b.edit.end > b.edit.start) || (b.edit.depth ?? 0) - (a.edit.depth ?? 0) || a.index - b.index,
    )
    .map(({ edit }) => edit)
}

/** The first edit that overlaps an earlier one or lies outside the text. `ordered` as by {@link orderEdits}. */
export function misplacedEdit(ordered: readonly Edit[], length: number): Edit | undefined {
  let last = 0
  return ordered.find((edit) => {
    const wrong = edit.start < last || edit.end < edit.start || edit.end > length
    last = edit.end
    return wrong
  })
}

export function applyEdits(text: string, ordered: readonly Edit[]): string {
  const parts: string[] = []
  let last = 0
  for (const edit of ordered) {
    parts.push(text.slice(last, edit.start), edit.text)
    last = edit.end
  }
  parts.push(text.slice(last))
  return parts.join('')
}

/** Where each edit's text stands in the result, in the same order. */
export function editedSpans(ordered: readonly Edit[]): readonly Span[] {
  let shift = 0
  return ordered.map((edit) => {
    const start = edit.start + shift
    shift += edit.text.length - (edit.end - edit.start)
    return { start, end: start + edit.text.length }
  })
}

/** Moves offsets of the original to offsets of the result. Ask with rising offsets; an offset at an insertion stays behind the inserted text. */
export function shifter(ordered: readonly Edit[]): (offset: number) => number {
  let index = 0
  let shift = 0
  return (offset) => {
    for (; index < ordered.length; index++) {
      const edit = ordered[index] as Edit
      if (edit.end > offset || (edit.start > offset && edit.end >= offset)) break
      shift += edit.text.length - (edit.end - edit.start)
    }
    return offset + shift
  }
}
