/** Where the diff, the report and the summary of a run go. */
import { writeFileSync } from 'node:fs'
import transforms from '../../transforms/index.ts'
import { type Request, UsageError } from '../requests.ts'
import { NO_OWNERS, type Owners } from '../owners.ts'
import { catalogueVersion } from '../evidence/catalogue.ts'
import { GithubReport } from '../report/github.ts'
import { HtmlReport } from '../report/html.ts'
import { JsonReport } from '../report/json.ts'
import { MarkdownReport } from '../report/markdown.ts'
import type { Reader } from '../report/reader.ts'
import { safe } from '../report/safe.ts'
import { SarifReport } from '../report/sarif.ts'
import { endLines, type Paint, plain, workloadLines } from '../report/text.ts'
import type { Totals } from '../report/totals.ts'
import { unifiedDiff } from '../text/diff.ts'
import type { UnitResult } from '../types.ts'
import { ownersAt } from './owners.ts'
import { rootOf } from './settings.ts'
import { VERSION } from '../version.ts'
import { reviewPage } from './page.ts'

export interface Sinks {
  start(): void
  unit(result: UnitResult): void
  end(totals: Totals): void
}

/** The format of the report; beside a diff it is text. */
export function readerOf(format: Request['format'], dry: boolean, owners: Owners = NO_OWNERS): Reader {
  if (format === 'json') return new JsonReport({ version: VERSION, catalogue: catalogueVersion() })
  if (format === 'github') return new GithubReport({ dry })
  if (format === 'markdown') return new MarkdownReport({ version: VERSION }, { dry, ownersOf: owners.of })
  if (format === 'html')
    return new HtmlReport(reviewPage(), { version: VERSION, transforms: transforms.map(({ id, title, level, docs }) => ({ id, title, level, docs })) }, { dry })
  if (format === 'sarif') return new SarifReport({ version: VERSION, rules: transforms }, { dry })
  return {
    start: () => '',
    unit: (result) => workloadLines(result, plain),
    end: (totals) => endLines(totals, { written: !dry, dry, full: true }, plain),
  }
}

/** Where the diff, the report and the summary go. */
export function openSinks(request: Request, paint: Paint): Sinks {
  const dry = !request.write && request.outDir === undefined
  const reader = readerOf(request.format, dry, request.format === 'markdown' ? ownersAt(rootOf(request)) : NO_OWNERS)
  const file = request.output
  const put = (text: string): void => {
    if (text === '') return
    if (file !== undefined) writeReport(file, text, 'a')
    else process.stdout.write(text)
  }
  // The report goes to its file, or to stdout; a diff only where stdout is free.
  const isDiff = request.patches === undefined && (request.format === 'diff' || file !== undefined)
  const isReporting = file !== undefined || (request.format !== 'diff' && !isDiff)
  return {
    start: () => {
      if (file !== undefined) writeReport(file, '', 'w')
      if (isReporting) put(reader.start())
    },
    unit: (result) => {
      if (isReporting) put(reader.unit(result))
      if (isDiff && dry) for (const { source, text, edits } of result.outputs) process.stdout.write(unifiedDiff(source, text, edits))
    },
    end: (totals) => {
      if (isReporting) put(reader.end(totals))
      if (request.format === 'text' && !isDiff) return
      if (!request.quiet) process.stderr.write(endLines(totals, { written: !dry, dry, full: false }, paint))
      else if (totals.problems.length > 0)
        for (const { file: place, line, message, hint } of totals.problems)
          process.stderr.write(`podharden: ${safe(place)}${line === undefined ? '' : `:${line}`}: ${safe(message)}. ${safe(hint)}\n`)
    },
  }
}

/** The report must not be lost silently; the files themselves are whole in any case. */
function writeReport(file: string, text: string, flag: 'w' | 'a'): void {
  try {
    writeFileSync(file, text, { flag })
  } catch (error) {
    throw new UsageError(`--output: ${file} cannot be written: ${(error as Error).message.split(',')[0]}. Name a file that can be written, or leave the option out`)
  }
}
