/** The page of `--format html`: its data here, the page itself in a browser at the end of the file. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { LineCounter, parseAllDocuments } from 'yaml'
import { harden } from '../src/index.ts'
import { pairs } from '../src/report/html/align.ts'
import { reviewed } from '../src/report/html/entries.ts'
import { dataBlock, escaped } from '../src/report/html/inert.ts'
import { outline } from '../src/report/html/outline.ts'
import { pathOf } from '../src/report/html/owners.ts'
import type { FileReview, Mark } from '../src/report/html/review.ts'
import { chosen, folders, listed } from '../src/report/page/filter.ts'
import { EVERYTHING, hashOf, stateOf } from '../src/report/page/state.ts'
import { topFor, windowOf } from '../src/report/page/window.ts'
import { visible } from '../src/report/safe.ts'
import { NOTHING } from '../src/run.ts'
import { pathText } from '../src/text/paths.ts'
import { tempTree } from './temp-tree.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** Writes a report of the files and returns it with its path. */
function report(files: Readonly<Record<string, string>>, ...args: readonly string[]): { readonly path: string; readonly text: string } {
  const folder = tempTree(files)
  const path = join(folder, 'review.html')
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), '--quiet', '--format', 'html', '--output', path, ...args, '.'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  assert.ok(status === 0 || status === 2, stderr)
  return { path, text: readFileSync(path, 'utf8') }
}

function reviewOf(text: string, path = 'a.yaml'): { readonly review: FileReview; readonly after: string } {
  const result = harden(text, { path, atLeast: 'assumed' })
  const outputs = result.changed ? [{ source: { path, text, bom: false }, text: result.text, edits: result.edits }] : []
  const [only] = reviewed({ ...NOTHING, unit: path, findings: result.findings, verdicts: result.verdicts, outputs })
  return { review: only?.review ?? { workloads: [], findings: [], parts: [], problems: [], notes: [] }, after: result.text }
}

/** `line`, and the transforms beside it, for each line that is new. */
function told({ parts, findings }: FileReview): readonly string[] {
  return parts.flatMap((part) =>
    'rows' in part
      ? part.rows.flatMap(([before, after]) =>
          after === null || before === after
            ? []
            : [`${after.trim()} <- ${part.notes.map(({ finding, somewhere }) => `${findings[finding]?.transform}${somewhere ? '?' : ''}`).join(', ')}`],
        )
      : [],
  )
}

const data = suite('html data')

data('a block of data cannot be left, whatever stands in it', () => {
  for (const text of ['</script><img src=x onerror=alert(1)>', '<!--<script>', ']]>', '\u2028\u2029', '\ud800', '\u0000', '&lt;']) {
    const block = dataBlock('file', { [text]: text })
    const [, json = ''] = /^<script type="application\/json" class="file">([^<\u2028\u2029]*)<\/script>\n$/.exec(block) ?? []
    assert.equal(JSON.parse(json), { [text]: text })
  }
  assert.is(escaped(`<a b="c" d='e'>&`), '&#60;a b=&#34;c&#34; d=&#39;e&#39;&#62;&#38;')
})

data('the policy allows this script and this style, and nothing else', () => {
  const { text } = report({ 'a.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: nginx}]}\n' })
  const hash = (tag: string): string =>
    createHash('sha256')
      .update(new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(text)?.[1] ?? '')
      .digest('base64')
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(text) ?? []
  const read = policy.replaceAll('&#39;', "'")
  assert.is(
    read,
    `default-src 'none'; script-src 'sha256-${hash('script')}'; style-src 'sha256-${hash('style')}'; img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'`,
  )
  const [, script = ''] = /<script>([^]*?)<\/script>/.exec(text) ?? []
  assert.ok(script.length > 10_000)
  assert.not.match(script, /<!--|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\bfetch\b|XMLHttpRequest/)
})

data('the same input gives the same bytes', () => {
  const files = { 'a.yaml': readFileSync(join(root, 'examples/shop/web.yaml'), 'utf8') }
  assert.is(report(files).text, report(files).text)
})

data('the keys that lead to a line: YAML, JSON and object literals', () => {
  const paths = (text: string): readonly string[] => outline(text.split('\n')).map(pathText)
  assert.equal(paths('spec:\n  containers:\n  - name: a\n    args:\n    - x\n    - y\n  - name: b\n  volumes:\n    - name: v\n# note\n---\nkind: Pod'), [
    'spec',
    'spec.containers',
    'spec.containers[0].name',
    'spec.containers[0].args',
    'spec.containers[0].args[0]',
    'spec.containers[0].args[1]',
    'spec.containers[1].name',
    'spec.volumes',
    'spec.volumes[0].name',
    '',
    '',
    'kind',
  ])
  assert.equal(paths('{\n  "spec": {\n    "containers": [\n      {\n        "name": "a"\n      },\n      {\n        "name": "b"\n      }\n    ]\n  }\n}').slice(2, 9), [
    '[0].spec.containers',
    '[0].spec.containers[0]',
    '[0].spec.containers[0].name',
    '[0].spec.containers[0]',
    '[0].spec.containers[1]',
    '[0].spec.containers[1].name',
    '[0].spec.containers[1]',
  ])
  assert.equal(paths("new Pod(this, 'a', {\n  spec: {\n    containers: [{\n      name: 'a',\n    }, {\n      name: 'b',").slice(1), [
    'spec',
    'spec.containers[0]',
    'spec.containers[0].name',
    'spec.containers',
    'spec.containers[1].name',
  ])
})

