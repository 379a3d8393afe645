/**
 * Wanted fields to edits, document by document. The document as it must read is made first, by `applyChange`;
 * the editor then makes the text say it.
 */
import { objectPath } from '../../pod.ts'
import { overlaps } from '../../text/paths.ts'
import { applyChange } from '../../tree.ts'
import type { Lowered, Node, Patch, Path, Refusal, Unit, Wanted } from '../../types.ts'
import { DocumentEditor, placeNear } from './editor.ts'
import type { ManifestLocated } from './locate.ts'

export function lower(unit: Unit, located: ManifestLocated, wanted: readonly Wanted[]): Lowered {
  const refused: Refusal[] = []
  const patches: Patch[] = []
  const expected = new Map<string, Node>()
  for (const document of located.documents) {
    const here = wanted.filter(({ site }) => site.document === document.id)
    if (here.length === 0) continue
    const source = unit.files.read(document.file)
    if (source === undefined) continue
    let root = document.root
    const paths: { readonly proposal: string; readonly path: Path }[] = []
    for (const { site, proposal, change } of here) {
      const below = objectPath(site, change.path)
      if (below === undefined) {
        refused.push({ proposal, reason: 'opaque', message: 'this kind has no pod metadata' })
        continue
      }
      const path = [...site.at, ...below]
      const applied = applyChange(root, { ...change, path })
      if (applied.root === undefined) {
        const at = placeNear(document.root, applied.path)
        refused.push({
          proposal,
          reason: applied.clash === 'wrong-type' ? 'wrong-type' : 'opaque',
          message: 'another value stands in the way',
          ...(at === undefined ? {} : { at }),
        })
        continue
      }
      root = applied.root
      paths.push({ proposal, path })
    }
    if (root === document.root) continue
    const editor = new DocumentEditor(source.text, document, root, [...new Set(here.map(({ site }) => site.at.concat(site.spec)))])
    editor.run()
    for (const { path, reason, message, at } of editor.refusals) {
      const hit = paths.filter((other) => overlaps(other.path, path))
      for (const proposal of new Set((hit.length > 0 ? hit : paths).map((other) => other.proposal))) {
        refused.push({ proposal, reason, message, ...(at === undefined ? {} : { at }) })
      }
    }
    expected.set(document.id, root)
    const proposals = [...new Set(paths.map(({ proposal }) => proposal))]
    patches.push({ id: document.id, documents: [document.id], proposals, edits: new Map([[document.file, editor.edits]]), created: new Map() })
  }
  return { patches, refused, expected }
}
