/** The reports that other programs read: SARIF by its official schema, workflow commands by the rules of the runner. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GithubReport } from '../src/report/github.ts'
import { HtmlReport } from '../src/report/html.ts'
import { LIMIT, MarkdownReport } from '../src/report/markdown.ts'
import { code, markdown } from '../src/report/markdown-text.ts'
import { safe } from '../src/report/safe.ts'
import { SarifReport } from '../src/report/sarif.ts'
import type { Finding } from '../src/types.ts'
import { Totals } from '../src/report/totals.ts'
import { NOTHING } from '../src/run.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const require = createRequire(import.meta.url)
const readers = suite('readers')

function podharden(cwd: string, ...args: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), '--root', '.', ...args], { cwd, encoding: 'utf8', maxBuffer: 1 << 28 })
}

function shop(): string {
  const folder = mkdtempSync(join(tmpdir(), 'podharden-readers-'))
  cpSync(join(root, 'examples/shop'), join(folder, 'shop'), { recursive: true })
  return folder
}

interface Region {
  readonly startLine: number
  readonly startColumn: number
  readonly endLine: number
  readonly endColumn: number
}
interface Log {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
    readonly invocations: readonly { readonly executionSuccessful: boolean; readonly toolExecutionNotifications: readonly { readonly descriptor: { readonly id: string } }[] }[]
    readonly results: readonly {
      readonly ruleId: string
      readonly ruleIndex: number
      readonly level: string
      readonly message: { readonly text: string }
      readonly locations?: readonly { readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: { readonly startLine: number } } }[]
      readonly partialFingerprints: Record<string, string>
      readonly suppressions?: readonly object[]
      readonly fixes?: readonly {
        readonly artifactChanges: readonly {
          readonly artifactLocation: { readonly uri: string }
          readonly replacements: readonly { readonly deletedRegion: Region; readonly insertedContent?: { readonly text: string } }[]
        }[]
      }[]
    }[]
  }[]
}

type Check = ((log: unknown) => boolean) & { readonly errors?: readonly object[] | null }
let schema: Check | undefined

function compiled(): Check {
  const Ajv = require('ajv-draft-04').default
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false })
  return ajv.compile(JSON.parse(readFileSync(require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8')))
}

/** Parsed, after the official schema of 2.1.0 has taken it. */
function sarif(text: string): Log {
  schema ??= compiled()
  const log = JSON.parse(text)
  assert.ok(schema(log), JSON.stringify(schema.errors?.slice(0, 3)))
  return log
}

/** What an editor makes of a fix. */
function applied(text: string, replacements: readonly { readonly deletedRegion: Region; readonly insertedContent?: { readonly text: string } }[]): string {
  const starts = [0]
  for (const { index } of text.matchAll(/\n/g)) starts.push(index + 1)
  const offset = (line: number, column: number): number => (starts[line - 1] as number) + column - 1
  let out = ''
  let at = 0
  for (const { deletedRegion: region, insertedContent } of replacements) {
    const [start, end] = [offset(region.startLine, region.startColumn), offset(region.endLine, region.endColumn)]
    assert.ok(start >= at && end >= start, 'in order')
    out += text.slice(at, start) + (insertedContent?.text ?? '')
    at = end
  }
  return out + text.slice(at)
}

readers('SARIF: valid, one rule a transform, and the fixes give the bytes of --write', () => {
  const folder = shop()
  const { stdout, status } = podharden(folder, '--format', 'sarif', 'shop')
  assert.is(status, 0)
  const [run] = sarif(stdout).runs
  assert.ok(run !== undefined && run.results.length > 20)
  for (const { ruleId, ruleIndex } of run.results) assert.is(run.tool.driver.rules[ruleIndex]?.id, ruleId)
  const fixed = new Map<string, string>()
  for (const { fixes } of run.results)
    for (const { artifactLocation, replacements } of fixes?.[0]?.artifactChanges ?? [])
      fixed.set(decodeURIComponent(artifactLocation.uri), applied(readFileSync(join(folder, decodeURIComponent(artifactLocation.uri)), 'utf8'), replacements))
  podharden(folder, '--write', 'shop')
  assert.is(fixed.size, 5)
  for (const [file, text] of fixed) assert.is(text, readFileSync(join(folder, file), 'utf8'), file)
  // Once they are written, nothing is left to fix.
  const after = sarif(podharden(folder, '--format', 'sarif', 'shop').stdout).runs[0]
  assert.equal(
    after?.results.filter(({ fixes }) => fixes !== undefined),
    [],
  )
  assert.ok((after?.results.length ?? 0) > 0, 'what is left for people stays')
})

