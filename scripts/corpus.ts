/**
 * What the command line does to real repositories, checked from outside: `npm run corpus [FOLDER] [--oracle PATH]`.
 * FOLDER holds one repository a folder (default `../shared/corpus`). Prints a table and the checks that must hold,
 * and ends with `N passed, N failed`. With the oracle (Kubernetes' own validation) also what the API server says.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CST, Parser } from 'yaml'
import type { Finding, Problem, SiteVerdict } from '../src/types.ts'

const here = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const args = process.argv.slice(2)
const oracleAt = args.indexOf('--oracle')
const oracle = oracleAt === -1 ? process.env.PODHARDEN_ORACLE : args[oracleAt + 1]
const corpus = resolve(args.find((arg, i) => !arg.startsWith('--') && i !== oracleAt + 1) ?? join(here, '../shared/corpus'))
const extra = (process.env.PODHARDEN_ARGS ?? '').split(' ').filter((arg) => arg !== '')

interface Row {
  readonly repository: string
  pods: number
  containers: number
  changed: number
  readonly fields: Record<string, Record<string, number>>
  readonly reasons: Record<string, number>
  problems: number
  removed: number
  before: string
  after: string
}

const checks: { readonly name: string; readonly failures: string[] }[] = []

function check(name: string, failures: readonly string[]): void {
  const known = checks.find((other) => other.name === name)
  if (known === undefined) checks.push({ name, failures: [...failures] })
  else known.failures.push(...failures)
}

function podharden(cwd: string, ...rest: string[]): { readonly stdout: string; readonly stderr: string; readonly status: number } {
  const run = spawnSync(process.execPath, [join(here, 'bin/podharden.cjs'), '--root', '.', ...extra, ...rest], { cwd, encoding: 'utf8', maxBuffer: 1 << 30 })
  return { stdout: run.stdout, stderr: run.stderr, status: run.status ?? -1 }
}

function filesBelow(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** Files whose bytes differ between two trees. */
function differences(a: string, b: string): readonly string[] {
  return filesBelow(a)
    .filter((file) => !readFileSync(file).equals(readFileSync(join(b, relative(a, file)))))
    .map((file) => relative(a, file))
}

/** Every comment of a stream, found with the plain parser and none of the engine. */
function comments(text: string): readonly string[] {
  const found: string[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item)
    else if (value !== null && typeof value === 'object') {
      const token = value as CST.Token
      if (token.type === 'comment') found.push(token.source)
      for (const key of ['start', 'key', 'sep', 'value', 'end', 'items', 'props'] as const) if (key in token) visit((token as unknown as Record<string, unknown>)[key])
    }
  }
  for (const token of new Parser().parse(text)) visit(token)
  return found
}

