/** `podharden/cdk8s` on real cdk8s: whatever way a tree is synthesised, its pods come out hardened and nothing else changes. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ApiObject, App, Chart, Include, JsonPatch, Lazy, Testing, YamlOutputType } from 'cdk8s'
import * as kplus from 'cdk8s-plus-33'
import { Construct } from 'constructs'
import { loadAll } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harden, HardenedApp, HardenedChart, hardened } from '../src/cdk8s.ts'
import { PodhardenValidation, type ValidationContext } from '../src/cdk8s-validation.ts'
import { harden as hardenText } from '../src/index.ts'
import { evaluate } from '../src/standards/evaluate.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const runtime = suite('cdk8s runtime')

type Json = Record<string, unknown>
const QUIET = { report: 'none', config: false } as const

function podSpec(image = 'nginx:1.27'): Json {
  return { containers: [{ name: 'web', image, ports: [{ containerPort: 80 }] }] }
}

function deployment(spec: Json): { apiVersion: string; kind: string; spec: Json } {
  return { apiVersion: 'apps/v1', kind: 'Deployment', spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec } } }
}

function raw(scope: Construct, id: string, spec: Json = podSpec()): ApiObject {
  return new ApiObject(scope, id, deployment(spec))
}

/** An App with every kind of object: raw, L1, cdk8s-plus, from a file, and one without a pod. */
function everything(props: { yamlOutputType?: YamlOutputType; outdir?: string } = {}): { readonly app: App; readonly chart: Chart } {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), 'podharden-cdk8s-')), ...props })
  const chart = new Chart(app, 'shop')
  raw(chart, 'raw')
  new kplus.k8s.KubeDeployment(chart, 'l1', {
    spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } } },
  })
  new kplus.Deployment(chart, 'plus', { containers: [{ image: 'redis:7', portNumber: 6379 }] })
  const file = join(mkdtempSync(join(tmpdir(), 'podharden-include-')), 'pod.yaml')
  writeFileSync(
    file,
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: included}\nspec:\n  template:\n    spec:\n      containers:\n      - {name: web, image: "nginx:1.27"}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}\n',
  )
  new Include(chart, 'file', { url: file })
  new ApiObject(chart, 'map', { apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'b' } })
  return { app, chart }
}

function specOf(object: Json): Json | undefined {
  const spec = object.spec as { template?: { spec?: Json } } & Json
  return spec?.template?.spec ?? (object.kind === 'Pod' ? spec : undefined)
}

/** Names of pods that restricted refuses. */
function refused(objects: readonly Json[]): readonly string[] {
  return objects.flatMap((object) => {
    const spec = specOf(object)
    if (spec === undefined) return []
    const { allowed, violations } = evaluate({ template: { metadata: {}, spec }, isPod: object.kind === 'Pod' }, 'restricted')
    return allowed === true ? [] : [`${(object.metadata as Json).name as string}: ${violations.map(({ check }) => check).join(', ')}`]
  })
}

function written(folder: string): readonly Json[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .flatMap((name) => loadAll(readFileSync(join(folder, name), 'utf8')) as Json[])
}

for (const type of ['FILE_PER_APP', 'FILE_PER_CHART', 'FILE_PER_RESOURCE', 'FOLDER_PER_CHART_FILE_PER_RESOURCE'] as const)
  runtime(`every pod is hardened in ${type}`, () => {
    const { app } = everything({ yamlOutputType: YamlOutputType[type] })
    const report = harden(app, QUIET)
    app.synth()
    const objects = written(app.outdir)
    assert.is(objects.length, 6)
    assert.equal(refused(objects), [])
    assert.equal(report.violations, [])
    assert.equal(
      report.constructs.map(({ path }) => path),
      ['shop/file/included-deployment', 'shop/l1', 'shop/plus/Resource', 'shop/raw'],
    )
  })

runtime('synthYaml, Chart.toJson and Testing.synth', () => {
  const { app, chart } = everything()
  harden(app, QUIET)
  assert.equal(refused(loadAll(app.synthYaml()) as Json[]), [])
  assert.equal(refused(chart.toJson() as Json[]), [])
  assert.equal(refused(Testing.synth(chart) as Json[]), [])
})

