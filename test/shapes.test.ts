/**
 * Hard shapes: small texts that are easy to damage, each with the outcome it must have. `expect.json` beside
 * the text says what a right edit keeps and where it goes; every edit is asked the questions of the matrix.
 */
import { type Buffer, isUtf8 } from 'node:buffer'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harden, type TextOptions, type TextResult } from '../src/index.ts'
import { judge, type Rewrite, type Subject } from './matrix.ts'

type Outcome = 'edit' | 'no-edit' | 'refuse' | 'report' | 'edit-and-report' | 'edit-or-report'

interface Expectation {
  readonly outcome: Outcome
  /** In the text before and, byte for byte, in the one after. */
  readonly keep?: readonly string[]
  /** In the output: a text, or `re:` and a regular expression. */
  readonly must?: readonly string[]
  /** Each is in the output, unless a problem, a note or a review says that it could not be written. */
  readonly mustOrReport?: readonly string[]
  readonly mustNot?: readonly string[]
  /** How often a text occurs in the output. */
  readonly count?: Readonly<Record<string, number>>
  readonly problem?: string
  /** Line of the problem, or any of several. */
  readonly line?: number | readonly number[]
  /** One of these notes is given. */
  readonly note?: string | readonly string[]
  /** All of these reasons for a review are given. */
  readonly review?: string | readonly string[]
  /** Nothing is said at all. */
  readonly quiet?: boolean
  /** The output is JSON. */
  readonly json?: boolean
  readonly options?: TextOptions
}

const KNOWN = ['outcome', 'keep', 'must', 'mustOrReport', 'mustNot', 'count', 'problem', 'line', 'note', 'review', 'quiet', 'json', 'options']
const OUTCOMES = ['edit', 'no-edit', 'refuse', 'report', 'edit-and-report', 'edit-or-report']

const folder = new URL('../../test/shapes/', import.meta.url)
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort()

/** Images of the shapes are known to nobody, so what is assumed must be allowed. */
const ASSUMED: TextOptions = { atLeast: 'assumed' }

function list<T>(given: T | readonly T[] | undefined): readonly T[] {
  return given === undefined ? [] : Array.isArray(given) ? (given as readonly T[]) : [given as T]
}

function occurs(text: string, wanted: string): boolean {
  return wanted.startsWith('re:') ? new RegExp(wanted.slice(3)).test(text) : text.includes(wanted)
}

function times(text: string, wanted: string): number {
  return text.split(wanted).length - 1
}

function shown(text: string): string {
  return text.length > 4000 ? `${text.slice(0, 4000)}…` : text
}

function checkOutcome(outcome: Outcome, before: string | undefined, result: TextResult): void {
  const said = JSON.stringify([...result.problems, ...result.notes].map(({ code, message }) => `${code}: ${message}`))
  const reports = result.problems.length + result.notes.length + result.findings.filter((finding) => finding.outcome === 'review').length
  if (outcome === 'edit' || outcome === 'edit-and-report') assert.ok(result.changed, `nothing was edited ${said}`)
  if (outcome === 'no-edit' || outcome === 'refuse') {
    assert.not.ok(result.changed, `something was edited:\n${result.diff}`)
    assert.is(result.edits.length, 0, 'no edits are reported')
    assert.is(result.findings.filter((finding) => finding.outcome === 'fix').length, 0, 'no fixes are reported')
    if (before !== undefined) assert.ok(result.text === before, 'not a byte differs')
  }
  if (outcome === 'refuse' || outcome === 'edit-and-report') assert.ok(result.problems.length > 0, 'a problem is reported')
  else if (outcome !== 'edit-or-report' && outcome !== 'report') assert.is(result.problems.length, 0, `no problem is reported ${said}`)
  if (outcome === 'report') assert.ok(reports > 0, 'something is reported')
  if (outcome === 'edit-or-report') assert.ok(result.changed || reports > 0, 'nothing was edited and nothing said')
}

