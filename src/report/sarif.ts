/** SARIF 2.1.0, with the edits as fixes. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
import { positions } from '../text/lines.ts'
import type { Finding, Patch, Problem, Transform, UnitResult } from '../types.ts'
import type { Reader } from './reader.ts'
import { json, qualified, safe } from './safe.ts'

export type Rule = Pick<Transform, 'id' | 'title' | 'level' | 'docs'>

export interface SarifHead {
  readonly version: string
  readonly rules: readonly Rule[]
}

export class SarifReport implements Reader {
  readonly #head: SarifHead
  readonly #dry: boolean
  #results = 0
  readonly #notifications: object[] = []

  /** `dry`: nothing was written, so each change is still to be made. */
  constructor(head: SarifHead, { dry }: { readonly dry: boolean }) {
    this.#head = head
    this.#dry = dry
  }

  start(): string {
    const { version, rules } = this.#head
    const driver = {
      name: 'podharden',
      semanticVersion: version,
      rules: rules.map(({ id, title, level, docs }) => ({
        id,
        name: id.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
        shortDescription: { text: title },
        helpUri: docs,
        help: { text: `${title}. ${docs}` },
        properties: { tags: ['security', 'kubernetes', level] },
      })),
    }
    return `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"tool":${json({ driver })},"columnKind":"utf16CodeUnits","results":[`
  }

  unit(result: UnitResult): string {
    for (const problem of result.problems) this.#notifications.push(notification(problem))
    const at = new Map(result.outputs.map(({ source }) => [source.path, positions(source.text)]))
    // The proposals of one document are one patch: its edits stand or fall together.
    const fixes = new Map<Patch, object | undefined>()
    const fixOf = (finding: Finding): object | undefined => {
      const patch = finding.outcome === 'fix' ? result.patches.find(({ id, documents }) => id === finding.patch || documents.includes(finding.patch)) : undefined
      if (patch === undefined) return undefined
      if (!fixes.has(patch)) fixes.set(patch, fix(patch, at))
      return fixes.get(patch)
    }
    return result.findings.map((finding) => `${this.#results++ === 0 ? '\n' : ',\n'}${json(this.#result(finding, fixOf(finding)))}`).join('')
  }

  end(): string {
    const invocation = { executionSuccessful: this.#notifications.length === 0, toolExecutionNotifications: this.#notifications }
    return `\n],"invocations":[${json(invocation)}]}]}\n`
  }

  #result(finding: Finding, change: object | undefined): object {
    const { transform, object, container, place, line, column, message, fingerprint, related } = finding
    const name = `${object.kind}/${qualified(object)}`
    const who = container === undefined ? name : `${name}, container ${container}`
    const more =
      finding.outcome === 'fix' ? [...new Set(finding.fields.map(({ grade, because }) => `${grade}: ${because}`))].join('; ') : finding.outcome === 'review' ? finding.todo : ''
    const isOpen = finding.outcome === 'review' ? finding.severity === 'decide' : finding.outcome === 'fix' && this.#dry
    return {
      ruleId: transform,
      ruleIndex: this.#head.rules.findIndex(({ id }) => id === transform),
      level: isOpen ? 'warning' : 'note',
      message: { text: text(`${who}: ${message}${more === '' ? '' : `. ${more}`}`) },
      ...(place.file === ''
        ? {}
        : {
            locations: [
              { ...physical(place.file, line, column), logicalLocations: [{ fullyQualifiedName: container === undefined ? name : `${name}/${container}`, kind: 'resource' }] },
            ],
          }),
      ...(related.length === 0
        ? {}
        : {
            relatedLocations: related.map(({ message: why, place: other, line: there }, id) => ({ id, message: { text: text(why) }, ...physical(other.file, there, undefined) })),
          }),
      partialFingerprints: { 'podharden/v1': fingerprint },
      ...(change === undefined || !this.#dry ? {} : { fixes: [change] }),
      ...(finding.outcome === 'exempt' ? { suppressions: [{ kind: 'external', justification: safe(`${finding.by}: ${finding.text}`) }] } : {}),
      properties: { outcome: finding.outcome, field: finding.field, ...(finding.outcome === 'fix' ? { grade: finding.grade, stage: finding.stage } : {}) },
    }
  }
}

type PositionOf = ReturnType<typeof positions>

/** Undefined where a file has to be made, for which SARIF has no words, or the edits are of a file that was given up. */
function fix(patch: Patch, at: ReadonlyMap<string, PositionOf>): object | undefined {
  if (patch.created.size > 0 || patch.edits.size === 0) return undefined
  const changes: object[] = []
  for (const [file, edits] of patch.edits) {
    const position = at.get(file)
    if (position === undefined) return undefined
    const replacements = [...edits]
      .sort((a, b) => a.start - b.start || a.end - b.end)
      .map(({ start, end, text: inserted }) => {
        const [from, to] = [position(start), position(end)]
        return {
          deletedRegion: { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column },
          ...(inserted === '' ? {} : { insertedContent: { text: inserted } }),
        }
      })
    changes.push({ artifactLocation: { uri: uri(file) }, replacements })
  }
  return { description: { text: 'harden this workload' }, artifactChanges: changes }
}

function physical(file: string, line: number | undefined, column: number | undefined): object {
  const region = line === undefined ? {} : { region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) } }
  return { physicalLocation: { artifactLocation: { uri: uri(file) }, ...region } }
}

function notification({ file, line, column, code, message, hint }: Problem): object {
  return {
    level: 'error',
    descriptor: { id: code },
    message: { text: text(`${message}. ${hint}`) },
    ...(file === '' ? {} : { locations: [physical(file, line, column)] }),
  }
}

/** Brackets would begin a link. */
function text(plain: string): string {
  return safe(plain).replace(/[\\[\]]/g, '\\$&')
}

/** Relative to the root of the repository; no name can become a scheme or a query. */
function uri(file: string): string {
  return file
    .split('/')
    .map((part) => encodeURIComponent(part.replace(/\p{Surrogate}/gu, '\ufffd')))
    .join('/')
}
