/**
 * `podharden action`: what `action.yml` runs in a workflow of GitHub. Its inputs come as variables, so that no text of a
 * workflow becomes part of a script; everything that later steps need is written to files and outputs.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fingerprint } from '../fingerprint.ts'
import { plural } from '../report/safe.ts'
import type { Totals } from '../report/totals.ts'
import type { Owners } from '../owners.ts'
import { UsageError } from '../requests.ts'
import { unifiedDiff } from '../text/diff.ts'
import type { UnitResult } from '../types.ts'
import { hardenPaths, type Settled } from './harden.ts'
import { ownersAt } from './owners.ts'
import { rootOf } from './settings.ts'
import { readerOf, type Sinks } from './sinks.ts'
import type { Stop } from './terminal.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Variable → option. Those of `SWITCHES` are given for `true` only. */
export const VARIABLES = {
  PODHARDEN_LEVEL: '--level',
  PODHARDEN_AT_LEAST: '--at-least',
  PODHARDEN_STAGE: '--stage',
  PODHARDEN_ONLY: '--only',
  PODHARDEN_SKIP: '--skip',
  PODHARDEN_CONFIG: '--config',
  PODHARDEN_BASELINE: '--baseline',
  PODHARDEN_CHANGED_SINCE: '--changed-since',
  PODHARDEN_FAIL_ON: '--fail-on',
} as const
export const SWITCHES = { PODHARDEN_WRITE: '--write', PODHARDEN_CHECK: '--check' } as const

/** The call that the variables stand for. Only what there is evidence for is changed unless they say more. */
export function callOf(env: Env): readonly string[] {
  const given = (name: string): string => (env[name] ?? '').trim()
  const paths = (env.PODHARDEN_PATHS ?? '')
    .split('\n')
    .map((path) => path.trim())
    .filter((path) => path !== '')
  const odd = paths.find((path) => path.startsWith('-'))
  if (odd !== undefined) throw new UsageError(`paths: "${odd}" is no path`)
  return [
    ...Object.entries({ ...VARIABLES }).flatMap(([name, option]) => {
      const value = name === 'PODHARDEN_AT_LEAST' && given(name) === '' ? 'known' : given(name)
      return value === '' ? [] : [`${option}=${value}`]
    }),
    ...Object.entries(SWITCHES).flatMap(([name, option]) => (given(name) === 'true' ? [option] : [])),
    ...(paths.length === 0 ? ['.'] : paths),
  ]
}

export async function runAction(request: Settled, stop: Stop, env: Env): Promise<number> {
  const folder = join(env.RUNNER_TEMP ?? env.TMPDIR ?? '/tmp', 'podharden')
  mkdirSync(folder, { recursive: true })
  const dry = !request.write
  const files = { sarif: join(folder, 'podharden.sarif'), report: join(folder, 'podharden.json'), body: join(folder, 'body.md'), patch: join(folder, 'podharden.patch') }
  const sinks = new ActionSinks(files, dry, env, ownersAt(rootOf(request)))
  return hardenPaths({ ...request, output: undefined, format: 'github' }, stop, sinks)
}

class ActionSinks implements Sinks {
  readonly #files: Readonly<Record<'sarif' | 'report' | 'body' | 'patch', string>>
  readonly #readers
  readonly #env: Env
  readonly #changes: string[] = []
  #workloads = 0

  constructor(files: Readonly<Record<'sarif' | 'report' | 'body' | 'patch', string>>, dry: boolean, env: Env, owners: Owners) {
    this.#files = files
    this.#env = env
    this.#readers = [
      { reader: readerOf('sarif', dry), put: (text: string) => appendFileSync(files.sarif, text) },
      { reader: readerOf('json', dry), put: (text: string) => appendFileSync(files.report, text) },
      { reader: readerOf('markdown', dry, owners), put: (text: string) => appendFileSync(files.body, text) },
      { reader: readerOf('github', dry), put: (text: string) => process.stdout.write(text) },
    ]
  }

  start(): void {
    for (const file of Object.values(this.#files)) writeFileSync(file, '')
    for (const { reader, put } of this.#readers) put(reader.start())
  }

  unit(result: UnitResult): void {
    for (const { reader, put } of this.#readers) put(reader.unit(result))
    for (const { source, text, edits } of result.outputs) appendFileSync(this.#files.patch, unifiedDiff(source, text, edits))
    this.#workloads += new Set(result.findings.flatMap((finding) => (finding.outcome === 'fix' ? [JSON.stringify(finding.object)] : []))).size
    for (const finding of result.findings) if (finding.outcome === 'fix') this.#changes.push(finding.fingerprint)
  }

  end(totals: Totals): void {
    for (const { reader, put } of this.#readers) {
      const text = reader.end(totals)
      put(text)
      if (this.#env.GITHUB_STEP_SUMMARY !== undefined && text.startsWith('## ')) appendFileSync(this.#env.GITHUB_STEP_SUMMARY, text)
    }
    const fixes = [...totals.byTransform.values()].reduce((sum, count) => sum + count, 0)
    this.#output({
      changed: String(totals.changedFiles > 0),
      findings: String(fixes + totals.decide),
      title: `feat(security): harden ${plural(this.#workloads, 'workload')}`,
      // Of names, so that another run with the same changes to make updates the same branch.
      branch: `podharden/${fingerprint([...this.#changes].sort())}`,
      ...this.#files,
    })
  }

  #output(values: Readonly<Record<string, string>>): void {
    const file = this.#env.GITHUB_OUTPUT
    const text = Object.entries(values)
      .map(([name, value]) => `${name}=${value.replace(/[\r\n]/g, ' ')}\n`)
      .join('')
    if (file === undefined) process.stderr.write(text)
    else appendFileSync(file, text)
  }
}
