/** The page of `--format html`: its data here, the page itself in a browser at the end of the file. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
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

// ---- in a browser ---------------------------------------------------------------------------------

const BROWSER = '/usr/bin/chromium'
const page = suite('html page')
let browser: Browser | undefined
const hasBrowser = existsSync(BROWSER)
if (!hasBrowser) console.log(`skipped: there is no ${BROWSER}, so no page is opened`)

function inBrowser(name: string, test: () => Promise<void>): void {
  if (hasBrowser) page(name, test)
}

/** What the page asked of the network, and what went wrong in it. */
interface Watched {
  readonly page: Page
  readonly requests: readonly string[]
  readonly troubles: readonly string[]
}

async function opened(path: string, hash = '', colorScheme: 'light' | 'dark' = 'light'): Promise<Watched> {
  // Root runs no sandbox, and in a container there is none to run.
  browser ??= await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] })
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, colorScheme })
  const tab = await context.newPage()
  const requests: string[] = []
  const troubles: string[] = []
  tab.on('request', (request) => requests.push(request.url()))
  tab.on('console', (message) => troubles.push(message.text()))
  tab.on('pageerror', (error) => troubles.push(error.message))
  tab.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await tab.goto(`file://${path}${hash}`)
  await tab.locator('main h2').waitFor()
  return { page: tab, requests, troubles }
}

/** The report itself is all that was loaded, and nothing complained. */
async function quiet({ page: tab, requests, troubles }: Watched): Promise<void> {
  assert.equal(
    requests.filter((url) => !url.startsWith('file:') && url !== 'data:,'),
    [],
  )
  assert.is(requests.filter((url) => url.startsWith('file:')).length, 1)
  assert.equal(troubles, [])
  await tab.context().close()
}

/** The title says which file is open. */
async function isOpen(tab: Page, file: string): Promise<void> {
  assert.is(await tab.title(), `${file} · podharden`)
  assert.is(await tab.locator('main h2').innerText(), file)
}

const SHOP = join(root, 'examples/reports/shop.html')

inBrowser('a file is found, filtered and read: search, grade, transform, directory, outcome', async () => {
  const watched = await opened(SHOP)
  const tab = watched.page
  const rows = tab.locator('.rows li')
  assert.is(await rows.count(), 5)
  assert.match(await tab.locator('.totals').innerText(), /^5 files to change, of 5 with 5 workloads\. Allowed by restricted v[\d.]+: 0 before, 4 after\./)
  await tab.getByLabel('Search').fill('statsd nginx')
  assert.is(await rows.count(), 0)
  await tab.getByLabel('Search').fill('redis cache')
  assert.is(await rows.count(), 1)
  await tab.getByRole('button', { name: 'clear' }).click()
  await tab.getByRole('group', { name: 'Grade' }).getByRole('button', { name: 'assumed' }).click()
  assert.equal(await rows.locator('b').allInnerTexts(), ['api.yaml', 'jobs.json'])
  await tab.getByLabel('Transform').selectOption('require-run-as-non-root')
  assert.equal(await rows.locator('b').allInnerTexts(), ['jobs.json'])
  await tab.getByRole('button', { name: 'clear' }).click()
  await tab.getByRole('button', { name: /^to decide/ }).click()
  assert.equal(await rows.locator('b').allInnerTexts(), ['node-agent.yaml'])
  await tab.getByRole('button', { name: 'clear' }).click()
  await tab.getByLabel('Directory').fill('examples/other/')
  assert.is(await tab.getByRole('status').innerText(), '0 of 5 files')
  await quiet(watched)
})

