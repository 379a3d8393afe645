/** The whole function: a list as text to a list as text. No file is read and no image asked for. */
import transforms from '../../transforms/index.ts'
import { ruleNotes } from '../exemptions/notes.ts'
import { contextOf } from '../know.ts'
import { manifest } from '../languages/manifest/index.ts'
import { parseSlice } from '../languages/manifest/parse.ts'
import { rereadSlice } from '../languages/manifest/reread.ts'
import { emptyField, setField } from '../languages/manifest/set-field.ts'
import { EMPTY_SURVEY, withDefaults } from '../options.ts'
import { applyEdits, orderEdits } from '../text/edits.ts'
import { entries, fromJson, sameNode } from '../tree.ts'
import type { Edit, Json, Node, Options, Problem, Source, Unit } from '../types.ts'
import { hardenUnit } from '../unit.ts'
import { functionConfigOf } from './config.ts'
import { readList, type ResourceList } from './list.ts'
import { mistakeResults, type Result, resultsOf } from './results.ts'

/** `text` without byte order mark. An error among the results means that the function has failed. */
export type HardenedList = { readonly text: string; readonly results: readonly Result[] } | { readonly problem: Problem }

/** `today` is what expiry is judged by. A list whose functionConfig has mistakes comes back as it was, with them as results. */
export function hardenList(given: Source, today: string | undefined): HardenedList {
  const first = readList(given)
  if ('problem' in first) return first
  const cleared = first.hasResults ? emptyField(given.text, first.document, 'results') : undefined
  const source = cleared === undefined ? given : { ...given, text: applyEdits(given.text, [cleared]) }
  const list = cleared === undefined ? first : readList(source)
  if ('problem' in list) return list
  const found = functionConfigOf(list.functionConfig)
  if ('mistakes' in found) return finished(source, list, [], mistakeResults(found.mistakes, list.functionConfig, list.configObject))
  return hardened(source, list, { ...found.config.options, today })
}

function hardened(source: Source, list: ResourceList, given: Partial<Options>): HardenedList {
  const options = withDefaults(given, false)
  const files = { list: () => [source.path], read: () => source }
  const unit: Unit = { id: source.path, kind: 'manifest', root: '', files, kinds: options.workloads, writable: () => true }
  const context = contextOf(options, EMPTY_SURVEY, (site) => list.items[Number(site.at[1])]?.file?.path ?? site.file)
  const located = manifest.locate(unit)
  // Findings name their objects; the sites say where in the list these stand.
  const language = { ...manifest, locate: (of: Unit) => (of === unit ? located : manifest.locate(of)) }
  const result = hardenUnit(unit, { language, transforms, context })
  const used = new Set(result.findings.flatMap((finding) => (finding.outcome === 'exempt' ? [finding.by] : [])))
  const output = result.outputs[0]
  const after = output === undefined ? list.document.root : (rootOf(source.path, output.text) ?? list.document.root)
  const notes = [...result.notes, ...ruleNotes(options, used, true)]
  return finished(source, list, output?.edits ?? [], resultsOf({ ...result, notes, list, sites: located.sites, after }))
}

/** The results behind what is there. What was there reads as before, or nothing is given back. */
function finished(source: Source, list: ResourceList, edits: readonly Edit[], results: readonly Result[]): HardenedList {
  const hardenedText = applyEdits(source.text, orderEdits(edits))
  if (results.length === 0) return { text: hardenedText, results }
  const added = setField(source.text, list.document, 'results', results as unknown as Json)
  const text = added === undefined ? undefined : applyEdits(source.text, orderEdits([...edits, ...added]))
  if (text === undefined || !says(source.path, text, hardenedText, results))
    return {
      problem: {
        code: 'OUTPUT_UNPARSABLE',
        file: source.path,
        message: 'the results cannot be written into the text of this list',
        hint: 'Pass the list as an orchestrator prints it, or report this with the list.',
      },
    }
  return { text, results }
}

function says(path: string, text: string, without: string, results: readonly Result[]): boolean {
  const [now, before] = [rootOf(path, text), rootOf(path, without)]
  if (now === undefined || before === undefined) return false
  const { results: told, ...rest } = Object.fromEntries([...entries(now)].map(([key, { node }]) => [key, node]))
  const same = [...entries(before)].filter(([key]) => key !== 'results')
  return sameNode(told, fromJson(results as unknown as Json)) && same.length === Object.keys(rest).length && same.every(([key, { node }]) => sameNode(node, rest[key]))
}

function rootOf(path: string, text: string): Node | undefined {
  const reread = rereadSlice(path, text, 0, text.length, 0)
  if (reread !== undefined) return reread.root
  const parsed = parseSlice(path, text, 0, text.length, 0)
  return 'failure' in parsed ? undefined : parsed.documents[0]?.root
}