function checkExpectation(expected: Expectation, before: string | undefined, result: TextResult): void {
  checkOutcome(expected.outcome, before, result)
  const { problems, notes, findings } = result
  if (expected.problem !== undefined) {
    const found = problems.filter(({ code }) => code === expected.problem)
    assert.ok(found.length > 0, `problem ${expected.problem} is reported, not ${JSON.stringify(problems)}`)
    if (expected.line !== undefined)
      assert.ok(
        found.some(({ line }) => line !== undefined && list(expected.line).includes(line)),
        `at line ${list(expected.line).join(' or ')}, not ${found.map(({ line }) => line).join(', ')}`,
      )
    for (const { message, hint } of found) assert.ok(message !== '' && hint !== '', 'a problem says what to do next')
  }
  if (expected.note !== undefined)
    assert.ok(
      notes.some(({ code }) => list(expected.note).includes(code)),
      `note ${list(expected.note).join(' or ')} is given, not ${JSON.stringify(notes.map(({ code }) => code))}`,
    )
  for (const reason of list(expected.review)) {
    const reasons = findings.map((finding) => (finding.outcome === 'review' ? finding.reason : finding.outcome))
    assert.ok(
      reasons.some((other) => other === reason),
      `a review with reason ${reason} is given, not ${reasons.join(', ')}`,
    )
  }
  if (expected.quiet === true)
    assert.is(findings.length + notes.length + problems.length, 0, `nothing is said, not ${JSON.stringify([...findings, ...notes].map(({ message }) => message))}`)
  if (before === undefined) return
  const { text } = result
  for (const kept of list(expected.keep)) {
    assert.ok(times(before, kept) > 0, `"keep" is in the text before: ${JSON.stringify(kept)}`)
    assert.ok(times(text, kept) >= times(before, kept), `kept: ${JSON.stringify(kept)}\n${shown(text)}`)
  }
  for (const wanted of list(expected.must)) assert.ok(occurs(text, wanted), `must contain ${JSON.stringify(wanted)}\n${shown(text)}`)
  const isHindered = findings.some((finding) => finding.outcome === 'review' && ['opaque', 'shared-node'].includes(finding.reason))
  for (const wanted of list(expected.mustOrReport))
    assert.ok(occurs(text, wanted) || problems.length + notes.length > 0 || isHindered, `must contain ${JSON.stringify(wanted)}, or say why not\n${shown(text)}`)
  for (const unwanted of list(expected.mustNot)) assert.not.ok(occurs(text, unwanted), `must not contain ${JSON.stringify(unwanted)}\n${shown(text)}`)
  for (const [part, wanted] of Object.entries(expected.count ?? {}))
    assert.is(times(text, part), wanted, `${JSON.stringify(part)} occurs ${times(text, part)} times, not ${wanted}\n${shown(text)}`)
  if (expected.json === true) assert.not.throws(() => JSON.parse(text.replace(/^\uFEFF/, '')), 'the output is JSON')
}

function decodable(bytes: Buffer): string | undefined {
  return isUtf8(bytes) && !bytes.includes(0) ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes) : undefined
}

function judged(before: string, result: TextResult, rewrite: Rewrite): void {
  const subject: Subject = { before, after: result, rewrite }
  const complaints = judge(subject)
  assert.is(complaints.join('\n'), '', `${complaints.join('\n')}\n${result.diff}`)
}

const own = suite('shapes')

for (const name of names) {
  own(name, () => {
    const inside = new URL(`${name}/`, folder)
    const file = readdirSync(inside).find((other) => other.startsWith('before.')) ?? 'before.yaml'
    const bytes = readFileSync(new URL(file, inside))
    const expected = JSON.parse(readFileSync(new URL('expect.json', inside), 'utf8')) as Expectation
    for (const key of Object.keys(expected)) assert.ok(KNOWN.includes(key), `expect.json knows no ${key}`)
    assert.ok(OUTCOMES.includes(expected.outcome), `no outcome ${expected.outcome}`)
    const options: TextOptions = { ...ASSUMED, path: file, ...expected.options }
    const before = decodable(bytes)
    const result = harden(bytes, options)
    checkExpectation(expected, before, result)
    if (before !== undefined) judged(before, result, (text) => harden(text, options))
  })
}