inBrowser('a diff: both sides, evidence beside the lines, what stays unfolds', async () => {
  const watched = await opened(SHOP)
  const tab = watched.page
  await tab.getByRole('link', { name: /web\.yaml/ }).click()
  await isOpen(tab, 'examples/shop/web.yaml')
  assert.match(await tab.locator('.workload').innerText(), /Deployment web line 2 .*restricted v[\d.]+: 4 violations → 0/)
  const block = tab.locator('.block', { has: tab.locator('td.new', { hasText: 'runAsUser: 101' }) })
  assert.match(await block.locator('aside').innerText(), /nginx: run as uid 101, non-root[^]*known[^]*catalogue docker\.io\/library\/nginx[^]*require-run-as-non-root/)
  await block.getByText('What could break').click()
  assert.match(await block.locator('details p').innerText(), /permission denied/)
  assert.is(await tab.getByText("# The shop's front end.").count(), 0)
  await tab.getByRole('button', { name: 'Show 11 lines that stay' }).click()
  assert.is(await tab.getByText("# The shop's front end.").count(), 2)
  // What is left for people stands at its line.
  await tab.getByRole('link', { name: /node-agent/ }).click()
  assert.match(await tab.locator('.block.look', { hasText: 'hostPID: true' }).first().innerText(), /to decide pod: shares namespaces/)
  await quiet(watched)
})

inBrowser('the keyboard alone, and an address that shows the same again', async () => {
  const watched = await opened(SHOP)
  const tab = watched.page
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await tab.keyboard.press(key)
  }
  await press('j', 'j', 'k')
  await isOpen(tab, 'examples/shop/api.yaml')
  await press('n')
  assert.match(await tab.evaluate<string>('document.activeElement.getAttribute("aria-label")'), /^Change 1, line \d+$/)
  await press('n', 'n', 'p')
  assert.match(await tab.evaluate<string>('document.activeElement.getAttribute("aria-label")'), /^Change 2, line \d+$/)
  await press('/', 'r', 'e', 'd', 'i', 's', 'Enter')
  await isOpen(tab, 'examples/shop/cache.yaml')
  await press('Escape', '?')
  assert.match(await tab.getByRole('dialog').innerText(), /next file/)
  await press('Escape')
  assert.is(await tab.getByRole('dialog').count(), 0)
  await tab.waitForURL(/file=examples%2Fshop%2Fcache\.yaml&q=redis$/)
  const again = await opened(SHOP, new URL(tab.url()).hash)
  await isOpen(again.page, 'examples/shop/cache.yaml')
  assert.is(await again.page.locator('.rows li').count(), 1)
  await press('o')
  assert.is(await tab.locator('main h2').innerText(), 'Overview')
  await tab.goBack()
  await isOpen(tab, 'examples/shop/cache.yaml')
  await quiet(watched)
  await quiet(again)
})

inBrowser("the theme is the system's until it is chosen", async () => {
  const ground = (tab: Page): Promise<string> => tab.evaluate('getComputedStyle(document.body).backgroundColor')
  const light = await opened(SHOP, '', 'light')
  const dark = await opened(SHOP, '', 'dark')
  const [white, black] = [await ground(light.page), await ground(dark.page)]
  assert.is.not(white, black)
  await dark.page.keyboard.press('t')
  assert.is(await ground(dark.page), white)
  await light.page.getByRole('button', { name: 'Theme' }).click()
  assert.is(await ground(light.page), black)
  await quiet(light)
  await quiet(dark)
})