data('a path is read as it is written', () => {
  for (const path of [['spec', 'containers', 0, 'securityContext'], ['metadata', 'annotations', 'a.b/c"d'], []]) assert.equal(pathOf(pathText(path)), path)
})

data('lines with the same key stand beside each other', () => {
  assert.equal(pairs(['a: 1', 'b: 2'], ['n: 0', 'a: 2', 'b: 2']), [
    { before: undefined, after: 0 },
    { before: 0, after: 1 },
    { before: 1, after: 2 },
  ])
  assert.equal(pairs(['x'], ['y', 'z']), [
    { before: 0, after: 0 },
    { before: undefined, after: 1 },
  ])
})

data('each line stands beside the finding that made it', () => {
  const pod = `apiVersion: v1\nkind: Pod\nmetadata:\n  name: two\nspec:\n  containers:\n  - name: one\n    image: nginx:1.27\n  - name: two\n    image: corp.example/app:1\n    securityContext: {runAsUser: 1000}\n`
  assert.equal(told(reviewOf(pod).review), [
    'securityContext: <- require-run-as-non-root',
    'runAsNonRoot: true <- require-run-as-non-root',
    'runAsUser: 101 <- require-run-as-non-root',
    'seccompProfile: <- set-seccomp-runtime-default',
    'type: RuntimeDefault <- set-seccomp-runtime-default',
    'sysctls: <- require-run-as-non-root',
    '- name: net.ipv4.ip_unprivileged_port_start <- require-run-as-non-root',
    'value: "0" <- require-run-as-non-root',
    'securityContext: <- require-run-as-non-root',
    'runAsGroup: 101 <- require-run-as-non-root',
    'allowPrivilegeEscalation: false <- forbid-privilege-escalation',
    'capabilities: <- drop-all-capabilities',
    'drop: <- drop-all-capabilities',
    '- ALL <- drop-all-capabilities',
    'readOnlyRootFilesystem: true <- set-read-only-root-filesystem',
    'volumeMounts: <- require-run-as-non-root',
    '- name: cache-nginx <- require-run-as-non-root',
    'mountPath: /var/cache/nginx <- require-run-as-non-root',
    '- name: run <- require-run-as-non-root',
    'mountPath: /run <- require-run-as-non-root',
    'securityContext: {runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, readOnlyRootFilesystem: true} <- drop-all-capabilities, forbid-privilege-escalation, set-read-only-root-filesystem',
    'volumeMounts: <- set-read-only-root-filesystem',
    '- name: tmp <- set-read-only-root-filesystem',
    'mountPath: /tmp <- set-read-only-root-filesystem',
    'volumes: <- require-run-as-non-root',
    '- name: cache-nginx <- require-run-as-non-root',
    'emptyDir: {} <- require-run-as-non-root',
    '- name: run <- require-run-as-non-root',
    'emptyDir: {} <- require-run-as-non-root',
    '- name: tmp <- set-read-only-root-filesystem',
    'emptyDir: {} <- set-read-only-root-filesystem',
  ])
})

data('where the lines cannot be told apart, none is said to be the one', () => {
  const container = (name: string): string => `- name: ${name}\n      image: corp.example/${name}:1\n`
  const lines = told(reviewOf(`apiVersion: v1\nkind: Pod\nmetadata:\n  name: keys\nspec:\n  ? containers\n  : ${container('a')}    ${container('b')}`).review)
  assert.ok(lines.some((line) => line.includes('?')))
  assert.ok(lines.some((line) => line.endsWith('<- ')))
})

/** Every manifest of the fixtures. */
function manifests(): readonly string[] {
  return ['test/fixtures', 'test/shapes', 'examples/shop'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ya?ml|json)$/.test(name) && !/after|podharden\.yaml/.test(name))
      .map((name) => join(root, folder, name)),
  )
}

data('the parts of a file are the file, before and after', () => {
  let changed = 0
  for (const path of manifests()) {
    const text = readFileSync(path, 'utf8').replace(/^\ufeff/, '')
    const { review, after } = reviewOf(text, path.endsWith('.json') ? 'a.json' : 'a.yaml')
    if (review.parts.length === 0) continue
    changed++
    const side = (index: 0 | 1): string =>
      review.parts.flatMap((part) => ('rows' in part ? part.rows.flatMap((row) => row[index] ?? []) : [...part.same, ...(part.tail ?? [])])).join('\n')
    const lines = (of: string): string => visible(of.replace(/\r?\n$/, '').replaceAll('\r\n', '\n'), '\t\n')
    assert.is(side(0), lines(text), path)
    assert.is(side(1), lines(after), path)
  }
  assert.ok(changed > 150, String(changed))
})