runtime('without the call nothing changes, with it only pods do', () => {
  const plain = everything().app.synthYaml()
  const { app } = everything()
  harden(app, QUIET)
  const [before, after] = [loadAll(plain) as Json[], loadAll(app.synthYaml()) as Json[]]
  assert.ok(refused(before).length === 4)
  const bare = (objects: readonly Json[]): readonly Json[] =>
    objects.map((object) => {
      const copy = structuredClone(object)
      const spec = specOf(copy)
      if (spec !== undefined) {
        delete spec.securityContext
        delete spec.volumes
        for (const container of spec.containers as Json[]) {
          delete container.securityContext
          delete container.volumeMounts
        }
      }
      return copy
    })
  assert.equal(bare(after), bare(before))
})

runtime('what is added later, also during the first synthesis, is hardened', () => {
  const app = new App()
  const chart = new Chart(app, 'shop')
  harden(app, QUIET)
  raw(chart, 'later')
  chart.node.addValidation({
    validate: () => {
      if (chart.node.tryFindChild('last') === undefined) raw(chart, 'last')
      return []
    },
  })
  assert.equal(refused(loadAll(app.synthYaml()) as Json[]), [])
  raw(chart, 'even later')
  assert.equal(refused(loadAll(app.synthYaml()) as Json[]), [])
})

runtime('an option that is not known is refused, by its name', () => {
  const app = new App()
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ uid: 0 }, /uid must be a user id from 1 to 2147483647, or "image", not 0/],
    [{ atLeast: 'sure' }, /atLeast must be one of certain, known, likely, assumed, not "sure"/],
    [{ level: 'privileged' }, /level must be one of/],
    [{ only: ['drop-capabilities'] }, /only: there is no transform "drop-capabilities"/],
    [{ images: [{ image: 'corp/app', uid: -1 }] }, /images: uid and gid of corp\/app/],
  ]
  for (const [options, message] of wrong) {
    assert.throws(() => harden(app, { ...QUIET, ...options } as object), message)
    if (!('images' in options)) assert.throws(() => hardenText('kind: Pod', options as object), message)
  }
})

runtime('a report is of the last synthesis', () => {
  const app = new App()
  const chart = new Chart(app, 'shop')
  const report = harden(app, QUIET)
  raw(chart, 'web')
  app.synthYaml()
  assert.ok(report.findings.length > 0)
  chart.node.tryRemoveChild('web')
  app.synthYaml()
  assert.equal(report.findings, [])
})

runtime('an object that cannot be made yet keeps none of the others from being hardened', () => {
  const app = new App()
  const chart = new Chart(app, 'shop')
  const other = new Chart(app, 'other')
  new ApiObject(other, 'later', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    data: Lazy.any({
      produce: () => {
        throw new Error('not yet')
      },
    }),
  })
  raw(chart, 'web')
  harden(app, QUIET)
  assert.equal(refused(chart.toJson() as Json[]), [])
})

runtime('JSON patches count as what the author wrote', () => {
  const app = new App()
  const chart = new Chart(app, 'shop')
  const deployment = new kplus.Deployment(chart, 'web', { containers: [{ image: 'nginx:1.27' }] })
  ApiObject.of(deployment).addJsonPatch(JsonPatch.replace('/spec/template/spec/containers/0/securityContext/allowPrivilegeEscalation', true))
  const report = harden(app, QUIET)
  const [object] = chart.toJson() as Json[]
  const [container] = (specOf(object as Json) as { containers: { securityContext: Json }[] }).containers
  assert.is(container?.securityContext.allowPrivilegeEscalation, true)
  assert.match(report.violations.join('\n'), /^shop\/web\/Resource: restricted v1\.\d+: allowPrivilegeEscalation \(main\)/m)
})

runtime('the nearest scope counts, and of two calls the last', () => {
  const app = new App()
  const one = new Chart(app, 'one')
  const two = new Chart(app, 'two')
  raw(one, 'pod', podSpec('corp/app:1'))
  raw(two, 'pod', podSpec('corp/app:1'))
  const inner = new Construct(two, 'inner')
  raw(inner, 'pod', podSpec('corp/app:1'))
  harden(app, { ...QUIET, uid: 1 })
  harden(app, { ...QUIET, uid: 2 })
  const ofTwo = harden(two, { ...QUIET, uid: 3 })
  harden(inner, { ...QUIET, uid: 4 })
  const uids = (chart: Chart): readonly unknown[] => (chart.toJson() as Json[]).map((object) => (specOf(object)?.securityContext as Json)?.runAsUser)
  assert.equal(uids(one), [2])
  assert.equal(uids(two), [3, 4])
  assert.equal(
    ofTwo.constructs.map(({ path }) => path),
    ['two/pod'],
  )
})

