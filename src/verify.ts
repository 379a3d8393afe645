/**
 * The law, checked on every edited document before anyone sees it: reading the output gives the intended
 * object, everything else is as it was, comments stand where they stood, and nothing is left to plan.
 */
import { applyEdits, editedSpans, misplacedEdit, orderEdits, shifter } from './text/edits.ts'
import { lineStart } from './text/lines.ts'
import { pathText } from './text/paths.ts'
import { difference } from './tree.ts'
import type { Document, Edit, Files, Located, Lowered, Patch, Path, ProblemCode, Source, Unit } from './types.ts'

/** One broken law. `path`: where in the document, when it can be told. */
export interface Violation {
  readonly code: ProblemCode
  readonly document: string
  readonly file: string
  readonly at: number
  readonly path?: Path
  readonly message: string
}

export interface Verified {
  /** Every edited file as it would be written. */
  readonly outputs: readonly { readonly source: Source; readonly text: string; readonly edits: readonly Edit[] }[]
  readonly located: Located
  readonly violations: readonly Violation[]
}

/** `unit` with some files replaced: what `locate` is shown the second time. */
export function staged(unit: Unit, outputs: ReadonlyMap<string, string>): Unit {
  const files: Files = {
    list: () => unit.files.list(),
    read: (path) => {
      const source = unit.files.read(path)
      const text = outputs.get(path)
      return source === undefined || text === undefined ? source : { ...source, text }
    },
  }
  return { ...unit, files }
}

/** `read`: how the output is read. */
export function verify(unit: Unit, read: (unit: Unit) => Located, located: Located, lowered: Lowered): Verified {
  const violations: Violation[] = []
  const outputs = new Map<string, string>()
  const results: { source: Source; text: string; edits: readonly Edit[] }[] = []
  for (const [file, edits] of editsByFile(lowered.patches)) {
    const source = unit.files.read(file)
    if (source === undefined) continue
    const ordered = orderEdits(edits)
    const misplaced = misplacedEdit(ordered, source.text.length)
    if (misplaced !== undefined) {
      violations.push({ code: 'OVERLAPPING_EDITS', document: documentAt(located, file, misplaced.start), file, at: misplaced.start, message: 'two edits touch the same text' })
      continue
    }
    const text = applyEdits(source.text, ordered)
    outputs.set(file, text)
    results.push({ source, text, edits: ordered })
    if (restored(text, ordered, source.text) !== source.text) {
      violations.push({ code: 'BYTES_CHANGED', document: '', file, at: 0, message: 'text outside the edits has changed' })
    }
  }
  const after = read(staged(unit, outputs))
  const later = new Map(after.documents.map((document) => [document.id, document]))
  for (const { source, text, edits } of results) {
    for (const document of located.documents) {
      if (document.file !== source.path) continue
      const other = later.get(document.id)
      if (other === undefined) {
        violations.push({
          code: 'OUTPUT_UNPARSABLE',
          document: document.id,
          file: document.file,
          at: document.span.start,
          message: after.problems[0]?.message ?? 'the edited document cannot be read',
        })
        continue
      }
      violations.push(...checkDocument(document, other, lowered.expected.get(document.id) ?? document.root, source.text, text, edits))
    }
  }
  return { outputs: results, located: after, violations }
}

function editsByFile(patches: readonly Patch[]): ReadonlyMap<string, readonly Edit[]> {
  const all = new Map<string, Edit[]>()
  for (const { edits } of patches) {
    for (const [file, list] of edits) {
      const known = all.get(file)
      if (known === undefined) all.set(file, [...list])
      else known.push(...list)
    }
  }
  return all
}

function documentAt(located: Located, file: string, offset: number): string {
  return located.documents.find((document) => document.file === file && document.span.start <= offset && offset <= document.span.end)?.id ?? ''
}

/** The result with every edit undone, by the spans that the edits say they made. */
function restored(text: string, ordered: readonly Edit[], original: string): string {
  const parts: string[] = []
  let last = 0
  editedSpans(ordered).forEach((span, i) => {
    const edit = ordered[i] as Edit
    parts.push(text.slice(last, span.start), original.slice(edit.start, edit.end))
    last = span.end
  })
  parts.push(text.slice(last))
  return parts.join('')
}

function checkDocument(before: Document, after: Document, expected: Document['root'], original: string, text: string, edits: readonly Edit[]): readonly Violation[] {
  const where = { document: before.id, file: before.file }
  const path = difference(expected, after.root, before.shares ? new Map() : undefined)
  if (path !== undefined) {
    return [
      {
        ...where,
        code: 'UNPLANNED_CHANGE',
        at: before.span.start,
        path,
        message: `the edited text reads differently from what was intended at ${path.length === 0 ? 'the top' : pathText(path)}`,
      },
    ]
  }
  if (before.comments.length !== after.comments.length) {
    return [{ ...where, code: 'COMMENT_LOST', at: before.span.start, message: `${before.comments.length} comments became ${after.comments.length}` }]
  }
  const shift = shifter(edits)
  for (const [i, comment] of before.comments.entries()) {
    const twin = after.comments[i]
    const start = shift(comment.at.span.start)
    if (twin === undefined || twin.text !== comment.text || twin.inline !== comment.inline || twin.at.span.start !== start) {
      return [{ ...where, code: 'COMMENT_LOST', at: comment.at.span.start, message: `a comment would move or change: ${comment.text.slice(0, 60)}` }]
    }
    if (comment.inline && !sameKey(original, comment.at.span.start, text, start)) {
      return [{ ...where, code: 'COMMENT_LOST', at: comment.at.span.start, message: `a comment would stand beside something else: ${comment.text.slice(0, 60)}` }]
    }
  }
  return []
}

/** An inline comment stays on the line of the token that began its line; a value between may have been replaced. */
function sameKey(original: string, before: number, text: string, after: number): boolean {
  const word = /^[ \t]*(?:[{[]|[^\s:,]*)/
  return word.exec(original.slice(lineStart(original, before), before))?.[0] === word.exec(text.slice(lineStart(text, after), after))?.[0]
}
