/** One field of a whole document, in the style of the document. */
import { applyChange } from '../../tree.ts'
import type { Edit, Json } from '../../types.ts'
import { DocumentEditor } from './editor.ts'
import { mapLayout } from './layout.ts'
import type { ParsedDocument } from './parse.ts'

/** Edits that give the root a key it does not have, or fill one that is empty; undefined where the text has no place for it. */
export function setField(text: string, document: ParsedDocument, key: string, value: Json): readonly Edit[] | undefined {
  const { root } = applyChange(document.root, { op: 'set', path: [key], value })
  if (root === undefined) return undefined
  const editor = new DocumentEditor(text, document, root, [])
  editor.run()
  return editor.refusals.length > 0 ? undefined : editor.edits
}

/** The edit that leaves an empty list as the value of a key of the root, whatever it held; undefined where there is no such key. */
export function emptyField(text: string, document: ParsedDocument, key: string): Edit | undefined {
  const pair = mapLayout(document.root)?.pairs.find((other) => other.key === key)
  if (pair === undefined || !pair.hasColon) return undefined
  // A block scalar at its end brings the line break, which the next key needs.
  const value = text.slice(pair.colon, pair.slot.end).trimEnd()
  return { start: pair.colon, end: pair.colon + value.length, text: ' []' }
}
