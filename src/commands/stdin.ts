/** `podharden -`: the hardened text on stdout, the summary on stderr. */
import { readFileSync } from 'node:fs'
import transforms from '../../transforms/index.ts'
import { ruleNotes } from '../exemptions/notes.ts'
import { contextOf } from '../know.ts'
import { manifest } from '../languages/manifest/index.ts'
import { lookAt } from '../look.ts'
import { EMPTY_SURVEY, withDefaults } from '../options.ts'
import { decode, isProblem } from '../decode.ts'
import { endLines } from '../report/text.ts'
import { Totals } from '../report/totals.ts'
import { NOTHING } from '../run.ts'
import { hardenUnit } from '../unit.ts'
import { exitCode } from './exit.ts'
import type { Settled } from './harden.ts'
import { inspection, painter, reportUnused, type Stop } from './terminal.ts'

export async function hardenStdin(request: Settled, stop: Stop): Promise<number> {
  const source = decode('stdin.yaml', readFileSync(0))
  const totals = new Totals()
  if (isProblem(source)) {
    totals.add({ ...NOTHING, unit: 'stdin', problems: [source] })
    process.stderr.write(endLines(totals, { written: false, dry: false, full: false }, painter(request.color)))
    return 2
  }
  const named = source.text.trimStart().startsWith('{') ? { ...source, path: 'stdin.json' } : source
  const unit = {
    id: named.path,
    kind: 'manifest' as const,
    root: '',
    files: { list: () => [named.path], read: () => named },
    kinds: request.options.workloads ?? [],
    writable: () => true,
  }
  const inspected = await inspection(request, () => [lookAt(named, { kinds: request.options.workloads ?? [] })], stop)
  const read = hardenUnit(unit, { language: manifest, transforms, context: contextOf(withDefaults({ ...request.options, inspected }, false), EMPTY_SURVEY) })
  const used = new Set(read.findings.flatMap((finding) => (finding.outcome === 'exempt' ? [finding.by] : [])))
  const result = { ...read, problems: [...inspected.problems, ...read.problems], notes: [...read.notes, ...ruleNotes(withDefaults(request.options, false), used, false)] }
  totals.add(result)
  process.stdout.write((source.bom ? '\uFEFF' : '') + (result.outputs[0]?.text ?? source.text))
  reportUnused(request)
  if (!request.quiet || totals.problems.length > 0) process.stderr.write(endLines(totals, { written: true, dry: false, full: false }, painter(request.color)))
  return exitCode(request, totals, true)
}
