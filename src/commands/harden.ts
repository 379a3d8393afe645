/** `podharden [paths..]`: the diff, or the files themselves, and the reports. */
import { resolve } from 'node:path'
import type { Request } from '../requests.ts'
import { isProgram } from '../languages/program/files.ts'
import { lookThrough } from '../look.ts'
import { withDefaults } from '../options.ts'
import type { Proof } from '../prove/compare.ts'
import { proveBySynthesis } from '../prove/programs.ts'
import { plural, safe } from '../report/safe.ts'
import { Totals } from '../report/totals.ts'
import { type Run, type RunOptions, run } from '../run.ts'
import type { Problem, UnitResult } from '../types.ts'
import { writeFiles, writeTree } from '../write.ts'
import { writeBaseline } from './baseline.ts'
import { exitCode } from './exit.ts'
import { reviewInteractively } from './interactive.ts'
import { writePatches } from './patches.ts'
import { openSinks, type Sinks } from './sinks.ts'
import type { Settings } from './settings.ts'
import { inspection, painter, reportUnused, type Stop } from './terminal.ts'

/** What is asked for, with the config file under it. */
export type Settled = Request & Settings

/** `sinks`: where the reports go; by default as the request says. */
export async function hardenPaths(request: Settled, stop: Stop, sinks: Sinks = openSinks(request, painter(request.color))): Promise<number> {
  const where = { cwd: process.cwd(), kinds: request.options.workloads ?? [], ...(request.root === undefined ? {} : { root: request.root }) }
  const inspected = await inspection(request, () => lookThrough(request.paths, where), stop)
  const asked: RunOptions = {
    paths: request.paths,
    cwd: process.cwd(),
    ...(request.root === undefined ? {} : { root: request.root }),
    includeGenerated: request.includeGenerated,
    ...(request.changedSince === undefined ? {} : { changedSince: request.changedSince }),
    ignore: request.ignore,
    options: withDefaults({ ...request.options, inspected }, true),
  }
  if (request.writeBaseline !== undefined) return writeBaseline(request.writeBaseline, asked, stop)
  if (request.interactive) return reviewInteractively(asked, painter(request.color), stop)
  const started: Run = run(asked)
  const dry = !request.write && request.outDir === undefined
  const totals = new Totals()
  if (request.patches !== undefined) return writePatches(request.patches, request, asked, started.root, sinks, stop)
  sinks.start()
  const programs: UnitResult[] = []
  const take = (result: UnitResult): void => {
    const problems = dry ? [] : write(started, request, result)
    const all = problems.length === 0 ? result : { ...result, outputs: [], problems: [...result.problems, ...problems] }
    totals.add(all)
    sinks.unit(all)
  }
  const begun = Date.now()
  let lastPause = begun
  let done = 0
  for (const one of started.results()) {
    // The first result is about the run itself.
    const result = one.unit === '' ? { ...one, problems: [...one.problems, ...inspected.problems] } : one
    if (request.prove && result.outputs.some(({ source }) => isProgram(source.path))) programs.push(result)
    else take(result)
    if (Date.now() - lastPause > 50) {
      // Lets a signal or a closed pipe be noticed between two units, never inside one.
      await new Promise((next) => setImmediate(next))
      lastPause = Date.now()
      stop.progress(progressOf(++done, started.files.length, Date.now() - begun, one.unit))
    } else done++
    if (stop.asked) {
      stop.progress('')
      process.stderr.write(`podharden: stopped; ${dry ? 'nothing was written' : `${totals.changedFiles} files were written, the others are untouched`}\n`)
      return 130
    }
    if (stop.closed && dry && request.output === undefined) return 0
  }
  if (programs.length > 0) {
    stop.progress('synthesising…')
    const proved = proveBySynthesis(started.root, programs, started.context(), process.env)
    stop.progress('')
    for (const result of proved.results) take(result)
    for (const { folder, proofs } of proved.projects) process.stderr.write(proofLine(folder, proofs))
  }
  stop.progress('')
  sinks.end(totals)
  reportUnused(request)
  return exitCode(request, totals, dry)
}

/** What it is doing, on one line of the terminal. */
function progressOf(done: number, of: number, milliseconds: number, unit: string): string {
  return `${done} of ${plural(of, 'file')}, ${Math.round(milliseconds / 1000)} s  ${safe(unit)}`.slice(0, Math.max(20, (process.stderr.columns ?? 80) - 1))
}

function write({ root, files }: Run, request: Request, result: UnitResult): readonly Problem[] {
  if (result.outputs.length === 0) return []
  return request.outDir === undefined ? writeFiles(root, result.outputs) : writeTree(resolve(request.outDir), result.outputs, { root, files })
}

function proofLine(folder: string, proofs: readonly Proof[]): string {
  const count = (outcome: Proof['outcome']): number => proofs.filter((proof) => proof.outcome === outcome).length
  return `podharden: ${safe(folder === '' ? 'the project' : folder)} synthesised before and after: ${plural(proofs.length, 'object')}, ${count('gained')} hardened in full, ${count('partly')} in part, ${count('unchanged')} unchanged, ${count('broken')} different\n`
}
