/** `--patches DIR`: the changes as a series of patches. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type PatchesRequest, type Request, UsageError } from '../requests.ts'
import { plural, safe } from '../report/safe.ts'
import { Totals } from '../report/totals.ts'
import type { RunOptions } from '../run.ts'
import { collect, levelsOf } from '../series/collect.ts'
import { seriesOf } from '../series/series.ts'
import { stepsOf } from '../series/steps.ts'
import { VERSION } from '../version.ts'
import { exitCode } from './exit.ts'
import { ownersAt } from './owners.ts'
import type { Sinks } from './sinks.ts'
import type { Stop } from './terminal.ts'

export async function writePatches(
  { folder, splitBy, most }: PatchesRequest,
  request: Pick<Request, 'check' | 'failOnReview'>,
  asked: RunOptions,
  root: string,
  sinks: Sinks,
  stop: Stop,
): Promise<number> {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new UsageError(`--patches: ${folder} is not empty; name another folder`)
  let last = Date.now()
  let done = 0
  const pause = async (): Promise<boolean> => {
    done++
    if (Date.now() - last > 50) {
      stop.progress(`${done} files`)
      await new Promise((next) => setImmediate(next))
      last = Date.now()
    }
    return stop.asked
  }
  const collected = await collect(asked, levelsOf(splitBy, asked.options), pause)
  stop.progress('')
  if (collected === undefined) return 130
  const files = seriesOf(collected, stepsOf(collected, splitBy, ownersAt(root), most), { author: 'podharden <podharden@localhost>', version: VERSION })
  try {
    mkdirSync(folder, { recursive: true })
    for (const { name, text } of files) writeFileSync(join(folder, name), text, { flag: 'wx' })
  } catch (error) {
    throw new UsageError(`--patches: ${folder} cannot be written: ${(error as Error).message.split(',')[0]}`)
  }
  const totals = new Totals()
  sinks.start()
  for (const result of collected.results) {
    totals.add(result)
    sinks.unit(result)
  }
  sinks.end(totals)
  process.stderr.write(
    `podharden: ${plural(files.length, 'patch', 'patches')} in ${safe(folder)}${files.length === 0 ? '' : `; git am --keep-cr ${safe(folder)}/*.patch applies them in order`}\n`,
  )
  return exitCode(request, totals, true)
}
