/**
 * What a run costs, measured side by side in one run: `npm run bench [FOLDER]`. Ratios are what counts; the
 * machine's speed is not. Default folder: `../shared/corpus`, else a generated tree.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Composer, Parser, parseAllDocuments } from 'yaml'
import transforms from '../transforms/index.ts'
import { mayHoldDocument, mayHoldPodSpec, slices } from '../src/kube/documents.ts'
import { contextOf } from '../src/know.ts'
import { manifest } from '../src/languages/manifest/index.ts'
import { EMPTY_SURVEY, withDefaults } from '../src/options.ts'
import { unifiedDiff } from '../src/text/diff.ts'
import type { Language, Transform } from '../src/types.ts'
import { hardenUnit } from '../src/unit.ts'

const here = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const scratch = mkdtempSync(join(tmpdir(), 'podharden-bench-'))
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5)

process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

function generatedTree(folder: string, files: number): string {
  for (let i = 0; i < files; i++) {
    const sub = join(folder, `d${Math.floor(i / 200)}`)
    if (i % 200 === 0) mkdirSync(sub, { recursive: true })
    const body =
      i % 4 === 0
        ? `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-${i}\n  labels: {app: app-${i}}\nspec:\n  selector:\n    matchLabels: {app: app-${i}}\n  template:\n    metadata:\n      labels: {app: app-${i}}\n    spec:\n      containers:\n      - name: app\n        image: registry.example/app:${i} # pinned\n        ports:\n        - containerPort: 8080\n        env:\n        - name: MODE\n          value: "${i}"\n        resources:\n          limits: {cpu: 100m, memory: 64Mi}\n`
        : `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config-${i}\ndata:\n${Array.from({ length: 24 }, (_, line) => `  key-${line}: "value ${i} ${line} and some more text to fill the line"\n`).join('')}`
    writeFileSync(join(sub, `f${i}.yaml`), body)
  }
  return folder
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

function filesBelow(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name) && !entry.parentPath.includes('/templates'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

// ---- parts of one run, in this process ----------------------------------------------------------------

const clock: Record<string, number> = {}

function timed<T>(part: string, work: () => T): T {
  const start = performance.now()
  try {
    return work()
  } finally {
    clock[part] = (clock[part] ?? 0) + performance.now() - start
  }
}

function watched(): { readonly language: Language; readonly transforms: readonly Transform[] } {
  const language: Language = {
    kind: 'manifest',
    locate: (unit) => timed('locate (parse)', () => manifest.locate(unit)),
    reread: (unit) => timed('verify: parse again', () => manifest.reread(unit)),
    lower: (unit, located, wanted) => timed('lower', () => manifest.lower(unit, located, wanted)),
  }
  const watchedTransforms = transforms.map(
    (transform): Transform => ({
      ...transform,
      plan: (pod, context) => timed('plan (both plans)', () => [...transform.plan(pod, context)]),
    }),
  )
  return { language, transforms: watchedTransforms }
}

function parseOnly(text: string): void {
  if (!mayHoldDocument(text)) return
  for (const { start, end } of slices(text)) {
    const part = text.slice(start, end)
    if (!mayHoldPodSpec(part)) continue
    const tokens = [...new Parser().parse(part)]
    for (const document of new Composer({ merge: true, uniqueKeys: false, keepSourceTokens: true, logLevel: 'silent' }).compose(tokens)) void document.contents
  }
}

function wholeRun(paths: readonly string[], root: string): number {
  const context = contextOf(withDefaults({}, true), EMPTY_SURVEY)
  let bytes = 0
  for (const path of paths) {
    const text = timed('read', () => readFileSync(path, 'utf8'))
    const file = relative(root, path)
    const source = { path: file, text, bom: false }
    const { language, transforms: list } = watched()
    const unit = { id: file, kind: 'manifest' as const, root, files: { list: () => [file], read: () => source }, writable: () => true }
    const result = timed('unit', () => hardenUnit(unit, { language, transforms: list, context }))
    timed('diff', () => {
      for (const output of result.outputs) bytes += unifiedDiff(output.source, output.text, output.edits).length
    })
  }
  return bytes
}

function inProcess(root: string): void {
  const paths = filesBelow(root)
  const texts = paths.map((path) => readFileSync(path, 'utf8'))
  const megabytes = texts.reduce((sum, text) => sum + text.length, 0) / 1e6
  const results: Record<string, number[]> = {}
  const measure = (name: string, work: () => void): void => {
    const start = performance.now()
    work()
    results[name] = [...(results[name] ?? []), performance.now() - start]
  }
  const parts: Record<string, number[]> = {}
  for (let round = 0; round <= ROUNDS; round++) {
    if (round === 1) for (const key of Object.keys(results)) delete results[key]
    measure('read', () => {
      for (const path of paths) readFileSync(path, 'utf8')
    })
    measure('read + parse pod documents', () => {
      for (const path of paths) parseOnly(readFileSync(path, 'utf8'))
    })
    for (const key of Object.keys(clock)) delete clock[key]
    measure('whole run', () => {
      wholeRun(paths, root)
    })
    if (round > 0) for (const [key, value] of Object.entries(clock)) parts[key] = [...(parts[key] ?? []), value]
  }
  // Parsing and printing everything takes long: two rounds, the faster one counts against us.
  const naive = [0, 1].map(() => {
    const start = performance.now()
    for (const text of texts) {
      try {
        parseAllDocuments(text).map(String).join('')
      } catch {
        // A document that cannot be printed costs what it cost so far.
      }
    }
    return performance.now() - start
  })
  const base = median(results['read + parse pod documents'] ?? [])
  const line = (name: string, value: number): void => {
    process.stdout.write(
      `  ${name.padEnd(32)}${value.toFixed(0).padStart(8)} ms${(value / base).toFixed(2).padStart(8)}×${(megabytes / (value / 1000)).toFixed(1).padStart(9)} MB/s${(paths.length / (value / 1000)).toFixed(0).padStart(9)} files/s\n`,
    )
  }
  process.stdout.write(`${paths.length} files, ${megabytes.toFixed(1)} MB, ${ROUNDS} rounds, medians; 1× is reading and parsing only the documents with pods\n`)
  line('read', median(results.read ?? []))
  line('read + parse pod documents', base)
  line('whole run', median(results['whole run'] ?? []))
  line('yaml: parse and print all', Math.min(...naive))
  process.stdout.write(`  whole run / naive: ${(median(results['whole run'] ?? []) / Math.min(...naive)).toFixed(3)} (goal: at most 0.25)\n`)
  process.stdout.write('  of the whole run:\n')
  const unit = median(parts.unit ?? [])
  let named = 0
  for (const key of ['read', 'locate (parse)', 'plan (both plans)', 'lower', 'verify: parse again', 'diff']) {
    const value = median(parts[key] ?? [])
    if (key !== 'read' && key !== 'diff') named += value
    line(`    ${key}`, value)
  }
  line('    the rest (overlay, compare, findings)', unit - named)
}

// ---- whole processes ------------------------------------------------------------------------------------

interface Process {
  readonly ms: number
  readonly megabytes: number
}

function processRun(args: readonly string[], cwd: string): Process {
  const probe = `process.on('exit',()=>{require('node:fs').writeSync(3,String(process.resourceUsage().maxRSS))})`
  const file = join(scratch, 'probe.cjs')
  writeFileSync(file, probe)
  const start = performance.now()
  const run = spawnSync(process.execPath, ['--require', file, ...args], { cwd, stdio: ['ignore', 'ignore', 'ignore', 'pipe'], maxBuffer: 1 << 20 })
  const ms = performance.now() - start
  return { ms, megabytes: Number(run.output[3]?.toString() ?? 0) / 1024 }
}

function startUp(): void {
  const file = join(scratch, 'one.yaml')
  writeFileSync(file, 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: a\n    image: nginx:1.27\n')
  const ours: number[] = []
  const bare: number[] = []
  for (let i = 0; i < 15; i++) {
    bare.push(processRun(['-e', '0'], scratch).ms)
    ours.push(processRun([join(here, 'bin/podharden.cjs'), 'one.yaml'], scratch).ms)
  }
  process.stdout.write(
    `start-up: one file ${median(ours).toFixed(0)} ms, node -e 0 ${median(bare).toFixed(0)} ms: ${(median(ours) / median(bare)).toFixed(2)}× (goal: at most 2.2)\n`,
  )
}

function growth(root: string): void {
  process.stdout.write('growth, whole processes, median of 3:\n')
  const trees = [1, 4, 16].map((times) => {
    const tree = join(scratch, `x${times}`)
    for (let i = 0; i < times; i++) cpSync(root, join(tree, `copy${i}`), { recursive: true })
    return { times, tree }
  })
  let first: Process | undefined
  for (const { times, tree } of trees) {
    const runs = Array.from({ length: 3 }, () => processRun([join(here, 'bin/podharden.cjs'), '--root', '.', '.'], tree))
    const one = { ms: median(runs.map(({ ms }) => ms)), megabytes: median(runs.map(({ megabytes }) => megabytes)) }
    first ??= one
    process.stdout.write(
      `  ${String(times).padStart(3)}×  ${one.ms.toFixed(0).padStart(8)} ms  ${(one.ms / first.ms / times).toFixed(2)} of linear  peak ${one.megabytes.toFixed(0)} MB, ${(one.megabytes / first.megabytes).toFixed(2)}× (goal: at most 1.5)\n`,
    )
    rmSync(tree, { recursive: true, force: true })
  }
}

function largeTree(): void {
  const tree = generatedTree(join(scratch, 'large'), 100_000)
  const one = processRun([join(here, 'bin/podharden.cjs'), '--root', '.', '.'], tree)
  process.stdout.write(`100,000 generated files: ${(one.ms / 1000).toFixed(1)} s, peak ${one.megabytes.toFixed(0)} MB\n`)
}

const given = process.argv[2]
const shared = join(here, '../shared/corpus')
const root = given !== undefined ? resolve(given) : existsSync(shared) ? shared : generatedTree(join(scratch, 'tree'), 4000)
if (process.env.BENCH_PARTS !== 'process') inProcess(root)
if (process.env.BENCH_PARTS !== 'inside') {
  startUp()
  growth(root)
  largeTree()
}