/** A removed line needs a reason on its line: a token was replaced, or a flow collection or JSON list grew. */
function unexplained(diff: string): readonly string[] {
  const bad: string[] = []
  const lines = diff.split('\n')
  lines.forEach((line, i) => {
    if (!line.startsWith('-') || line.startsWith('--- ')) return
    let end = i
    while (lines[end]?.startsWith('-')) end++
    const added = lines.slice(end).slice(
      0,
      lines.slice(end).findIndex((other) => !other.startsWith('+') && !other.startsWith('\\')),
    )
    const text = line.slice(1).replace(/\r$/, '')
    // A collection that grew still begins as it did; a bracket alone explains nothing.
    const begins = /^\s*(?:[{}[\]]+|[^\s,{}[\]]+)/.exec(text)?.[0]
    const grows = /[{}[\]]|,$/.test(text) && begins !== undefined && added.some((other) => other.slice(1).startsWith(begins))
    const key = /^\s*(?:- )?["']?[\w./-]+["']?\s*:/.exec(text)?.[0]
    const same = added.some(
      (other) =>
        (key !== undefined && other.slice(1).startsWith(key)) ||
        other.slice(1).startsWith(`${text},`) ||
        /^\s*- ["']?ALL["']?/.test(other.slice(1)) ||
        other.slice(1).replace(/\r$/, '') === text,
    )
    const dead = /(?:seccomp|annotations)/.test(text)
    if (!grows && !same && !dead) bad.push(line)
  })
  return bad
}

function count(record: Record<string, number>, key: string, by = 1): void {
  record[key] = (record[key] ?? 0) + by
}

function one(repository: string, scratch: string): Row {
  const source = join(corpus, repository)
  const written = join(scratch, 'written')
  const applied = join(scratch, 'applied')
  for (const folder of [written, applied]) {
    rmSync(folder, { recursive: true, force: true })
    cpSync(source, folder, { recursive: true })
  }
  const dry = podharden(applied, '.')
  check(
    'a dry run writes nothing',
    differences(source, applied).map((file) => `${repository}/${file}`),
  )
  const again = podharden(applied, '.')
  check('two dry runs print the same', dry.stdout === again.stdout ? [] : [repository])
  const json = JSON.parse(podharden(applied, '--format', 'json', '.').stdout) as {
    units: { workloads: number; containers: number; findings: Finding[]; verdicts: SiteVerdict[]; problems: Problem[] }[]
  }
  podharden(written, '--write', '--quiet', '.')
  if (dry.stdout !== '') {
    const patch = join(scratch, 'a.patch')
    writeFileSync(patch, dry.stdout)
    const apply = spawnSync('git', ['apply', '--whitespace=nowarn', patch], { cwd: applied, encoding: 'utf8' })
    check('git apply takes the printed diff', apply.status === 0 ? [] : [`${repository}: ${apply.stderr}`])
  }
  check(
    'git apply gives the bytes of --write',
    differences(written, applied).map((file) => `${repository}/${file}`),
  )
  const second = podharden(written, '.')
  check('a second run plans nothing', second.stdout === '' ? [] : [`${repository}: ${second.stdout.slice(0, 300)}`])
  const row: Row = { repository, pods: 0, containers: 0, changed: 0, fields: {}, reasons: {}, problems: 0, removed: 0, before: '', after: '' }
  for (const unit of json.units) {
    row.pods += unit.workloads
    row.containers += unit.containers
    row.problems += unit.problems.length
    for (const verdict of unit.verdicts) addVerdict(repository, verdict)
    for (const finding of unit.findings) {
      if (finding.outcome === 'fix') {
        row.fields[finding.transform] ??= {}
        const grades = row.fields[finding.transform] ?? {}
        for (const { grade } of finding.fields) count(grades, grade)
      } else if (finding.outcome === 'review') count(row.reasons, `${finding.severity} ${finding.reason}`)
    }
    check(
      'no edit fails its proof',
      unit.problems.filter(({ code }) => PROOF.has(code)).map(({ file, code, message }) => `${file}: ${code} ${message}`),
    )
  }
  const changed = differences(source, written)
  row.changed = changed.length
  for (const file of changed) {
    const before = comments(readFileSync(join(source, file), 'utf8'))
    const after = comments(readFileSync(join(written, file), 'utf8'))
    check('every comment is kept, in order', before.join('\n') === after.join('\n') ? [] : [`${repository}/${file}`])
  }
  row.removed = dry.stdout.split('\n').filter((line) => line.startsWith('-') && !line.startsWith('--- ')).length
  // With --override whole lines of the author's go.
  if (!extra.includes('--override'))
    check(
      'a line is removed only where a token in it had to change',
      unexplained(dry.stdout).map((line) => `${repository}: ${line}`),
    )
  if (oracle !== undefined) judge(oracle, row, source, written, changed)
  return row
}

/** The standards' word before and after by our own evaluator, and by check and transform what is left. */
const standards = { level: '', pods: 0, before: 0, after: 0, left: {} as Record<string, number> }

function addVerdict(repository: string, { file, line, object, level, version, before, after, left }: SiteVerdict): void {
  const name = `${repository}/${file}:${line} ${object.kind}/${object.name}`
  standards.level = `${level} ${version}`
  standards.pods++
  if (before.allowed === true) standards.before++
  if (after.allowed === true) standards.after++
  for (const { check: id, transform, because } of left) count(standards.left, `${id.padEnd(28)}${transform ?? because ?? 'no reason'}`)
  check(
    'no workload is refused by a check that allowed it before',
    after.checks.filter((id) => !before.checks.includes(id)).map((id) => `${name}: ${id}`),
  )
  check(
    'each violation that is left has its reason',
    left.filter(({ because }) => because === undefined).map(({ check: id, container }) => `${name} ${container ?? 'pod'}: ${id}`),
  )
}

const PROOF = new Set([
  'UNDECLARED_FIELD',
  'CONFLICTING_CHANGES',
  'OVERLAPPING_EDITS',
  'OUTPUT_UNPARSABLE',
  'UNPLANNED_CHANGE',
  'COMMENT_LOST',
  'BYTES_CHANGED',
  'NOT_STABLE',
  'INTERNAL',
])

/** Variables that the new user needs (HOME) are planned, but the oracle, which only knows security fields, calls them unexpected. */
const ENVIRONMENT = /containers\[[^\]]*\]\.env(?:\[[^\]]*\])?: \(absent\) -> /i
let environment = 0

function judge(path: string, row: Row, before: string, after: string, changed: readonly string[]): void {
  const compare = spawnSync(path, ['compare', before, after], { encoding: 'utf8', maxBuffer: 1 << 30 })
  const last = (compare.stdout + compare.stderr).split('\n').findLast((line) => line.includes('newly invalid')) ?? ''
  const failures: string[] = /\b0 newly invalid, 0 new PSS violations/.test(last) ? [] : [last === '' ? 'the oracle said nothing' : last]
  for (const line of compare.stdout.split('\n')) {
    if (!line.startsWith('{')) continue
    const { unexpectedChanges = [], fail = [] } = JSON.parse(line) as { unexpectedChanges?: string[]; fail?: string[] | boolean }
    const others = unexpectedChanges.filter((change) => !ENVIRONMENT.test(change))
    environment += unexpectedChanges.length - others.length
    if (others.length > 0 || (unexpectedChanges.length === 0 && fail !== false && (fail === true || fail.length > 0))) failures.push(line.slice(0, 600))
  }
  check(
    'Kubernetes accepts what it accepted before, and nothing unexpected changed',
    failures.map((failure) => `${row.repository}: ${failure}`),
  )
  const restricted = (root: string): string => {
    const run = spawnSync(path, ['check', root], { encoding: 'utf8', maxBuffer: 1 << 30 })
    let pass = 0
    let all = 0
    for (const line of run.stdout.split('\n')) {
      if (!line.startsWith('{')) continue
      const judged = JSON.parse(line) as { pssRestricted?: string[]; validated?: boolean }
      if (judged.validated !== true) continue
      all++
      if ((judged.pssRestricted ?? []).length === 0) pass++
    }
    return `${pass}/${all}`
  }
  row.before = restricted(before)
  row.after = changed.length === 0 ? row.before : restricted(after)
}

