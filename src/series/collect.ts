/** What a run changes, workload by workload and step by step, so that it can be handed out in parts. */
import transforms from '../../transforms/index.ts'
import { selected } from '../plan.ts'
import { type RunOptions, run } from '../run.ts'
import type { Edit, FixFinding, Problem, Source, UnitResult } from '../types.ts'

export type SplitBy = 'transform' | 'stage' | 'workload' | 'directory' | 'owner'
export const SPLITS = ['transform', 'stage', 'workload', 'directory', 'owner'] as const satisfies readonly SplitBy[]

/** A set of changes that each contains the one before it. */
export interface Level {
  /** The transform or stage that it adds; undefined where there is one level only. */
  readonly adds: string | undefined
  readonly options: RunOptions['options']
}

/** What is written together: one document, or one program. */
export interface Atom {
  readonly id: string
  readonly file: string
  /** `Deployment shop/web`, each once. */
  readonly workloads: readonly string[]
  /** Edits of the file as it was, by level. */
  readonly edits: readonly (readonly Edit[])[]
  readonly findings: readonly (readonly FixFinding[])[]
}

export interface Collected {
  readonly levels: readonly Level[]
  readonly sources: ReadonlyMap<string, Source>
  /** In the order of files, and within them of the text. */
  readonly atoms: readonly Atom[]
  /** Of the last level, which is the whole run. */
  readonly results: readonly UnitResult[]
  readonly problems: readonly Problem[]
}

/** Each transform or stage on top of those before it; all of it at once for the other splits. */
export function levelsOf(split: SplitBy, options: RunOptions['options']): readonly Level[] {
  if (split === 'stage') return ([1, 2, 3, 4] as const).filter((stage) => stage <= options.stage).map((stage) => ({ adds: `stage ${stage}`, options: { ...options, stage } }))
  if (split !== 'transform') return [{ adds: undefined, options }]
  const ids = selected(transforms, options).map(({ id }) => id)
  return ids.map((id, i) => ({ adds: id, options: { ...options, skip: [...options.skip, ...ids.slice(i + 1)] } }))
}

/** `pause` between units: true stops. */
export async function collect(asked: RunOptions, levels: readonly Level[], pause: () => Promise<boolean>): Promise<Collected | undefined> {
  const atoms = new Map<string, { file: string; workloads: Set<string>; edits: (readonly Edit[])[]; findings: (readonly FixFinding[])[] }>()
  const sources = new Map<string, Source>()
  let results: UnitResult[] = []
  for (const [index, { options }] of levels.entries()) {
    results = []
    for (const result of run({ ...asked, options }).results()) {
      if (await pause()) return undefined
      results.push(result)
      for (const { source } of result.outputs) sources.set(source.path, source)
      for (const { id, documents, edits } of result.patches)
        for (const [file, list] of edits) {
          // A file that was given up at the end has no output.
          if (!result.outputs.some(({ source }) => source.path === file)) continue
          const atom = atoms.get(id) ?? { file, workloads: new Set(), edits: levels.map(() => []), findings: levels.map(() => []) }
          atoms.set(id, atom)
          const findings = result.findings.filter((finding): finding is FixFinding => finding.outcome === 'fix' && documents.includes(finding.patch))
          for (const { object } of findings) atom.workloads.add(`${object.kind} ${object.namespace === undefined ? '' : `${object.namespace}/`}${object.name}`)
          atom.edits[index] = list
          atom.findings[index] = findings
        }
    }
  }
  const files = [...new Set(results.flatMap(({ outputs }) => outputs.map(({ source }) => source.path)))]
  const list = [...atoms].map(([id, { workloads, ...rest }]): Atom => ({ id, ...rest, workloads: [...workloads] }))
  const last = levels.length - 1
  const place = ({ file, edits }: Atom): readonly [number, number] => [files.indexOf(file), edits[last]?.[0]?.start ?? 0]
  list.sort((a, b) => {
    const [[fileA, atA], [fileB, atB]] = [place(a), place(b)]
    return fileA - fileB || atA - atB
  })
  return { levels, sources, atoms: list.filter(({ edits }) => (edits[last] ?? []).length > 0), results, problems: results.flatMap(({ problems }) => problems) }
}
