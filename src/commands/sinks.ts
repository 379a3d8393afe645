/** Where the diff, the report and the summary of a run go. */
import { writeFileSync } from 'node:fs'
import { type Request, UsageError } from '../arguments.ts'
import { catalogueVersion } from '../evidence/catalogue.ts'
import { JsonReport } from '../report/json.ts'
import { safe } from '../report/safe.ts'
import { endLines, type Paint, plain, workloadLines } from '../report/text.ts'
import type { Totals } from '../report/totals.ts'
import { unifiedDiff } from '../text/diff.ts'
import type { UnitResult } from '../types.ts'
import { VERSION } from '../version.ts'

export interface Sinks {
  start(): void
  unit(result: UnitResult): void
  end(totals: Totals): void
}

/** Where the diff, the report and the summary go. */
export function openSinks(request: Request, paint: Paint): Sinks {
  const dry = !request.write && request.outDir === undefined
  const json = new JsonReport()
  const report = request.format === 'json' ? 'json' : 'text'
  const file = request.output
  const onStdout = request.format === 'diff' ? undefined : file === undefined ? report : undefined
  const put = (text: string): void => {
    if (text === '') return
    if (file !== undefined) writeReport(file, text, 'a')
    else process.stdout.write(text)
  }
  const reporting = file !== undefined || onStdout !== undefined
  const mode = { written: !dry, dry, full: false }
  return {
    start: () => {
      if (file !== undefined) writeReport(file, '', 'w')
      if (reporting && report === 'json') put(json.start({ version: VERSION, catalogue: catalogueVersion() }))
    },
    unit: (result) => {
      if (reporting) put(report === 'json' ? json.unit(result) : workloadLines(result, plain))
      if (onStdout === undefined && dry) for (const { source, text, edits } of result.outputs) process.stdout.write(unifiedDiff(source, text, edits))
    },
    end: (totals) => {
      if (reporting) put(report === 'json' ? json.end(totals) : endLines(totals, { ...mode, full: true }, plain))
      if (onStdout === 'text') return
      if (!request.quiet) process.stderr.write(endLines(totals, mode, paint))
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