runtime('strict makes synthesis fail, with every violation by its path', () => {
  const app = new App()
  const chart = new Chart(app, 'shop')
  raw(chart, 'bad', { ...podSpec(), hostPID: true })
  raw(chart, 'worse', { containers: [{ name: 'web', image: 'nginx:1.27', securityContext: { privileged: true } }] })
  harden(app, { ...QUIET, strict: true })
  for (const synth of [() => app.synth(), () => app.synthYaml(), () => Testing.synth(chart)]) {
    assert.throws(synth, (error: Error) => /\[\] shop\/bad: restricted v1\.\d+: hostNamespaces/.test(error.message) && /shop\/worse: .*privileged \(web\)/.test(error.message))
  }
  assert.is(existsSync(join(app.outdir, 'shop.k8s.yaml')), false)
  const good = everything().app
  harden(good, { ...QUIET, strict: true })
  assert.not.throws(() => good.synth())
})

runtime('classes and the mixin', () => {
  const app = new HardenedApp({ outdir: mkdtempSync(join(tmpdir(), 'podharden-cdk8s-')), hardening: QUIET })
  raw(new Chart(app, 'a'), 'pod')
  assert.equal(refused(loadAll(app.synthYaml()) as Json[]), [])
  assert.is(app.hardening.constructs.length, 1)
  const plain = new App()
  const hardenedChart = new HardenedChart(plain, 'b', { hardening: QUIET })
  raw(hardenedChart, 'pod')
  raw(new Chart(plain, 'c'), 'pod')
  assert.equal(refused(loadAll(plain.synthYaml()) as Json[]).length, 1)
  const mixed = everything().app
  const mixin = hardened(QUIET)
  mixed.with(mixin)
  raw(new Chart(mixed, 'late'), 'pod')
  assert.equal(refused(loadAll(mixed.synthYaml()) as Json[]), [])
  assert.is(mixin.report.constructs.length, 5)
})

runtime('images by option, and claims of the whole tree', () => {
  const app = new App()
  const chart = new Chart(app, 'shop')
  raw(chart, 'pod', podSpec('corp/app:1'))
  harden(app, { ...QUIET, images: [{ image: 'corp/*', uid: 4711, writablePaths: ['/data'] }] })
  const [object] = chart.toJson() as Json[]
  const spec = specOf(object as Json) as { securityContext: Json; volumes: Json[] }
  assert.is(spec.securityContext.runAsUser, 4711)
  assert.equal(spec.volumes, [{ name: 'data', emptyDir: {} }])
})

runtime('cdk8s 2.2: no brand on objects, and a patch is not applied twice', () => {
  const require = createRequire(import.meta.url)
  const old = require('cdk8s-2.2') as typeof import('cdk8s')
  const app = new old.App()
  const chart = new old.Chart(app, 'shop')
  const pod = new old.ApiObject(chart, 'pod', deployment(podSpec()))
  pod.addJsonPatch(old.JsonPatch.add('/spec/template/spec/containers/-', { name: 'second', image: 'redis:7' }))
  harden(app, { ...QUIET, strict: true })
  for (let i = 0; i < 3; i++) {
    const [object] = old.Testing.synth(chart) as Json[]
    assert.equal(refused([object as Json]), [])
    assert.is((specOf(object as Json)?.containers as Json[]).length, 2)
  }
})

