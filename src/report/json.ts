/** The report for programs, written as it comes: one object with stable keys, never held in memory as a whole. */
import type { Edit, Finding, Grade, Note, Problem, SiteVerdict, UnitResult } from '../types.ts'
import type { Reader } from './reader.ts'
import { json } from './safe.ts'
import type { Totals } from './totals.ts'

export const SCHEMA = 1

export interface JsonHead {
  readonly version: string
  readonly catalogue: string
}

type Counts = Readonly<Record<Grade, number>>

/**
 * What `--format json` prints. Within a major version of podharden keys are only added; `schema` changes with a change
 * of the meaning of one. `schemas/report.schema.json` of the package is made from this.
 */
export interface ReportBody {
  readonly schema: number
  /** Version of podharden. */
  readonly podharden: string
  /** Version of the image catalogue. */
  readonly catalogue: string
  readonly units: readonly ReportUnit[]
  readonly summary: ReportSummary
}

/** What is read and written together: one file, or the run itself where `unit` is empty. */
export interface ReportUnit {
  readonly unit: string
  readonly workloads: number
  readonly containers: number
  /** Containers by how sure it is which user they can run as. */
  readonly users: Counts
  readonly findings: readonly Finding[]
  readonly verdicts: readonly SiteVerdict[]
  readonly problems: readonly Problem[]
  readonly notes: readonly Note[]
  /** `proposals`: how many. */
  readonly patches: readonly { readonly id: string; readonly documents: readonly string[]; readonly proposals: number }[]
  /** Files that are changed. Offsets are UTF-16 units of the text without byte order mark. */
  readonly files: readonly { readonly path: string; readonly edits: readonly Pick<Edit, 'start' | 'end' | 'text'>[] }[]
}

export interface ReportSummary {
  /** Files that hold workloads. */
  readonly files: number
  readonly changedFiles: number
  readonly workloads: number
  readonly containers: number
  readonly users: Counts
  /** Fields that are changed, by grade. */
  readonly fields: Counts
  /** Changes by transform. */
  readonly fixes: Readonly<Record<string, number>>
  /** Level and version of the verdicts. */
  readonly standard: string | null
  readonly allowed: { readonly before: number; readonly after: number }
  readonly decide: number
  readonly know: number
  readonly exempt: number
  readonly problems: number
  readonly proof: string
}

/** Pieces of one {@link ReportBody}. */
export class JsonReport implements Reader {
  readonly #head: JsonHead
  #units = 0

  constructor(head: JsonHead) {
    this.#head = head
  }

  start(): string {
    const { version, catalogue } = this.#head
    return `{"schema":${SCHEMA},"podharden":${json(version)},"catalogue":${json(catalogue)},"units":[`
  }

  unit(result: UnitResult): string {
    if (result.findings.length === 0 && result.verdicts.length === 0 && result.problems.length === 0 && result.notes.length === 0 && result.outputs.length === 0) return ''
    const { unit, sites, containers, standings, findings, verdicts, problems, notes, patches, outputs } = result
    const body: ReportUnit = {
      unit,
      workloads: sites,
      containers,
      users: standings,
      findings,
      verdicts,
      problems,
      notes,
      patches: patches.map(({ id, documents, proposals }) => ({ id, documents, proposals: proposals.length })),
      files: outputs.map(({ source, edits }) => ({ path: source.path, edits: edits.map(({ start, end, text }) => ({ start, end, text })) })),
    }
    return `${this.#units++ === 0 ? '\n' : ',\n'}${json(body)}`
  }

  end(totals: Totals): string {
    const summary: ReportSummary = {
      files: totals.files,
      changedFiles: totals.changedFiles,
      workloads: totals.sites,
      containers: totals.containers,
      users: totals.standings,
      fields: totals.grades,
      fixes: Object.fromEntries(totals.byTransform),
      standard: totals.standard ?? null,
      allowed: { before: totals.allowedBefore, after: totals.allowedAfter },
      decide: totals.decide,
      know: totals.know,
      exempt: totals.exempt,
      problems: totals.problems.length,
      proof: 'each edit was read back and compared with the intended object; nothing was run',
    }
    return `\n],"summary":${json(summary)}}\n`
  }
}
