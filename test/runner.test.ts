/** The test runner itself: everything that could make a broken test look green. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runFile } from './all.ts'

const runner = suite('runner')
const uvu = pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), '../../node_modules/uvu/dist/index.mjs')).href

async function outcome(body: string): Promise<{ readonly passed: number; readonly failed: number }> {
  const folder = mkdtempSync(join(process.env.TMPDIR ?? '/tmp', 'podharden-runner-'))
  try {
    const file = join(folder, 'a.test.mjs')
    writeFileSync(file, `import { suite } from '${uvu}'\n${body.replaceAll('; ', '\n')}`)
    return await runFile(file, 5000)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

runner('counts what passes', async () => {
  const { passed, failed } = await outcome(`const a = suite('a'); a('x', () => {}); a('y', () => {}); a.run()`)
  assert.is(passed, 2)
  assert.is(failed, 0)
})

const broken: Readonly<Record<string, string>> = {
  'a failing test': `const a = suite('a'); a('x', () => { throw new Error('no') }); a.run()`,
  'a forgotten run()': `const a = suite('a'); a('x', () => {})`,
  'one forgotten run() of two': `const a = suite('a'); a('x', () => {}); a.run()\nconst b = suite('b'); b('x', () => {})`,
  'a suite without a test': `const a = suite('a'); a.run()`,
  'a file that cannot be loaded': `import './missing.mjs'; const a = suite('a'); a('x', () => {}); a.run()`,
  'a promise that never settles': `const a = suite('a'); a('x', () => new Promise(() => {})); a.run()`,
  'a promise that keeps the process alive': `const a = suite('a'); a('x', () => new Promise(() => setInterval(() => {}, 1000))); a.run()`,
  'an early exit': `const a = suite('a'); a('x', () => process.exit(0)); a.run()`,
  'a late rejection': `const a = suite('a'); a('x', () => { setTimeout(() => Promise.reject(new Error('late')), 50) }); a.run()`,
}

for (const [name, body] of Object.entries(broken)) {
  runner(`counts ${name} as a failure`, async () => {
    assert.ok((await outcome(body)).failed > 0)
  })
}

runner.run()
