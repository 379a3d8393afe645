/**
 * A validation plugin of cdk8s-cli: what `cdk8s synth` made is judged, and each violation says how to fix it.
 *
 * ```yaml
 * # cdk8s.yaml
 * validations:
 *   - package: ./node_modules/podharden
 *     version: 0.1.0
 *     class: PodhardenValidation
 *     properties: {level: restricted}
 * ```
 *
 * https://cdk8s.io/docs/latest/cli/synth/ describes the contract; its types are in `cdk8s-cli/plugins`.
 */
import { contextOf } from './know.ts'
import { hardenObject, type PlainObject } from './objects.ts'
import { LEVELS, withDefaults } from './options.ts'
import { parseVersion } from './standards/versions.ts'
import { startSurvey } from './survey.ts'
import type { Options } from './types.ts'

/** The `properties` of `cdk8s.yaml`. */
export interface ValidationProperties {
  /** `baseline`, `restricted` (default) or `hardened`. */
  readonly level?: Options['level']
  /** Version of the Pod Security Standards: `latest` (default) or `v1.N`. */
  readonly pssVersion?: string
  /** Transforms that are left out. */
  readonly skip?: readonly string[]
}

/** The part of `ValidationContext` of cdk8s-cli that is used. */
export interface ValidationContext {
  readonly manifests: readonly string[]
  readonly report: {
    addViolation(violation: {
      readonly ruleName: string
      readonly recommendation: string
      readonly fix: string
      readonly violatingResources: readonly { readonly resourceName: string; readonly locations: readonly string[]; readonly manifestPath: string }[]
    }): void
    submit(status: 'success' | 'failure', metadata?: Readonly<Record<string, string>>): void
  }
  parseManifest(path: string): readonly unknown[]
}

const FIX = 'Call harden(app) of podharden/cdk8s before app.synth(), or run podharden on the chart.'

/** The plugin: cdk8s-cli makes one with the `properties` of `cdk8s.yaml`, and asks it to validate. */
export class PodhardenValidation {
  readonly #options: Options

  /** @throws where a property has a value that is not known. */
  constructor(properties: ValidationProperties = {}) {
    const { level = 'restricted', pssVersion = 'latest', skip = [] } = properties
    if (!LEVELS.includes(level)) throw new Error(`podharden: level must be one of ${LEVELS.join(', ')}, not ${String(level)}`)
    if (parseVersion(pssVersion) === undefined) throw new Error(`podharden: pssVersion must be latest or v1.N, not ${pssVersion}`)
    this.#options = withDefaults({ level, pssVersion, skip, atLeast: 'assumed' }, false)
  }

  async validate(context: ValidationContext): Promise<void> {
    const { manifests, report } = context
    const parsed = manifests.map((path) => ({ path, objects: context.parseManifest(path).filter(isObject) }))
    const survey = startSurvey()
    for (const { path, objects } of parsed) for (const [i, object] of objects.entries()) survey.add(`${path}#${i}.json`, JSON.stringify(object))
    const known = contextOf(this.#options, survey.finish().survey)
    let workloads = 0
    let allowed = 0
    let violations = 0
    for (const { path, objects } of parsed)
      for (const object of objects) {
        const { findings, verdicts } = hardenObject(object, known, path)
        workloads += verdicts.length
        allowed += verdicts.filter(({ before }) => before.allowed === true).length
        const add = (ruleName: string, recommendation: string, fix: string, name: string, location: string): void => {
          violations++
          report.addViolation({ ruleName, recommendation, fix, violatingResources: [{ resourceName: name, locations: [location], manifestPath: path }] })
        }
        for (const finding of findings) {
          const where = finding.container === undefined ? finding.field : `${finding.container}: ${finding.field}`
          if (finding.outcome === 'fix') add(finding.transform, finding.message, FIX, finding.object.name, where)
        }
        // What no change of ours would mend.
        for (const { object: owner, left } of verdicts)
          for (const { check, reason, container, field, because, transform, todo } of left)
            add(transform ?? check, `${reason}${because === undefined ? '' : `: ${because}`}`, todo ?? FIX, owner.name, container === undefined ? field : `${container}: ${field}`)
      }
    report.submit(violations === 0 ? 'success' : 'failure', { level: this.#options.level, workloads: String(workloads), allowed: String(allowed), violations: String(violations) })
  }
}

function isObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
