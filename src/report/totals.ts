/** Counts over a run. Holds numbers and what a person must decide, never the findings themselves. */
import type { ExemptFinding, Finding, Grade, Note, Problem, ReviewFinding, UnitResult } from '../types.ts'

export interface Decision {
  readonly reason: ReviewFinding['reason']
  readonly severity: ReviewFinding['severity']
  readonly message: string
  readonly todo: string
  readonly image: string | undefined
  count: number
  /** The first few places. */
  readonly places: string[]
}

/** A word by which something stays as it is. */
export interface Kept {
  readonly by: string
  readonly text: string
  readonly expires: string | undefined
  readonly transforms: Set<string>
  count: number
  /** The first few workloads. */
  readonly places: string[]
}

const GRADES: readonly Grade[] = ['certain', 'known', 'likely', 'assumed']
const PLACES = 5
const RISKS = 200

export class Totals {
  files = 0
  changedFiles = 0
  sites = 0
  containers = 0
  /** Containers by how sure their user is. */
  readonly standings: Record<Grade, number> = { certain: 0, known: 0, likely: 0, assumed: 0 }
  /** Fields that are changed. */
  readonly grades: Record<Grade, number> = { certain: 0, known: 0, likely: 0, assumed: 0 }
  readonly byTransform = new Map<string, number>()
  readonly decisions = new Map<string, Decision>()
  readonly problems: Problem[] = []
  readonly notes = new Map<string, { readonly note: Note; count: number }>()
  /** What could break, with how many changes carry the warning. */
  readonly risks = new Map<string, number>()
  readonly exemptions = new Map<string, Kept>()
  decide = 0
  know = 0
  exempt = 0
  /** Level and version of the verdicts, once there is one. */
  standard: string | undefined
  allowedBefore = 0
  allowedAfter = 0

  add(result: UnitResult): void {
    if (result.sites > 0) this.files++
    this.changedFiles += result.outputs.length
    this.sites += result.sites
    this.containers += result.containers
    for (const grade of GRADES) this.standings[grade] += result.standings[grade]
    this.problems.push(...result.problems)
    for (const { level, version, before, after } of result.verdicts) {
      this.standard = `${level} ${version}`
      if (before.allowed === true) this.allowedBefore++
      if (after.allowed === true) this.allowedAfter++
    }
    for (const note of result.notes) this.#note(note)
    for (const finding of result.findings) this.#finding(finding)
  }

  get fields(): number {
    return Object.values(this.grades).reduce((sum, count) => sum + count, 0)
  }

  #note(note: Note): void {
    // Notes of whole folders are few and each its own; those of single files and charts are counted together.
    const key = note.code === 'VENDORED' ? `${note.code}|${note.file}` : `${note.code}|${note.hint}`
    const known = this.notes.get(key)
    if (known === undefined) this.notes.set(key, { note, count: 1 })
    else known.count++
  }

  #finding(finding: Finding): void {
    if (finding.outcome === 'fix') {
      for (const { grade } of finding.fields) this.grades[grade]++
      if (finding.risk !== undefined && (this.risks.has(finding.risk) || this.risks.size < RISKS)) this.risks.set(finding.risk, (this.risks.get(finding.risk) ?? 0) + 1)
      this.byTransform.set(finding.transform, (this.byTransform.get(finding.transform) ?? 0) + 1)
      return
    }
    if (finding.outcome === 'exempt') {
      this.#exempt(finding)
      return
    }
    if (finding.severity === 'decide') this.decide++
    else this.know++
    const key = [finding.severity, finding.reason, finding.message, finding.image ?? ''].join('|')
    const known = this.decisions.get(key)
    const place = placeOf(finding)
    if (known === undefined) {
      this.decisions.set(key, { reason: finding.reason, severity: finding.severity, message: finding.message, todo: finding.todo, image: finding.image, count: 1, places: [place] })
    } else {
      known.count++
      if (known.places.length < PLACES) known.places.push(place)
    }
  }
  #exempt(finding: ExemptFinding): void {
    this.exempt++
    const { by, text, expires, transform } = finding
    const key = JSON.stringify([by, text])
    const known = this.exemptions.get(key)
    const kept = known ?? { by, text, expires, transforms: new Set(), count: 0, places: [] }
    if (known === undefined) this.exemptions.set(key, kept)
    kept.count++
    kept.transforms.add(transform)
    const place = placeOf(finding)
    if (kept.places.length < PLACES && !kept.places.includes(place)) kept.places.push(place)
  }
}

function placeOf({ place, line, object, container }: Finding): string {
  return `${place.file}:${line}  ${object.kind}/${object.name}${container === undefined ? '' : ` container ${container}`}`
}
