/** Pod Security labels on Namespaces: what the tree keeps already, and never one that would refuse what it holds. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { tempTree } from './temp-tree.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const labels = suite('namespace labels')

const HARD = `apiVersion: v1
kind: Pod
metadata: {name: hard, namespace: shop}
spec:
  securityContext: {runAsNonRoot: true, runAsUser: 10001, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: a
    image: corp/a:1
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
`
const SOFT = 'apiVersion: v1\nkind: Pod\nmetadata: {name: soft, namespace: shop}\nspec:\n  containers:\n  - {name: a, image: "corp/a:1"}\n'
const HOST = SOFT.replace('spec:\n', 'spec:\n  hostNetwork: true\n')
const SHOP = '# ours\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop # the shop\n'

/** What was written into `ns.yaml`, and the report. */
function run(files: Readonly<Record<string, string>>): { readonly text: string; readonly report: string } {
  const folder = tempTree({ 'ns.yaml': SHOP, ...files })
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'bin/podharden.cjs'), '--root', '.', '--only', 'label-namespace', '--write', '--format', 'text', '.'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  )
  assert.is(status, 0, stderr)
  const again = spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), '--root', '.', '--only', 'label-namespace', '--check', '.'], { cwd: folder, encoding: 'utf8' })
  assert.is(again.status, 0, 'a second run changes nothing')
  return { text: readFileSync(join(folder, 'ns.yaml'), 'utf8'), report: stdout }
}

function labelsIn(text: string): readonly string[] {
  return [...text.matchAll(/pod-security\.kubernetes\.io\/(\S+): (\S+)/g)].map(([, name, value]) => `${name} ${value}`)
}

labels('all modes at the level that every workload keeps, at a fixed version', () => {
  const { text } = run({ 'a.yaml': HARD })
  assert.ok(text.startsWith(`${SHOP}  labels:\n`), text)
  const [warn, audit, enforce, version] = labelsIn(text)
  assert.equal([warn, audit, enforce], ['warn restricted', 'audit restricted', 'enforce restricted'])
  assert.match(version ?? '', /^enforce-version v1\.\d+$/)
})

labels('the level is that of the weakest; below baseline there is none', () => {
  assert.equal(labelsIn(run({ 'a.yaml': HARD, 'b.yaml': SOFT }).text).slice(0, 3), ['warn baseline', 'audit baseline', 'enforce baseline'])
  assert.is(run({ 'a.yaml': HARD, 'b.yaml': HOST }).text, SHOP)
  assert.is(run({ 'a.yaml': HARD.replace('shop', 'other') }).text, SHOP, 'nothing is known of an empty one')
})

labels('where others may be put in that nobody judged, nothing is refused', () => {
  const soft = SOFT.replace(', namespace: shop', '')
  for (const [files, why] of [
    [{ 'b.yaml': soft }, /Pod\/soft names no namespace/],
    [{ 'chart/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n', 'chart/templates/a.yaml': 'kind: {{ .x }}\n' }, /Helm charts/],
    [{ 'k/kustomization.yaml': 'resources: [../a.yaml]\npatches: [{path: p.yaml}]\n', 'k/p.yaml': 'kind: Pod\n' }, /patches what it lists/],
  ] as const) {
    const { text, report } = run({ 'a.yaml': HARD, ...files })
    assert.equal(labelsIn(text), ['warn restricted', 'audit restricted'])
    assert.match(report, why)
  }
})

labels('a kustomization decides where its objects go', () => {
  const soft = SOFT.replace(', namespace: shop', '')
  const into = (namespace: string): Readonly<Record<string, string>> => ({
    'a.yaml': HARD,
    'base/kustomization.yaml': 'resources: [soft.yaml]\n',
    'base/soft.yaml': soft,
    'over/kustomization.yaml': `namespace: ${namespace}\nresources: [../base]\n`,
  })
  assert.is(labelsIn(run(into('shop')).text)[0], 'warn baseline')
  assert.is(labelsIn(run(into('other')).text)[0], 'warn restricted')
})

labels("the author's labels stay", () => {
  const own = `${SHOP}  labels:\n    pod-security.kubernetes.io/enforce: baseline # for now\n    team: a\n`
  const { text } = run({ 'a.yaml': HARD, 'ns.yaml': own })
  assert.equal([...labelsIn(text)].sort(), ['audit restricted', 'enforce baseline', 'warn restricted'])
  assert.match(text, /baseline # for now\n/)
  const flow = run({ 'a.yaml': HARD, 'ns.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: a}}\n' }).text
  assert.is(labelsIn(flow.replaceAll(',', ' ').replaceAll('}', ' ')).length, 4)
})

labels('without its name nothing of it happens', () => {
  const folder = tempTree({ 'ns.yaml': SHOP, 'a.yaml': HARD })
  assert.not.match(spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), '--root', '.', '.'], { cwd: folder, encoding: 'utf8' }).stdout, /pod-security/)
})

labels.run()