readers('SARIF: a fingerprint survives moved lines', () => {
  const folder = shop()
  const prints = (): readonly string[] =>
    (sarif(podharden(folder, '--format', 'sarif', 'shop/web.yaml').stdout).runs[0]?.results ?? []).map(({ partialFingerprints }) => String(partialFingerprints['podharden/v1']))
  const before = prints()
  const path = join(folder, 'shop/web.yaml')
  writeFileSync(path, `# one line more\n\n${readFileSync(path, 'utf8')}`)
  assert.ok(before.length > 0)
  assert.equal(prints(), before)
})

readers('SARIF: with --write the report says what was done, and holds no fix', () => {
  const [run] = sarif(podharden(shop(), '--format', 'sarif', '--write', 'shop').stdout).runs
  assert.ok(run?.results.some(({ level }) => level === 'note'))
  assert.ok(run?.results.every(({ fixes }) => fixes === undefined))
})

readers('SARIF and annotations: trouble is named, and the exit code is 2', () => {
  const folder = shop()
  writeFileSync(join(folder, 'shop/bad.yaml'), 'apiVersion: v1\nkind: Pod\nspec: {containers: [\n')
  const log = podharden(folder, '--format', 'sarif', 'shop')
  assert.is(log.status, 2)
  const [run] = sarif(log.stdout).runs
  assert.is(run?.invocations[0]?.executionSuccessful, false)
  assert.equal(
    run?.invocations[0]?.toolExecutionNotifications.map(({ descriptor }) => descriptor.id),
    ['UNPARSABLE'],
  )
  const notes = podharden(folder, '--format', 'github', 'shop')
  assert.is(notes.status, 2)
  assert.match(notes.stdout, /^::error file=shop\/bad\.yaml,line=\d+,col=\d+,title=UNPARSABLE::/m)
})

