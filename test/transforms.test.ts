/**
 * The list of transforms, and every folder of `test/fixtures`: a case named for the rule that it holds. `before.yaml`
 * becomes `after.yaml` (absent: not a byte changes) and gives the lines of `findings.txt` (absent: none).
 * `options.json` holds options as for the library; the grade asked for is `assumed` unless it says otherwise.
 * `UPDATE_FIXTURES=1` writes what comes out; read the difference before keeping it.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import { harden, type TextOptions, type TextResult } from '../src/index.ts'
import type { Finding } from '../src/types.ts'
import transforms from '../transforms/index.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const fixtures = join(root, 'test/fixtures')
const ids = transforms.map(({ id }) => id)

function line(finding: Finding): string {
  const where = `${finding.transform} ${finding.container ?? '-'} ${finding.field}`
  if (finding.outcome === 'fix') return `fix ${finding.grade} ${where}`
  return finding.outcome === 'review' ? `review ${finding.severity} ${finding.reason} ${where}` : `exempt ${where}`
}

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function objects(text: string): readonly unknown[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS())
}

const list = suite('the list of transforms')

list('names every file, and each by its file name', () => {
  const files = readdirSync(join(root, 'transforms'))
    .filter((file) => file !== 'index.ts')
    .map((file) => file.replace(/\.ts$/, ''))
  assert.equal([...ids].sort(), files.sort())
})

list('opens each file with its rule', () => {
  for (const id of ids) {
    const text = readFileSync(join(root, 'transforms', `${id}.ts`), 'utf8')
    assert.ok(text.startsWith('/**\n'), id)
    for (const part of ['Fields:', 'Wanted:', 'Leaves:', 'Source:']) assert.ok(text.slice(0, text.indexOf('*/')).includes(part), `${id} says nothing of ${part}`)
  }
})

list('has a case for each that changes and one that only reports', () => {
  // Those of Namespaces need a tree around them: namespaces.test.ts.
  for (const { id, fields } of transforms.filter(({ on }) => on === undefined)) {
    const cases = readdirSync(join(fixtures, id))
    const changed = cases.filter((name) => existsSync(join(fixtures, id, name, 'after.yaml')))
    const reported = cases.filter((name) => new RegExp(`^review (?:decide|know) \\S+ ${id} `, 'm').test(read(join(fixtures, id, name, 'findings.txt')) ?? ''))
    if (fields.length > 0) assert.ok(changed.length > 0, `${id} changes nothing in its cases`)
    assert.ok(reported.length > 0, `${id} reports nothing in its cases`)
  }
})

list('has no cases for a transform that is not there', () => {
  const folders = readdirSync(fixtures, { withFileTypes: true }).filter((entry) => entry.isDirectory() && /^(?:forbid|require|drop|set|restrict)-/.test(entry.name))
  for (const { name } of folders) assert.ok((ids as readonly string[]).includes(name), name)
})

list.run()

const cases = suite('fixtures')

for (const { id } of transforms.filter(({ on }) => on === undefined)) {
  for (const name of readdirSync(join(fixtures, id)).sort()) {
    const folder = join(fixtures, id, name)
    const before = readFileSync(join(folder, 'before.yaml'), 'utf8')
    const options: TextOptions = { atLeast: 'assumed', ...JSON.parse(read(join(folder, 'options.json')) ?? '{}') }

    cases(`${id}: ${name}`, () => {
      const result = harden(before, options)
      if (process.env.UPDATE_FIXTURES === '1') update(folder, result)
      assert.equal(result.problems, [])
      assert.is(result.text, read(join(folder, 'after.yaml')) ?? before)
      assert.is(result.findings.map((finding) => `${line(finding)}\n`).join(''), read(join(folder, 'findings.txt')) ?? '')
    })

    cases(`${id}: ${name}: a second run changes nothing`, () => {
      const once = harden(before, options)
      const twice = harden(once.text, options)
      assert.is(twice.text, once.text)
      assert.equal(
        twice.findings.filter(({ outcome }) => outcome === 'fix'),
        [],
      )
    })

    cases(`${id}: ${name}: one transform after the other gives the same object`, () => {
      const together = harden(before, options)
      const active = ids.filter((one) => together.findings.some(({ transform, outcome }) => transform === one && outcome === 'fix'))
      const apart = active.reduce((text, one) => harden(text, { ...options, only: [one] }).text, before)
      assert.equal(objects(apart), objects(together.text))
    })
  }
}

function update(folder: string, result: TextResult): void {
  const write = (name: string, text: string | undefined): void =>
    text === undefined || text === '' ? rmSync(join(folder, name), { force: true }) : writeFileSync(join(folder, name), text)
  write('after.yaml', result.changed ? result.text : undefined)
  write('findings.txt', result.findings.map((finding) => `${line(finding)}\n`).join(''))
}

cases.run()
