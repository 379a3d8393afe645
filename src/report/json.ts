/** The report for programs, written as it comes: one object with stable keys, never held in memory as a whole. */
import type { UnitResult } from '../types.ts'
import type { Reader } from './reader.ts'
import type { Totals } from './totals.ts'

export const SCHEMA = 1

export interface JsonHead {
  readonly version: string
  readonly catalogue: string
}

/** Pieces of one JSON object. */
export class JsonReport implements Reader {
  readonly #head: JsonHead
  #units = 0

  constructor(head: JsonHead) {
    this.#head = head
  }

  start(): string {
    const { version, catalogue } = this.#head
    return `{"schema":${SCHEMA},"podharden":${JSON.stringify(version)},"catalogue":${JSON.stringify(catalogue)},"units":[`
  }

  unit(result: UnitResult): string {
    if (result.findings.length === 0 && result.verdicts.length === 0 && result.problems.length === 0 && result.notes.length === 0 && result.outputs.length === 0) return ''
    const { unit, sites, containers, standings, findings, verdicts, problems, notes, patches, outputs } = result
    const body = {
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
    return `${this.#units++ === 0 ? '\n' : ',\n'}${JSON.stringify(body)}`
  }

  end(totals: Totals): string {
    const summary = {
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
      problems: totals.problems.length,
      proof: 'each edit was read back and compared with the intended object; nothing was run',
    }
    return `\n],"summary":${JSON.stringify(summary)}}\n`
  }
}
