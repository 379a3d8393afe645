/**
 * Runs every `*.test.js` beside this file, each in its own process, and prints `N passed, N failed` as the very
 * last line. Counts as failures: a file that cannot be loaded, prints no summary, has no test, forgets a
 * `run()`, hangs, or ends early.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const TIME_LIMIT = 10 * 60_000

export interface Outcome {
  readonly passed: number
  readonly failed: number
  readonly output: string
}

/** Runs one file of suites. */
export function runFile(path: string, timeLimit = TIME_LIMIT): Promise<Outcome> {
  return new Promise((done) => {
    const source = readFileSync(path, 'utf8')
    const suites = (source.match(/^(?:const|let) \w+ = suite\(/gm) ?? []).length
    const runs = (source.match(/^\w+\.run\(\)/gm) ?? []).length
    // The code after the file's own must be reached: an early exit or a promise that never settles prevents it.
    const child = spawn(process.execPath, ['--unhandled-rejections=strict', path], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' } })
    let output = ''
    child.stdout.on('data', (data) => {
      output += data
    })
    child.stderr.on('data', (data) => {
      output += data
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), timeLimit)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const total = [...output.matchAll(/^ {2}Total: {5}(\d+)$/gm)].reduce((sum, match) => sum + Number(match[1]), 0)
      const passed = [...output.matchAll(/^ {2}Passed: {4}(\d+)$/gm)].reduce((sum, match) => sum + Number(match[1]), 0)
      const troubles: string[] = []
      if (signal !== null) troubles.push(`ended by ${signal} (a promise that never settles?)`)
      if (suites === 0) troubles.push('has no suite')
      else if (runs < suites) troubles.push(`has ${suites} suites but ${runs} run()`)
      if (total === 0) troubles.push('ran no test, or ended before its summary')
      if (code !== 0 && total === passed) troubles.push(`exit code ${code} although its tests passed`)
      for (const trouble of troubles) output += `\nFAIL  ${path}: ${trouble}\n`
      done({ passed, failed: total - passed + troubles.length, output })
    })
  })
}

async function all(): Promise<void> {
  let passed = 0
  let failed = 1
  process.on('exit', () => {
    process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
    if (failed > 0) process.exitCode = 1
  })
  const only = process.argv[2]
  const files = readdirSync(here)
    .filter((name) => name.endsWith('.test.js') && (only === undefined || name.includes(only)))
    .sort()
  let sum = 0
  const queue = [...files]
  const worker = async (): Promise<void> => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const outcome = await runFile(join(here, file))
      passed += outcome.passed
      sum += outcome.failed
      process.stdout.write(`${outcome.failed === 0 ? 'ok  ' : 'FAIL'}  ${file}  ${outcome.passed} passed${outcome.failed === 0 ? '' : `, ${outcome.failed} failed`}\n`)
      for (const line of outcome.output.split('\n')) if (outcome.failed > 0 || line.startsWith('skipped')) process.stdout.write(`      ${line}\n`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(2, cpus().length) }, worker))
  failed = files.length === 0 ? 1 : sum
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await all()