/** Lines of the fields of a pod spec, asked of a parser: by the path that findings use. */
function fieldLines(text: string): ((path: string) => readonly (readonly [number, number])[]) | undefined {
  const counter = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: counter, keepSourceTokens: true })
  const specs: { getIn(path: readonly unknown[], keep: true): unknown }[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if ('getIn' in node && 'has' in node && (node as { has(key: string): boolean }).has('containers')) specs.push(node as never)
    for (const item of ((node as { items?: readonly unknown[] }).items ?? []) as readonly { readonly value?: unknown }[])
      visit('value' in item && 'key' in item ? item.value : item)
  }
  for (const { contents, errors } of documents) {
    if (errors.length > 0) return undefined
    visit(contents)
  }
  return (path) =>
    specs.flatMap((spec) => {
      const [first, ...steps] = pathOf(path)
      const node = first === 'spec' ? (spec.getIn(steps, true) as { readonly range?: readonly [number, number, number] } | undefined) : undefined
      return node?.range === undefined ? [] : [[counter.linePos(node.range[0]).line, counter.linePos(Math.max(node.range[0], node.range[1] - 1)).line] as const]
    })
}

data('a line beside a finding lies in a field of it, as a parser reads the result', () => {
  let asked = 0
  for (const path of manifests()) {
    const text = readFileSync(path, 'utf8').replace(/^\ufeff/, '')
    const name = path.endsWith('.json') ? 'a.json' : 'a.yaml'
    const { review, after } = reviewOf(text, name)
    const lines = fieldLines(after)
    if (lines === undefined || /[&*]\w/.test(after)) continue
    const { findings } = harden(text, { path: name, atLeast: 'assumed' })
    let line = 0
    for (const part of review.parts) {
      if (!('rows' in part)) {
        line += part.same.length + (part.left ?? 0) + (part.tail?.length ?? 0)
        continue
      }
      const first = line + 1
      line += part.rows.filter(([, one]) => one !== null).length
      for (const { finding, reasons, somewhere } of part.notes) {
        const source = findings[finding]
        if (source?.outcome !== 'fix' || somewhere === true || line < first) continue
        const kinds = reasons.map((index) => review.findings[finding]?.reasons?.[index])
        const own = source.fields.filter((field) => kinds.some((kind) => kind?.because === visible(field.because) && kind.grade === field.grade))
        const ranges = own.flatMap(({ path: field }) => lines(field))
        if (ranges.length === 0) continue
        asked++
        assert.ok(
          ranges.some(([from, to]) => from <= line && to >= first - 1),
          `${path}:${first}: ${source.message}, ${own.map(({ path: field }) => field).join(', ')}`,
        )
      }
    }
  }
  assert.ok(asked > 1000, String(asked))
})

data('what is shown as an address, and back', () => {
  const state = { file: 'a b/c&d=é.yaml', query: 'x y', transform: 'drop-all-capabilities', folder: 'a/', grades: ['known', 'assumed'], outcomes: ['fix'] } as const
  assert.equal(stateOf(hashOf(state)), state)
  assert.equal(stateOf(''), EVERYTHING)
})

data('a filter asks all it wants of one finding', () => {
  const entry = (file: string, ...marks: readonly Mark[]) => ({ file, workloads: [`Deployment ${file}`], images: ['nginx:1.27'], messages: ['run as uid 101'], marks, counts: {} })
  const all = [
    entry('a/one.yaml', ['fix', 'drop-all-capabilities', 'known'], ['fix', 'set-seccomp-runtime-default', 'certain']),
    entry('a/b/two.yaml', ['decide', 'forbid-privileged']),
    entry('c.yaml', ['left']),
  ].map(listed)
  const files = (wanted: Partial<typeof EVERYTHING>): readonly string[] => chosen(all, { ...EVERYTHING, ...wanted }).map(({ entry: { file } }) => file)
  assert.equal(files({}), ['a/one.yaml', 'a/b/two.yaml'])
  assert.equal(files({ outcomes: ['left'] }), ['c.yaml'])
  assert.equal(files({ grades: ['certain'] }), ['a/one.yaml'])
  assert.equal(files({ grades: ['certain'], transform: 'drop-all-capabilities' }), [])
  assert.equal(files({ query: 'NGINX two' }), ['a/b/two.yaml'])
  assert.equal(files({ folder: 'a/b/' }), ['a/b/two.yaml'])
  assert.equal(folders(all), ['a/', 'a/b/'])
})

data('of a long list only what is seen is made', () => {
  assert.equal(windowOf(0, 500, 50, 5000), { from: 0, to: 20 })
  assert.equal(windowOf(100_000, 500, 50, 5000), { from: 1990, to: 2020 })
  assert.equal(windowOf(100_000, 500, 50, 3), { from: 0, to: 3 })
  assert.is(topFor(4, 100, 500, 50), 100)
  assert.is(topFor(1, 100, 500, 50), 50)
  assert.is(topFor(20, 100, 500, 50), 550)
})

data.run()
