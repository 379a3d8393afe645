/** Charts as people write them, one form a folder of `programs`: the right bytes, a second run empty, CR LF, what became of each workload. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseProgram } from '../src/languages/program/syntax.ts'
import { rewritten } from './law.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../test/programs')
const programs = suite('programs')
const update = process.env.UPDATE_FIXTURES === '1'

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

/** A line for each workload, then one for each finding, note and problem. */
function told(result: ReturnType<typeof rewritten>): string {
  const lines = [
    ...result.verdicts.map(({ object, status, statusReason }) => `${status} ${object.kind}/${object.name}${statusReason === undefined ? '' : `: ${statusReason}`}`),
    ...result.notes.map(({ code, line, message }) => `${code} line ${line}: ${message}`),
    ...result.problems.map(({ code, line, message }) => `${code} line ${line}: ${message}`),
    ...result.findings.map(
      (finding) =>
        `${finding.outcome} ${finding.outcome === 'fix' ? finding.grade : finding.outcome === 'review' ? `${finding.severity} ${finding.reason}` : ''} ${finding.transform} ${finding.object.name} ${finding.container ?? '-'}`,
    ),
  ]
  return `${lines.join('\n')}\n`
}

const names = readdirSync(root).sort()
for (const name of names) {
  const folder = join(root, name)
  programs(name, () => {
    const before = read(join(folder, 'before.ts')) as string
    const files = JSON.parse(read(join(folder, 'files.json')) ?? '{}') as Record<string, string>
    const options = { atLeast: 'assumed', ...(JSON.parse(read(join(folder, 'options.json')) ?? '{}') as object) } as const
    const result = rewritten(before, options, files)
    if (update) {
      writeFileSync(join(folder, 'after.ts'), result.text)
      writeFileSync(join(folder, 'findings.txt'), told(result))
    }
    assert.is(result.text, read(join(folder, 'after.ts')))
    assert.is(told(result), read(join(folder, 'findings.txt')))
    const again = rewritten(result.text, options, files)
    assert.is(again.text, result.text, 'a second run changes nothing')
    if (result.text !== before) assert.is(parseProgram('after.ts', result.text).error, undefined, 'it can be parsed')
    const returns = before.replaceAll('\n', '\r\n')
    assert.is(rewritten(returns, options, files).text, result.text.replaceAll('\n', '\r\n'), 'the same with CR LF')
  })
}

programs('every status is shown by a program', () => {
  const all = names.map((name) => read(join(root, name, 'findings.txt')) ?? '').join('')
  for (const status of ['edited', 'edited-partly', 'needs-runtime', 'already-hard', 'opt-out-kept']) assert.match(all, new RegExp(`^${status} `, 'm'), status)
})

programs.run()
