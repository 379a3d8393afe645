/** `--interactive`: workload by workload at a terminal. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { withDecided } from '../config/decided.ts'
import { CONFIG_FILE } from '../config/read.ts'
import { Decisions } from '../interactive/decisions.ts'
import { type Desk, reviewUnit } from '../interactive/review.ts'
import { isProblem } from '../decode.ts'
import { readSource } from '../read.ts'
import { plural, safe } from '../report/safe.ts'
import { endLines, type Paint, workloadLines } from '../report/text.ts'
import { Totals } from '../report/totals.ts'
import { type RunOptions, run } from '../run.ts'
import type { Problem, UnitResult } from '../types.ts'
import { writeFiles } from '../write.ts'
import { reportProblems, type Stop } from './terminal.ts'

export async function reviewInteractively(asked: RunOptions, paint: Paint, stop: Stop): Promise<number> {
  const started = run(asked)
  const decisions = new Decisions()
  const totals = new Totals()
  const problems: Problem[] = []
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  let closed = false
  terminal.on('close', () => {
    closed = true
  })
  const ask = async (question: string): Promise<string | undefined> => {
    if (closed) return undefined
    const controller = new AbortController()
    terminal.once('close', () => controller.abort())
    return terminal.question(paint('bold', question), { signal: controller.signal }).catch(() => undefined)
  }
  const desk: Desk = {
    say: (text) => process.stdout.write(text),
    ask,
    show: (result, patch, diff) => {
      const mine = { ...result, findings: result.findings.filter((finding) => finding.outcome !== 'fix' || patch.documents.includes(finding.patch)) }
      return `${coloured(diff, paint)}${wrapped(workloadLines(ofPatch(mine, patch.documents), paint), process.stdout.columns || 100)}`
    },
    write: (result) => writeFiles(started.root, result.outputs),
  }
  let written = 0
  for (const result of started.results()) {
    if (stop.asked) break
    if (result.outputs.length === 0) {
      totals.add(result)
      continue
    }
    const reviewed = await reviewUnit(result, decisions, asked.options, (options) => started.again(result.unit, options), desk)
    written += reviewed.written
    problems.push(...reviewed.problems)
    totals.add({ ...result, outputs: [], findings: result.findings.filter(({ outcome }) => outcome !== 'fix') })
    if (reviewed.stopped) break
  }
  desk.say(endLines(totals, { written: true, dry: false, full: false }, paint).replace(/^\n[^\n]* changed, of [^\n]*\n[^\n]*\n/m, ''))
  desk.say(`${plural(written, 'file')} written.\n`)
  if (decisions.count > 0) await remember(started.root, decisions, desk)
  terminal.close()
  return reportProblems(problems) === 2 || totals.problems.length > 0 ? 2 : 0
}

/** The findings and verdicts of the workloads of a patch. */
function ofPatch(result: UnitResult, documents: readonly string[]): UnitResult {
  const objects = new Set(result.findings.flatMap((finding) => (finding.outcome === 'fix' && documents.includes(finding.patch) ? [JSON.stringify(finding.object)] : [])))
  return {
    ...result,
    findings: result.findings.filter(({ object }) => objects.has(JSON.stringify(object))),
    verdicts: result.verdicts.filter(({ object }) => objects.has(JSON.stringify(object))),
  }
}

function coloured(diff: string, paint: Paint): string {
  return diff
    .split('\n')
    .map((line) => {
      const text = safe(line)
      if (/^(?:diff|---|\+\+\+) /.test(line)) return paint('bold', text)
      if (line.startsWith('@@')) return paint('dim', text)
      return line.startsWith('+') ? paint('green', text) : line.startsWith('-') ? paint('red', text) : text
    })
    .join('\n')
}

/** Long lines go on below themselves. Escapes of colour take no room. */
function wrapped(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => {
      const indent = /^ */.exec(line)?.[0] ?? ''
      const out: string[] = []
      let current = indent
      let width = indent.length
      for (const word of line.slice(indent.length).split(' ')) {
        const size = word.replace(/\u001b\[\d*m/g, '').length
        if (width > indent.length && width + 1 + size > Math.max(40, columns)) {
          out.push(current)
          current = `${indent}  ${word}`
          width = indent.length + 2 + size
        } else {
          current += width > indent.length ? ` ${word}` : word
          width += size + (width > indent.length ? 1 : 0)
        }
      }
      return [...out, current].join('\n')
    })
    .join('\n')
}

async function remember(root: string, decisions: Decisions, desk: Desk): Promise<void> {
  const answer = await desk.ask(`Keep ${plural(decisions.count, 'decision')} in ${CONFIG_FILE}? [y,n] `)
  if (!/^y(?:es)?$/i.test((answer ?? '').trim())) return
  const path = join(root, CONFIG_FILE)
  const isNew = !existsSync(path)
  const source = isNew ? { path: CONFIG_FILE, text: '', bom: false } : readSource(root, CONFIG_FILE)
  const made = isProblem(source) ? { mistake: source.message } : withDecided(source.text, decisions)
  if ('mistake' in made || isProblem(source)) {
    desk.say(`${CONFIG_FILE} is left as it is: ${safe('mistake' in made ? made.mistake : 'it cannot be read')}\n`)
    return
  }
  if (isNew) writeFileSync(path, made.text, { flag: 'wx' })
  else for (const { message } of writeFiles(root, [{ source, text: made.text }])) desk.say(`${CONFIG_FILE}: ${safe(message)}\n`)
  desk.say(`${CONFIG_FILE} has them now.\n`)
}
