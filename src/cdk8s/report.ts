/** What a synthesis came to, by construct path. */
import { plural, safe } from '../report/safe.ts'
import type { Finding, SiteVerdict } from '../types.ts'

/** One object of the tree that holds pods. */
export interface HardenedConstruct {
  /** Path of the construct: `shop/web/Resource`. */
  readonly path: string
  readonly findings: readonly Finding[]
  /** What the Pod Security Standards say before and after. */
  readonly verdicts: readonly SiteVerdict[]
}

/** Filled by each synthesis; before the first it is empty. */
export interface HardenReport {
  /** In order of path. */
  readonly constructs: readonly HardenedConstruct[]
  readonly findings: readonly Finding[]
  /** What the standards still refuse: `shop/web/Resource: …`. */
  readonly violations: readonly string[]
  /** The report for people. */
  toString(): string
}

export class Report implements HardenReport {
  readonly #constructs = new Map<string, HardenedConstruct>()

  set(construct: HardenedConstruct): void {
    this.#constructs.set(construct.path, construct)
  }

  clear(): void {
    this.#constructs.clear()
  }

  get constructs(): readonly HardenedConstruct[] {
    return [...this.#constructs.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  get findings(): readonly Finding[] {
    return this.constructs.flatMap(({ findings }) => findings)
  }

  get violations(): readonly string[] {
    return this.constructs.flatMap(violationsOf)
  }

  toString(): string {
    const lines: string[] = []
    let workloads = 0
    let [before, after] = [0, 0]
    for (const { path, findings, verdicts } of this.constructs) {
      workloads += verdicts.length
      before += verdicts.filter(({ before }) => before.allowed === true).length
      after += verdicts.filter(({ after }) => after.allowed === true).length
      const changes = findings.flatMap((finding) => (finding.outcome === 'fix' ? [finding] : []))
      const decisions = findings.filter((finding) => finding.outcome === 'review' && finding.severity === 'decide')
      if (changes.length + decisions.length === 0) continue
      lines.push(path)
      for (const finding of changes) lines.push(`  ${finding.grade.padEnd(8)} ${finding.container ?? 'pod'}: ${finding.message}`)
      for (const finding of decisions) if (finding.outcome === 'review') lines.push(`  decide   ${finding.container ?? 'pod'}: ${finding.message}`, `           ${finding.todo}`)
    }
    const level = this.constructs.flatMap(({ verdicts }) => verdicts)[0]
    const standard = level === undefined ? '' : ` Allowed by ${level.level} ${level.version}: ${before} before, ${after} after.`
    return `${[...lines, `podharden: ${plural(workloads, 'workload')} at synthesis.${standard}`].map(safe).join('\n')}\n`
  }
}

export function violationsOf({ path, verdicts }: HardenedConstruct): readonly string[] {
  return verdicts.flatMap(({ level, version, left }) =>
    left.map(({ check, reason, container, because }) => {
      const where = container === undefined ? '' : ` (${container})`
      return safe(`${path}: ${level} ${version}: ${check}${where}: ${because ?? reason}`)
    }),
  )
}