inBrowser('nothing in a manifest is markup or a script, and nothing in it reorders the page', async () => {
  const evil = [
    '<script>alert(1)</script>',
    '</script><img src=x onerror=alert(1)>',
    '<!--<script>',
    '\u202egnp.exe',
    '${alert(1)}',
    "'><svg onload=alert(1)>",
    'javascript:alert(1)',
  ]
  const files = Object.fromEntries(
    evil.map((text, i) => {
      const quoted = JSON.stringify(text)
      return [
        `d${i}/${text.replaceAll('/', '_')}.yaml`,
        `# ${text}\napiVersion: v1\nkind: Pod\nmetadata:\n  name: ${quoted}\n  annotations:\n    a: ${quoted} # ${text}\nspec:\n  hostPID: true\n  containers:\n  - name: ${quoted}\n    image: ${quoted}\n    args: [${quoted}]\n`,
      ]
    }),
  )
  const { path } = report({ ...files, 'bad/<b>.yaml': `apiVersion: v1\nkind: Pod\nspec: {containers: [ # ${evil[1]}\n` })
  const watched = await opened(path)
  const tab = watched.page
  const count = await tab.locator('.rows li').count()
  assert.is(count, evil.length + 1)
  for (let i = 0; i < count; i++) {
    await tab.keyboard.press('j')
    for (const fold of await tab.locator('button.fold').all()) await fold.click()
    // Only what the page makes itself: no element that a manifest brought along, and no way to a script.
    assert.is(await tab.locator('#app :is(script, img, svg, iframe, object, embed, style, link)').count(), 0)
    assert.is(await tab.locator('#app [onerror], #app [onload], #app [style*="url"], #app a:not([href^="#"]):not([href^="https://"])').count(), 0)
    assert.not.match(await tab.locator('#app').innerText(), /[\u202a-\u202e\u2066-\u2069]/)
  }
  await tab.keyboard.press('o')
  const hostile = await opened(path, `#file=${encodeURIComponent('<img src=x onerror=alert(1)>')}&q=${encodeURIComponent('<script>')}`)
  assert.match(await hostile.page.locator('main').innerText(), /no such file in this report: <img src=x/)
  assert.is(await tab.locator('body > *').count(), await hostile.page.locator('body > *').count())
  for (const { requests, troubles } of [watched, hostile]) assert.equal([requests.length, troubles], [1, []])
  // Even if the page had a mistake, its policy would hold.
  assert.match(await tab.evaluate<string>("(() => { try { document.body.innerHTML = '<b>x</b>'; return 'written' } catch (error) { return String(error) } })()"), /TrustedHTML/)
  await hostile.page.context().close()
  await tab.context().close()
})

inBrowser('5,000 changed files: few rows in the document, and the filters still answer', async () => {
  const manifest = (i: number): string =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-${i}\nspec:\n  template:\n    spec:\n      containers:\n      - name: app\n        image: ${i % 50 === 0 ? 'nginx:1.27' : `corp.example/app-${i % 40}:1`}\n        ports:\n        - containerPort: 8080\n`
  const { path } = report(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`team-${i % 25}/service-${i % 500}/app-${i}.yaml`, manifest(i)])))
  const watched = await opened(path)
  const tab = watched.page
  assert.is(await tab.getByRole('status').innerText(), '5000 of 5000 files')
  const bounded = async (): Promise<void> => {
    assert.ok((await tab.locator('.rows li').count()) < 60)
    assert.ok((await tab.evaluate<number>('document.querySelectorAll("#app *").length')) < 7000)
  }
  await bounded()
  await tab.evaluate('document.querySelector(".files").scrollTop = 1e9')
  await tab.locator('.rows li[aria-posinset="5000"]').waitFor()
  await bounded()
  await tab.getByLabel('Search').fill('nginx')
  assert.is(await tab.getByRole('status').innerText(), '100 of 5000 files')
  await tab.getByLabel('Directory').fill('team-0/')
  assert.is(await tab.getByRole('status').innerText(), '100 of 5000 files')
  await tab.getByLabel('Directory').fill('team-1/')
  assert.is(await tab.getByRole('status').innerText(), '0 of 5000 files')
  await tab.getByRole('button', { name: 'clear' }).click()
  await tab.locator('main h2').click()
  for (let i = 0; i < 30; i++) await tab.keyboard.press('j')
  assert.is(await tab.locator('.rows li a[aria-current]').count(), 1)
  assert.match(await tab.locator('.position').innerText(), /^30 of 5000 files$/)
  await bounded()
  await quiet(watched)
})

inBrowser('a report of a run that was stopped says so and shows what there is', async () => {
  const { path } = report({ 'a.yaml': readFileSync(join(root, 'examples/shop/web.yaml'), 'utf8') })
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.slice(0, text.indexOf('<script type="application/json" class="summary">') - 20))
  const watched = await opened(path)
  assert.match(await watched.page.locator('main').innerText(), /did not come to its end/)
  await quiet(watched)
})

page.after(async () => {
  await browser?.close()
})

page.run()
