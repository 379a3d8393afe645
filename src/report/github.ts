/**
 * Annotations of a workflow run: one command a line, as the runner reads them.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
import type { Finding, Problem, UnitResult } from '../types.ts'
import type { Reader } from './reader.ts'
import { plural, qualified, safe } from './safe.ts'
import type { Totals } from './totals.ts'

type Level = 'error' | 'warning' | 'notice'

interface Place {
  readonly file: string
  readonly line?: number | undefined
  readonly column?: number | undefined
}

export class GithubReport implements Reader {
  readonly #dry: boolean

  /** `dry`: nothing was written, so each change is still to be made. */
  constructor({ dry }: { readonly dry: boolean }) {
    this.#dry = dry
  }

  start(): string {
    return ''
  }

  unit({ findings, problems }: UnitResult): string {
    return findings.map((finding) => this.#finding(finding)).join('') + problems.map(problemLine).join('')
  }

  end(totals: Totals): string {
    const change = this.#dry ? 'to change' : 'changed'
    return command(
      'notice',
      undefined,
      'podharden',
      `${plural(totals.changedFiles, 'file')} ${change}, of ${totals.files} with ${plural(totals.sites, 'workload')}; ${totals.decide} to decide, ${totals.know} to know, ${plural(totals.problems.length, 'problem')}`,
    )
  }

  #finding(finding: Finding): string {
    // Somebody has decided already: an annotation would ask again.
    if (finding.outcome === 'exempt') return ''
    const { object, container, place, line, column, transform, message } = finding
    const who = `${object.kind} ${qualified(object)}${container === undefined ? '' : `, container ${container}`}`
    const where = place.file === '' ? undefined : { file: place.file, line, column }
    if (finding.outcome === 'review') return command(finding.severity === 'decide' ? 'warning' : 'notice', where, transform, `${who}: ${message}. ${finding.todo}`)
    const reasons = [...new Set(finding.fields.map(({ because }) => because))].join('; ')
    return command(this.#dry ? 'warning' : 'notice', where, transform, `${who}: ${message} (${finding.grade}: ${reasons})`)
  }
}

function problemLine({ file, line, column, code, message, hint }: Problem): string {
  return command('error', { file, line, column }, code, `${message}. ${hint}`)
}

function command(level: Level, place: Place | undefined, title: string, message: string): string {
  const properties = [
    ...(place === undefined ? [] : [`file=${property(place.file)}`]),
    ...(place?.line === undefined ? [] : [`line=${place.line}`]),
    ...(place?.line === undefined || place.column === undefined ? [] : [`col=${place.column}`]),
    `title=${property(title)}`,
  ]
  return `::${level} ${properties.join(',')}::${data(safe(message))}\n`
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(safe(text)).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