readers('annotations: one command a finding, at its line, the totals last', () => {
  const { stdout } = podharden(shop(), '--format', 'github', 'shop')
  const lines = stdout.trimEnd().split('\n')
  assert.match(stdout, /^::warning file=shop\/web\.yaml,line=14,col=5,title=require-run-as-non-root::Deployment web, container nginx: run as uid 101, non-root \(known: /m)
  assert.match(lines.at(-1) ?? '', /^::notice title=podharden::5 files to change, of 5 with 5 workloads; 3 to decide, 0 to know, 0 problems$/)
  for (const line of lines) assert.match(line, /^::(?:error|warning|notice) [^\n]*::/)
  const written = podharden(shop(), '--format', 'github', '--write', 'shop').stdout
  assert.match(written, /^::notice file=shop\/web\.yaml,line=14,col=5,title=require-run-as-non-root::/m)
  assert.match(written, /::5 files changed, of 5/)
})

readers('Markdown: each workload with grade and evidence, what could break, what is left, how to undo', () => {
  const { stdout } = podharden(shop(), '--format', 'markdown', 'shop')
  assert.match(stdout, /^## Hardened pods: 5 files to change, of 5 with 5 workloads\n/)
  assert.match(stdout, /^### `shop`\n\n\| workload \| change \| grade and evidence \|$/m)
  assert.match(stdout, /^\| `Deployment web`<br>`web\.yaml:14` \| `nginx` run as uid 101, non-root \| \*\*known\*\*: /m)
  assert.match(stdout, /^### What could break, and how it shows$/m)
  assert.match(stdout, /^### Left for people\n\n- \[ \] /m)
  assert.match(stdout, /^### How to undo$/m)
})

readers('Markdown: within what GitHub takes, cut at a workload, with the number of the others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'podharden-readers-'))
  const pod = (i: number): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: pod-${i}}\nspec:\n  containers:\n  - name: a\n    image: corp.example/app-${i}:1\n`
  const count = 120
  for (let i = 0; i < count; i++) {
    mkdirSync(join(folder, `d${i % 7}`), { recursive: true })
    writeFileSync(join(folder, `d${i % 7}/${i}.yaml`), pod(i))
  }
  const { stdout } = podharden(folder, '--format', 'markdown', '.')
  assert.ok(stdout.length <= LIMIT && stdout.length > LIMIT * 0.7, String(stdout.length))
  const shown = stdout.match(/`Pod pod-\d+`<br>/g)?.length ?? 0
  const left = Number(/^(\d+) workloads more are changed than fit here/m.exec(stdout)?.[1])
  assert.is(shown + left, count)
  assert.ok(shown > 20)
  // Every line of a table is whole.
  for (const line of stdout.split('\n').filter((one) => one.startsWith('|'))) assert.is(line.match(/(?<!\\)\|/g)?.length, 4, line)
})

readers('Markdown: no section takes the room of those behind it, and shared sentences are counted once', () => {
  const totals = new Totals()
  for (let i = 0; i < 150; i++) totals.risks.set(`It may fail. ${'long '.repeat(60)}${i}.`, 1)
  totals.problems.push({ code: 'UNREADABLE', file: 'a.yaml', message: 'cannot be read', hint: 'Mend it.' })
  const text = new MarkdownReport({ version: '0.0.0' }, { dry: true }).end(totals)
  assert.match(text, /^- It may fail\. \(150 changes\)$/m)
  assert.match(text, /^- … and \d+ more; /m)
  assert.match(text, /^- `a\.yaml` UNREADABLE: cannot be read\. Mend it\.$/m)
  assert.ok(text.length < LIMIT)
})

readers('Markdown: names are code or inert', () => {
  assert.is(code('a`b``c'), '``` a`b``c ```')
  assert.is(code('a|b'), '`a\\|b`')
  assert.is(markdown('@team closes #12 at https://x.example'), '@<!-- -->team closes #<!-- -->12 at https<!-- -->://x.example')
  assert.is(markdown('[x](javascript:y) <b> a|b'), '\\[x\\](javascript:y) \\<b\\> a\\|b')
  assert.ok(code('x'.repeat(10000)).length < 500 && markdown('x'.repeat(10000)).length < 500)
  for (const text of HOSTILE) assert.not.match(markdown(text), /(?<!\\)[<[\]|](?!!-- -->)|[\n\u202e\u001b]/, JSON.stringify(text))
})

const FORMATS = { text: 'txt', json: 'json', sarif: 'sarif', markdown: 'md', github: 'github.txt', html: 'html' } as const
for (const [format, extension] of Object.entries(FORMATS))
  readers(`examples/reports/shop.${extension} is what --format ${format} prints of examples/shop`, () => {
    const { stdout } = podharden(root, '--format', format, '--no-color', 'examples/shop')
    const path = join(root, 'examples/reports', `shop.${extension}`)
    if (process.env.UPDATE_FIXTURES === '1') writeFileSync(path, stdout)
    assert.is(stdout, readFileSync(path, 'utf8'))
  })

const HOSTILE: readonly string[] = [
  '::set-output name=a::b',
  '\n::error::owned',
  '](javascript:alert(1))',
  '[x](https://example.com)',
  '<script>',
  '%0A::error::x',
  'a,line=9:b',
  '\u202eabc\u001b[31m',
]

const BLANK = { script: '', scriptHash: '', style: '', styleHash: '' }

function hostileFinding(text: string): Finding {
  return {
    transform: 'drop-all-capabilities',
    object: { apiVersion: 'v1', kind: 'Pod', name: text },
    container: text,
    field: 'securityContext',
    message: text,
    place: { file: `deploy/${text}.yaml`, span: { start: 0, end: 1 } },
    line: 3,
    column: 1,
    related: [{ message: text, place: { file: text, span: { start: 0, end: 1 } }, line: 1 }],
    fingerprint: '0',
    outcome: 'review',
    severity: 'decide',
    reason: 'author-chose',
    todo: text,
  }
}

readers('no name becomes a command, a property, a link or a scheme', () => {
  const rules = [{ id: 'drop-all-capabilities', title: 'Drops', level: 'restricted', docs: 'https://kubernetes.io' } as const]
  for (const text of HOSTILE) {
    const result = { ...NOTHING, unit: 'u', findings: [hostileFinding(text)], problems: [{ code: 'UNREADABLE', file: text, message: text, hint: text } as const] }
    const commands = new GithubReport({ dry: true }).unit(result)
    const lines = commands.trimEnd().split('\n')
    assert.is(lines.length, 2, JSON.stringify(text))
    for (const line of lines) {
      // As the runner reads it: the properties end at the first `::` behind the name of the command.
      const [, name, properties] = /^::(\w+) (.*?)::/.exec(line) ?? []
      assert.ok(name === 'warning' || name === 'error')
      assert.equal(
        properties?.split(',').map((one) => one.split('=')[0]),
        name === 'warning' ? ['file', 'line', 'col', 'title'] : ['file', 'title'],
      )
      assert.not.match(line, /[\u0000-\u001f\u202e]/)
    }
    const report = new SarifReport({ version: '0.0.0', rules }, { dry: true })
    const log = sarif(report.start() + report.unit(result) + report.end())
    const found = log.runs[0]?.results[0]
    assert.not.match(found?.message.text ?? '', /(?<!\\)[[\]]|[\n\u202e\u001b]/)
    assert.match(found?.locations?.[0]?.physicalLocation.artifactLocation.uri ?? '', /^deploy\/[\w%.!~*'()/-]+\.yaml$/)
    const blocks = new HtmlReport(BLANK, { version: '0.0.0', transforms: [] }, { dry: true }).unit(result)
    assert.match(blocks, /^(?:<script type="application\/json" class="(?:entry|file)">[^<]+<\/script>\n)+$/)
    assert.not.match(blocks, /[\u202e\u001b]/)
  }
})

readers('an exempt finding is suppressed in SARIF and not annotated', () => {
  const { severity: _severity, reason: _reason, todo: _todo, ...base } = hostileFinding('web') as Extract<Finding, { outcome: 'review' }>
  const finding: Finding = { ...base, outcome: 'exempt', by: 'podharden.yaml', text: 'needs it' }
  const result = { ...NOTHING, unit: 'u', findings: [finding] }
  const report = new SarifReport({ version: '0.0.0', rules: [] }, { dry: true })
  const json = JSON.parse(report.start() + report.unit(result) + report.end()) as Log
  assert.equal(json.runs[0]?.results[0]?.suppressions, [{ kind: 'external', justification: 'podharden.yaml: needs it' }])
  assert.is(new GithubReport({ dry: true }).unit(result), '')
})

readers('what is printed for people is no command of a workflow either', () => {
  assert.is(safe('::error::x'), '\\x3a:error::x')
  assert.is(safe('  ##[error]x'), '  \\x23#[error]x')
  assert.is(safe('a ::error::x'), 'a ::error::x')
  const folder = mkdtempSync(join(tmpdir(), 'podharden-readers-'))
  mkdirSync(join(folder, 'a'))
  writeFileSync(join(folder, '::error::x.yaml'), 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: nginx:1.27\n')
  const { stdout, stderr } = podharden(folder, '--format', 'text', '.')
  assert.match(stdout, /x3a:error::x\.yaml/)
  for (const line of `${stdout}${stderr}`.split('\n')) assert.not.match(line, /^\s*(?:::|##\[)/)
})

readers.run()