function sum(grades: Record<string, Record<string, number>>, grade: string): number {
  return Object.values(grades).reduce((total, counts) => total + (counts[grade] ?? 0), 0)
}

function print(rows: readonly Row[]): void {
  const pad = (text: string | number, width: number): string => String(text).padStart(width)
  process.stdout.write(
    `${'repository'.padEnd(40)}${['pods', 'cont', 'files', 'certain', 'known', 'likely', 'assumed', 'removed', 'problems', 'restricted before', 'after'].map((head) => pad(head, Math.max(9, head.length + 1))).join('')}\n`,
  )
  for (const row of rows) {
    const cells = [
      row.pods,
      row.containers,
      row.changed,
      sum(row.fields, 'certain'),
      sum(row.fields, 'known'),
      sum(row.fields, 'likely'),
      sum(row.fields, 'assumed'),
      row.removed,
      row.problems,
    ]
    process.stdout.write(`${row.repository.padEnd(40)}${cells.map((cell) => pad(cell, 9)).join('')}${pad(row.before, 18)}${pad(row.after, 9)}\n`)
  }
  for (const row of rows) {
    if (row.pods === 0) continue
    process.stdout.write(`\n${row.repository}\n`)
    printCounts(row.fields, row.reasons)
  }
  const transforms: Record<string, Record<string, number>> = {}
  const reasons: Record<string, number> = {}
  for (const row of rows) {
    for (const [id, grades] of Object.entries(row.fields)) {
      const sums = transforms[id] ?? {}
      transforms[id] = sums
      for (const [grade, number] of Object.entries(grades)) count(sums, grade, number)
    }
    for (const [reason, number] of Object.entries(row.reasons)) count(reasons, reason, number)
  }
  process.stdout.write('\nall repositories\n')
  printCounts(transforms, reasons)
  process.stdout.write(
    `\n${standards.level}: ${standards.pods} workloads, ${standards.before} allowed before, ${standards.after} after; what is left, by check and who says why:\n`,
  )
  for (const [key, number] of Object.entries(standards.left).sort((x, y) => y[1] - x[1])) process.stdout.write(`  ${key.padEnd(62)}${String(number).padStart(5)}\n`)
}

/** Fields written by transform and grade, then reviews by reason. */
function printCounts(fields: Record<string, Record<string, number>>, reasons: Record<string, number>): void {
  const grades = ['certain', 'known', 'likely', 'assumed']
  for (const [id, counts] of Object.entries(fields)) {
    process.stdout.write(`  ${id.padEnd(34)}${grades.map((grade) => `${String(counts[grade] ?? 0).padStart(7)} ${grade}`).join('')}\n`)
  }
  for (const [reason, number] of Object.entries(reasons).sort((x, y) => y[1] - x[1])) process.stdout.write(`  review: ${reason.padEnd(26)}${String(number).padStart(7)}\n`)
}

if (!existsSync(corpus)) {
  process.stdout.write(`skipped: there is no folder ${relative(process.cwd(), corpus)}; name one that holds repositories\n0 passed, 0 failed\n`)
} else {
  const scratch = mkdtempSync(join(tmpdir(), 'podharden-corpus-'))
  try {
    const repositories = readdirSync(corpus)
      .filter((name) => statSync(join(corpus, name)).isDirectory())
      .sort()
    const rows = repositories.map((repository) => one(repository, scratch))
    print(rows)
    process.stdout.write('\n')
    for (const { name, failures } of checks) {
      process.stdout.write(`${failures.length === 0 ? 'ok  ' : 'FAIL'}  ${name}\n`)
      for (const failure of failures.slice(0, 10)) process.stdout.write(`        ${failure}\n`)
    }
    if (environment > 0) process.stdout.write(`note: ${environment} variables (HOME and the like) were added for a new user; the oracle lists them as unexpected, nothing else\n`)
    if (oracle === undefined) process.stdout.write('skipped: no oracle (--oracle PATH), so nothing was asked of Kubernetes\n')
    const failed = checks.filter(({ failures }) => failures.length > 0).length
    process.stdout.write(`${checks.length - failed} passed, ${failed} failed\n`)
    if (failed > 0) process.exitCode = 1
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
