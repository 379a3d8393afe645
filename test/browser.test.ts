/** The library bundled for a browser: nothing of Node in it, and byte for byte what Node says. */
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build, transform } from 'esbuild'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import * as node from '../src/index.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const browser = suite('browser')

/** What a user's bundler makes of the package, asked for by its name. */
async function bundled(code: string): Promise<string> {
  const { outputFiles, warnings } = await build({
    stdin: { contents: code, resolveDir: root },
    bundle: true,
    platform: 'browser',
    format: 'esm',
    minify: true,
    write: false,
    logLevel: 'silent',
  })
  assert.equal(warnings, [])
  return outputFiles[0]?.text ?? ''
}

const bundle = await bundled(`export { harden, plan, evaluate, transforms } from 'podharden'`)

browser('the bundle asks for no module of Node and for nothing that only Node has', () => {
  const asked = [...bundle.matchAll(/\b(?:require\(|from\s*|import\s*\(?)\s*["'`]([^"'`]+)["'`]/g)].map((match) => match[1] as string)
  assert.equal(
    asked.filter((name) => name.startsWith('node:') || builtinModules.includes(name)),
    [],
  )
  // The words also stand in manifests and in the catalogue, so only their use as a name counts.
  assert.not.match(bundle, /["'`]node:\w|\brequire\(|\bBuffer\.(?:from|alloc|concat)|\bprocess\.(?:cwd|argv|stdout|stderr)|\b__dirname\b|\bimport\.meta\b/)
})

browser('the catalogue is part of it', () => {
  assert.match(bundle, 'docker.io/library/nginx')
})

/** The names that every browser has and the language has not; and no code from text, as a strict page demands. */
async function page(): Promise<(code: string) => string> {
  const { code } = await transform(bundle, { format: 'iife', globalName: 'podharden' })
  const context = createContext({ TextEncoder, TextDecoder, URL, atob, btoa }, { codeGeneration: { strings: false, wasm: false } })
  runInContext(code, context)
  return (asked) => runInContext(`JSON.stringify(${asked})`, context) as string
}

const inBrowser = await page()
const inNode = (value: unknown): string => JSON.stringify(value)

const POD = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: nginx:1.27 # größer\n'

function manifests(): ReadonlyMap<string, string> {
  const found = new Map([
    ['plain', POD],
    ['carriage returns', POD.replaceAll('\n', '\r\n')],
    ['byte order mark', `\uFEFF${POD}`],
    ['nothing', ''],
    ['no YAML', 'a: [\n'],
    ['a lone carriage return', POD.replace('\n', '\r')],
  ])
  for (const folder of ['examples/shop', ...node.transforms.filter(({ on }) => on === undefined).map(({ id }) => `test/fixtures/${id}`)])
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort())
      if (/(?:^examples.*|\/before|^[^/]*)\.(?:yaml|json)$/.test(name)) found.set(`${folder}/${name}`, readFileSync(join(root, folder, name), 'utf8'))
  return found
}

browser('harden and plan of texts give the bytes that they give in Node', () => {
  const texts = manifests()
  assert.ok(texts.size > 50, `${texts.size} manifests`)
  for (const options of [{}, { atLeast: 'assumed', path: 'a/b.yaml' }] as const)
    for (const [name, text] of texts)
      for (const verb of ['harden', 'plan'] as const)
        assert.is(inBrowser(`podharden.${verb}(${JSON.stringify(text)}, ${JSON.stringify(options)})`), inNode(node[verb](text, options)), `${verb} ${name}`)
})

browser('bytes are read as in Node, also those that are no UTF-8', () => {
  for (const bytes of [[...new TextEncoder().encode(POD)], [97, 10, 0xc3, 0x28, 10], [0xff, 0xfe, 97, 0], [97, 0, 98], [0xef, 0xbb, 0xbf], []])
    assert.is(inBrowser(`podharden.harden(new Uint8Array(${JSON.stringify(bytes)}))`), inNode(node.harden(new Uint8Array(bytes))), String(bytes.slice(0, 5)))
})

browser('objects are hardened, planned and judged as in Node', () => {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } }
  const text = JSON.stringify(object)
  assert.is(inBrowser(`podharden.harden(${text})`), inNode(node.harden(object)))
  assert.is(inBrowser(`podharden.plan(${text})`), inNode(node.plan(object)))
  const hard = node.harden(object, { atLeast: 'assumed' }).object
  for (const judged of [object, hard, JSON.stringify([hard]), `${POD}---\n${JSON.stringify(hard)}`])
    for (const options of [{}, { level: 'baseline', pssVersion: 'v1.29' }] as const)
      assert.is(inBrowser(`podharden.evaluate(${JSON.stringify(judged)}, ${JSON.stringify(options)})`), inNode(node.evaluate(judged, options)))
})

browser('it is small enough for a page: half of it is the catalogue', () => {
  assert.ok(bundle.length < 1_000_000, `${bundle.length} bytes`)
})

browser.run()
