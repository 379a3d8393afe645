/**
 * Any cdk8s project, in a copy: `npm run cdk8s:project FOLDER [OPTIONS OF PODHARDEN]`. Hardens its source, synthesises
 * before and after by the command of its `cdk8s.yaml`, and prints what became of each workload and whether the law held.
 * Runs the project's own program. Its packages must be installed.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { hardenObject } from '../src/objects.ts'
import { withDefaults } from '../src/options.ts'
import { compareSynthesis } from '../src/prove/compare.ts'
import { projectOf, synthesise } from '../src/prove/synth.ts'
import { run } from '../src/run.ts'
import type { UnitResult } from '../src/types.ts'

const folder = resolve(process.argv[2] ?? '.')
if (!existsSync(folder)) {
  console.error(`${folder} is not there`)
  process.exit(2)
}
const atLeast = process.argv.includes('--at-least') ? (process.argv[process.argv.indexOf('--at-least') + 1] as 'known') : 'assumed'
const started = run({ paths: ['.'], cwd: folder, root: folder, includeGenerated: false, options: withDefaults({ atLeast }, true) })
const results: UnitResult[] = [...started.results()].filter(({ unit }) => /\.[cm]?tsx?$/.test(unit))
const counts = new Map<string, number>()
for (const { verdicts, notes, problems } of results) {
  for (const { file, line, object, status, statusReason } of verdicts) {
    counts.set(status ?? '', (counts.get(status ?? '') ?? 0) + 1)
    console.log(`${(status ?? '').padEnd(14)} ${file}:${line} ${object.kind} ${object.name}${statusReason === undefined ? '' : `: ${statusReason}`}`)
  }
  for (const { file, line, message } of notes) console.log(`needs-runtime  ${file}:${line} ${message}`)
  for (const { file, line, message } of problems) console.log(`problem        ${file}:${line} ${message}`)
}
console.log([...counts].map(([status, count]) => `${count} ${status}`).join(', '))

const changed = results.filter(({ outputs }) => outputs.length > 0)
const first = changed[0]
const project = first === undefined ? undefined : projectOf(started.root, first.unit)
if (first === undefined || project === undefined) {
  console.log(first === undefined ? 'nothing to change' : 'no cdk8s.yaml with an app command')
  process.exit(0)
}
const texts = new Map(changed.flatMap(({ outputs }) => outputs.map(({ source, text }) => [source.path, text] as const)))
const before = synthesise(started.root, project.folder, project.command, new Map(), process.env)
const after = 'trouble' in before ? before : synthesise(started.root, project.folder, project.command, texts, process.env)
if ('trouble' in before || 'trouble' in after) {
  console.log(`the law was not tried: ${'trouble' in before ? before.trouble : (after as { trouble: string }).trouble}`)
  process.exit(1)
}
const proofs = compareSynthesis(before.outputs, after.outputs, (object) => hardenObject(object, started.context()).object)
for (const { object, outcome, details } of proofs)
  if (outcome !== 'unchanged') console.log(`${outcome.padEnd(10)} ${object}${details.length === 0 ? '' : `: ${details.join(', ')}`}`)
const broken = proofs.filter(({ outcome }) => outcome === 'broken').length
console.log(broken === 0 ? 'the law held' : `the law is broken for ${broken}`)
process.exitCode = broken === 0 ? 0 : 1