runtime('a CommonJS program: the report on stderr, nothing on stdout, a file on request', () => {
  const folder = mkdtempSync(join(tmpdir(), 'podharden-cdk8s-'))
  const door = JSON.stringify(join(root, 'dist/cdk8s.cjs'))
  const program = (options: string): string => `
    const { App, Chart, ApiObject } = require(${JSON.stringify(join(root, 'node_modules/cdk8s'))})
    const { harden } = require(${door})
    const app = new App({ outdir: 'dist' })
    new ApiObject(new Chart(app, 'shop'), 'p\\u001b[31mod', { apiVersion: 'apps/v1', kind: 'Deployment', spec: { template: { spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } } } })
    harden(app, ${options})
    app.synth()
  `
  const run = (options: string) => spawnSync(process.execPath, ['-e', program(options)], { cwd: folder, encoding: 'utf8' })
  const loud = run('{}')
  assert.is(loud.status, 0, loud.stderr)
  assert.is(loud.stdout, '')
  assert.match(loud.stderr, /shop\/p\\x1b\[31mod\n {2}known {4}web: run as uid 101/)
  assert.match(loud.stderr, /podharden: 1 workload at synthesis\. Allowed by restricted v1\.\d+: 0 before, 1 after\.\n$/)
  const filed = run(`{ report: { file: 'report.txt' } }`)
  assert.is(filed.stderr, '')
  assert.is(readFileSync(join(folder, 'report.txt'), 'utf8'), loud.stderr)
  mkdirSync(join(folder, '.git'))
  writeFileSync(join(folder, 'podharden.yaml'), 'images:\n- image: nginx\n  uid: 7\n')
  assert.match(run('{}').stderr, /run as uid 7/)
  assert.match(run('{ config: false }').stderr, /run as uid 101/)
  writeFileSync(join(folder, 'podharden.yaml'), 'image: x\n')
  assert.match(run('{}').stderr, /podharden\.yaml:1:1: there is no key "image"; did you mean images\?/)
})

runtime('two copies of this package see each other', () => {
  const require = createRequire(import.meta.url)
  const path = join(root, 'dist/cdk8s.cjs')
  const first = require(path) as typeof import('../src/cdk8s.ts')
  delete require.cache[require.resolve(path)]
  const second = require(path) as typeof import('../src/cdk8s.ts')
  assert.is.not(first.harden, second.harden)
  const { app } = everything()
  const lost = first.harden(app, { ...QUIET, uid: 5 })
  const report = second.harden(app, { ...QUIET, uid: 6 })
  assert.equal(refused(loadAll(app.synthYaml()) as Json[]), [])
  assert.is(lost.constructs.length, 0)
  assert.is(report.constructs.length, 4)
})

const plugin = suite('validation plugin')

async function validated(objects: readonly Json[], properties?: ConstructorParameters<typeof PodhardenValidation>[0]) {
  const violations: Parameters<ValidationContext['report']['addViolation']>[0][] = []
  let end: readonly [string, unknown] | undefined
  await new PodhardenValidation(properties).validate({
    manifests: ['dist/a.k8s.yaml'],
    parseManifest: () => objects,
    report: {
      addViolation: (violation) => violations.push(violation),
      submit: (status, metadata) => {
        end = [status, metadata]
      },
    },
  })
  return { violations, end }
}

plugin('reports what is missing, how to mend it, and what no change mends', async () => {
  const pod = { ...deployment({ ...podSpec(), hostPID: true }), metadata: { name: 'web' } }
  const { violations, end } = await validated([pod, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }])
  assert.equal(end, ['failure', { level: 'restricted', workloads: '1', allowed: '0', violations: String(violations.length) }])
  const seccomp = violations.find(({ ruleName }) => ruleName === 'set-seccomp-runtime-default')
  assert.equal(seccomp?.violatingResources, [{ resourceName: 'web', locations: ['securityContext.seccompProfile.type'], manifestPath: 'dist/a.k8s.yaml' }])
  assert.match(seccomp?.fix ?? '', /harden\(app\)/)
  assert.match(violations.find(({ ruleName }) => ruleName === 'forbid-host-access')?.recommendation ?? '', /host namespaces/)
  assert.not.ok(
    violations.some(({ ruleName }) => ruleName === 'set-read-only-root-filesystem'),
    'restricted asks for none',
  )
})

plugin('what harden() made is a success', async () => {
  const { app } = everything()
  harden(app, QUIET)
  const { violations, end } = await validated(loadAll(app.synthYaml()) as Json[])
  assert.equal(violations, [])
  assert.is(end?.[0], 'success')
})

plugin('properties that are not known are refused', () => {
  assert.throws(() => new PodhardenValidation({ level: 'strict' as never }), /level must be one of baseline, restricted, hardened, not strict/)
  assert.throws(() => new PodhardenValidation({ pssVersion: '1.x' }), /pssVersion must be latest or v1\.N/)
})

runtime.run()
plugin.run()