own('115-file-over-five-megabytes', () => {
  const field = (i: number): string =>
    `          field${i}:\n            description: Number ${i} of many, as generators write them.\n            properties:\n              containers:\n                type: array\n            type: object\n`
  const fields = Array.from({ length: 4500 }, (_, i) => field(i)).join('')
  const definition = (i: number): string =>
    `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: huge${i}.example.org\nspec:\n  versions:\n  - name: v1\n    schema:\n      openAPIV3Schema:\n        properties:\n${fields}`
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: operator\nspec:\n  containers:\n  - name: operator\n    image: registry.example/operator:1\n'
  const before = `${Array.from({ length: 7 }, (_, i) => definition(i)).join('---\n')}---\n${pod}`
  assert.ok(before.length > 5_000_000, 'it is large')
  const options: TextOptions = { ...ASSUMED, path: 'install.yaml' }
  const result = harden(before, options)
  assert.equal(result.problems, [])
  const head = before.length - pod.length
  assert.ok(result.changed && result.text.startsWith(before.slice(0, head)), 'the definitions stay as they are')
  assert.is(result.text.slice(head), harden(pod, options).text, 'the pod is edited as if it stood alone')
  assert.ok(result.edits.length > 0 && result.edits.every(({ start }) => start > head))
})

own('every shape from the list has a folder', () => {
  const numbers = new Set(names.map((name) => name.slice(0, 3)))
  const wanted = [...Array.from({ length: 98 }, (_, i) => i + 1), 114, 115].map((number) => String(number).padStart(3, '0'))
  assert.equal(
    wanted.filter((number) => !numbers.has(number)),
    [],
  )
})

own.run()

const collected = suite('collected shapes')
const outside = new URL('../../../shared/hard-shapes/', import.meta.url)

if (!existsSync(new URL('README.md', outside))) console.log(`skipped: collected shapes, ${fileURLToPath(outside)} is not there`)
else {
  const table = readFileSync(new URL('README.md', outside), 'utf8')
  const rows = [...table.matchAll(/^\| (\d{3}-[\w-]+) \| ([\w-]+) \|/gm)].map((row) => ({ name: row[1] as string, wanted: row[2] as string }))
  const sets: readonly (readonly [string, TextOptions])[] = [
    ['all transforms', {}],
    ['text only', { only: ['forbid-privilege-escalation', 'drop-all-capabilities', 'set-seccomp-runtime-default'] }],
  ]
  const outcomes: Readonly<Record<string, readonly Outcome[]>> = {
    edit: ['edit'],
    'no-edit': ['no-edit'],
    refuse: ['refuse'],
    report: ['report'],
    'edit-and-report': ['edit-and-report'],
    'edit-or-report': ['edit-or-report'],
    'edit-or-refuse': ['edit', 'refuse', 'edit-and-report'],
    'edit-or-none': ['edit', 'no-edit'],
    'refuse-or-bytes': ['refuse', 'edit'],
  }
  // What the note beside the shape allows and the table does not say: Windows takes runAsNonRoot alone.
  const special: Readonly<Record<string, string>> = { '093-windows-pod, all transforms': 'edit-or-none' }
  for (const { name, wanted: inTable } of rows) {
    if (/-helm-/.test(name)) continue
    for (const [set, chosen] of sets) {
      const wanted = special[`${name}, ${set}`] ?? inTable
      collected(`${name}, ${set}: ${wanted}`, () => {
        const bytes = readFileSync(new URL(`${name}.yaml`, outside))
        const options: TextOptions = { ...ASSUMED, path: `${name}.yaml`, ...chosen }
        const before = decodable(bytes)
        const result = harden(bytes, options)
        const failures = (outcomes[wanted] ?? []).map((outcome) => {
          try {
            checkOutcome(outcome, before, result)
            return undefined
          } catch (error) {
            return (error as Error).message
          }
        })
        assert.ok(failures.length > 0 && failures.includes(undefined), failures.join(' / '))
        if (before !== undefined) judged(before, result, (text) => harden(text, options))
      })
    }
  }
  collected('the table was read', () => {
    assert.ok(rows.length >= 100)
  })
}

collected.run()
