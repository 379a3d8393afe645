/** `--write-baseline FILE`: all that is found today counts as accepted. */
import { writeFileSync } from 'node:fs'
import { type Accepted, acceptable, acceptedOf, baselineFrom, baselineText } from '../baseline.ts'
import { UsageError } from '../requests.ts'
import { plural, safe } from '../report/safe.ts'
import { type RunOptions, run } from '../run.ts'
import type { Problem } from '../types.ts'
import { reportProblems, type Stop } from './terminal.ts'

/** What is accepted changes what is planned beside it, so it is asked again until nothing new comes up. */
const ROUNDS = 8

export async function writeBaseline(file: string, asked: RunOptions, stop: Stop): Promise<number> {
  const accepted = new Map<string, Accepted>()
  let problems: readonly Problem[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const before = accepted.size
    const known = baselineFrom(file, new Map([...accepted].map(([print, { containers }]) => [print, containers ?? []])))
    const found: Problem[] = []
    let last = Date.now()
    for (const result of run({ ...asked, options: { ...asked.options, baseline: known } }).results()) {
      found.push(...result.problems)
      for (const finding of result.findings) if (acceptable(finding)) accepted.set(finding.fingerprint, acceptedOf(finding))
      if (Date.now() - last > 50) {
        await new Promise((next) => setImmediate(next))
        last = Date.now()
      }
      if (stop.asked) return 130
    }
    problems = found
    if (accepted.size === before) break
  }
  try {
    writeFileSync(file, baselineText(accepted.values()))
  } catch (error) {
    throw new UsageError(`--write-baseline: ${file} cannot be written: ${(error as Error).message.split(',')[0]}`)
  }
  process.stderr.write(`podharden: ${plural(accepted.size, 'finding')} accepted in ${safe(file)}; run with --baseline ${safe(file)}\n`)
  return reportProblems(problems)
}
