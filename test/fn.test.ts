/** `podharden fn`: lists in and out, results, functionConfig; and the real kustomize and Helm where they are installed. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { load } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hardenList } from '../src/fn/harden-list.ts'
import type { Result } from '../src/fn/results.ts'
import { harden } from '../src/index.ts'
import { decode, isProblem } from '../src/decode.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const bin = join(root, 'bin/podharden.cjs')

const DEPLOYMENT = `- apiVersion: apps/v1 # the shop
  kind: Deployment
  metadata:
    name: web
    namespace: shop
    annotations:
      internal.config.kubernetes.io/index: '2'
      internal.config.kubernetes.io/path: 'deploy/web.yaml'
  spec:
    selector: {matchLabels: {app: web}}
    template:
      spec:
        # one is enough
        containers:
        - name: web
          image: nginx:1.27   # pinned
`
const HEAD = 'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n'
const LIST = `${HEAD}items:\n${DEPLOYMENT}`
const UNKNOWN = DEPLOYMENT.replace('nginx:1.27', 'registry.example/a:1')
const POD = `- apiVersion: v1\n  kind: Pod\n  metadata: {name: POD}\n  spec:\n    containers:\n    - name: a\n      image: registry.example/a:1\n`

function podHarden(spec: string): string {
  return `functionConfig:\n  apiVersion: podharden.io/v1alpha1\n  kind: PodHarden\n  metadata:\n    name: hard\n  spec:\n${spec.replace(/^(?=.)/gm, '    ')}`
}
function configMap(data: string): string {
  return `functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: hard}\n  data: {${data}}\n`
}

interface Done {
  readonly text: string
  readonly results: readonly Result[]
}
function fn(text: string, today = '2026-11-28'): Done {
  const source = decode(/^\s*\{/.test(text) ? 'stdin.json' : 'stdin.yaml', Buffer.from(text))
  if (isProblem(source)) throw new Error(source.message)
  const done = hardenList(source, today)
  if ('problem' in done) throw new Error(`${done.problem.code} ${done.problem.message}`)
  return done
}
function mistakes(functionConfig: string): readonly string[] {
  const { text, results } = fn(LIST + functionConfig)
  assert.ok(text.startsWith(LIST + functionConfig), 'the list has changed')
  assert.ok(results.every(({ severity }) => severity === 'error'))
  return results.map(({ field, message }) => `${field?.path}: ${message}`)
}
const withoutResults = (text: string): string => text.slice(0, text.indexOf('results:'))

const list = suite('list')

list('items are hardened byte by byte, with their comments and annotations, and results stand behind them', () => {
  const { text, results } = fn(LIST)
  const { text: alone } = harden(LIST.replace('ResourceList', 'List'))
  assert.is(withoutResults(text), alone.replace('List', 'ResourceList'))
  for (const kept of ['# the shop', '# one is enough', 'nginx:1.27   # pinned', "index: '2'", "path: 'deploy/web.yaml'"]) assert.match(text, kept)
  assert.match(text, 'runAsUser: 101')
  assert.equal((load(text) as { results: unknown }).results, results)
})

list('what nobody has evidence for is left alone unless it is asked for', () => {
  const unknown = `${HEAD}items:\n${UNKNOWN}`
  assert.not.match(withoutResults(fn(unknown).text), 'runAsUser')
  assert.match(fn(unknown + podHarden('atLeast: assumed\n')).text, 'runAsUser: 10001')
})

list('a fix says what, where, from which file, and how sure it is', () => {
  const found = fn(LIST).results.find(({ tags }) => tags?.transform === 'drop-all-capabilities')
  assert.equal(
    { ...found, message: '' },
    {
      message: '',
      severity: 'info',
      resourceRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace: 'shop' },
      file: { path: 'deploy/web.yaml', index: 2 },
      field: { path: 'spec.template.spec.containers[0].securityContext.capabilities.drop', proposedValue: ['ALL'] },
      tags: { transform: 'drop-all-capabilities', grade: found?.tags?.grade },
    },
  )
  assert.match(found?.message ?? '', /^container web: drop all capabilities \(\w+: /)
})

list('the current value stands beside the proposed one', () => {
  const { results } = fn(LIST.replace('# pinned\n', '# pinned\n          securityContext: {capabilities: {drop: [KILL]}}\n'))
  const { field } = results.find(({ tags }) => tags?.transform === 'drop-all-capabilities') as Result
  assert.equal([field?.currentValue, field?.proposedValue], [['KILL'], ['KILL', 'ALL']])
})

list('what a person must decide is a warning, what is exempt or only worth knowing is information', () => {
  const privileged = LIST.replace('# pinned\n', '# pinned\n          securityContext: {privileged: true}\n')
  const warning = fn(privileged).results.find(({ severity }) => severity === 'warning')
  assert.equal(warning?.field, { path: 'spec.template.spec.containers[0].securityContext.privileged', currentValue: true })
  assert.equal(warning?.tags, { transform: 'forbid-privileged', reason: 'author-chose' })
  const config = podHarden('exemptions:\n- reason: needs the node\n  path: deploy/\n  kind: Deployment\n')
  const exempt = fn(privileged + config).results
  assert.ok(exempt.every(({ severity }) => severity === 'info'))
  assert.match(exempt[0]?.message ?? '', 'left as it is by functionConfig.spec.exemptions[0]: needs the node')
  assert.ok(fn(privileged + config.replace('path: deploy/', 'path: other/')).results.some(({ severity }) => severity === 'warning'))
  const expired = fn(privileged + config.replace('reason:', 'expires: 2026-01-31\n      reason:')).results
  assert.ok(expired.some(({ tags }) => tags?.code === 'EXEMPTION_EXPIRED'))
})

list('an item that cannot be hardened is an error with its file; the others are done', () => {
  const { text, results } = fn(`${LIST}${POD}    containers: []\n`)
  const errors = results.filter(({ severity }) => severity === 'error')
  assert.equal(
    errors.map(({ tags, resourceRef }) => [tags, resourceRef]),
    [[{ code: 'DUPLICATE_KEY' }, { apiVersion: 'v1', kind: 'Pod', name: 'POD' }]],
  )
  assert.match(text, 'runAsUser: 101')
})

list('legacy annotations name the file too, and two workloads of one name are told apart', () => {
  const legacy = LIST.replaceAll('internal.config', 'config')
  assert.equal(fn(legacy).results[0]?.file, { path: 'deploy/web.yaml', index: 2 })
  const twice = fn(LIST + DEPLOYMENT.replace('web.yaml', 'again.yaml').replace("index: '2'", "index: 'x'")).results
  assert.equal([...new Set(twice.map(({ file }) => JSON.stringify(file)))], ['{"path":"deploy/web.yaml","index":2}', '{"path":"deploy/again.yaml"}'])
})

list('nothing to say: the same bytes', () => {
  for (const same of [`${HEAD}items: []\n`, HEAD, `${HEAD}items:\n`, `${HEAD}items: []\n${configMap('level: restricted')}`, LIST + podHarden('level: baseline\n')])
    assert.is(fn(same).text, same)
})

list('a second run changes no item, and gives the results of its own', () => {
  const first = fn(LIST + podHarden('level: restricted\n')).text
  const second = fn(first)
  assert.is(second.text, `${withoutResults(first)}results: []\n`)
})

list('earlier results are replaced, wherever they stand and however they are written', () => {
  const wanted = fn(LIST).results
  for (const [head, tail] of [
    ['', 'results:\n- message: FORMER\n  severity: info\n'],
    ['', 'results:\n- message: |\n    FORMER\n'],
    ['', 'results: {name: FORMER, items: []}\n'],
    ['', 'results:\n'],
    ['results: # FORMER\n  - message: |\n      FORMER\n', ''],
  ] as const) {
    const { text } = fn(HEAD + head + LIST.slice(HEAD.length) + tail)
    assert.equal((load(text) as { results: unknown }).results, wanted)
    assert.not.match(text, 'FORMER')
  }
})

list('Windows line breaks, a text without final line break, comments at its end', () => {
  const windows = fn(LIST.replaceAll('\n', '\r\n')).text
  assert.is(windows.replaceAll('\r\n', '\n'), fn(LIST).text)
  assert.not.match(windows, /[^\r]\n/)
  const open = fn(LIST.trimEnd())
  assert.equal((load(open.text) as { results: unknown }).results, open.results)
  assert.match(fn(`---\n${LIST}# the end\n`).text, '# the end\nresults:\n')
  const block = fn(`${LIST}- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: c}\n  data:\n    a: |+\n      b\n\n`)
  assert.equal((load(block.text) as { results: unknown }).results, block.results)
})

list('JSON stays JSON, in its own layout', () => {
  const value = load(LIST + configMap('level: restricted'))
  for (const indent of [undefined, 2, '\t']) {
    const text = JSON.stringify(value, null, indent)
    const done = fn(text)
    const read = JSON.parse(done.text) as { results: unknown; items: readonly { spec: { template: { spec: { securityContext: unknown } } } }[] }
    assert.equal(read.results, done.results)
    assert.ok(read.items[0]?.spec.template.spec.securityContext)
    assert.is(done.text.includes('\n'), indent !== undefined)
  }
})

list('a template that some item carries as text does not keep the others from being hardened', () => {
  const carrier = '- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: alerts}\n  data:\n    a.tmpl: |\n      {{- if .x }}\n      containers: {{ template "y" . }}\n'
  assert.match(fn(LIST + carrier).text, 'runAsUser: 101')
  const templated = POD.replace('metadata:', '#@ overlay\n  metadata:')
  const { text, results } = fn(LIST + templated)
  assert.ok(text.includes(templated))
  assert.ok(results.some(({ tags }) => tags?.code === 'TEMPLATE_LANGUAGE'))
})

list('the functionConfig itself is never hardened, and lists inside of lists are', () => {
  const config = 'functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n  data: {}\n'
  assert.ok(fn(LIST + config).text.includes(config))
  const inner = `- apiVersion: v1\n  kind: List\n  items:\n${DEPLOYMENT.replace(/^(?=.)/gm, '  ')}`
  const { text, results } = fn(`${HEAD}items:\n${inner}`)
  assert.match(text, 'seccompProfile')
  assert.is(results[0]?.resourceRef?.name, 'web')
})

list('hostile names stay values', () => {
  for (const name of ['a: b', '- x', '"q"', '#c', '\u001b[31m', 'x\ny', 'yes', '0x10', '{{ x }}', '\u2028', '::error::x', '&a', '%']) {
    const text = `${HEAD}items:\n${POD.replace('POD', () => JSON.stringify(name).replace('\u2028', '\\u2028'))}`.replace(
      'name: a',
      () => `name: ${JSON.stringify(name).replace('\u2028', '\\u2028')}`,
    )
    const done = fn(text)
    const read = load(done.text) as { results: readonly Result[] }
    assert.equal(read.results, done.results)
    assert.ok(read.results.length > 0)
    assert.is(read.results[0]?.resourceRef?.name, name)
    assert.not.match(done.text.slice(text.length), '\u001b')
    assert.not.match(read.results.map(({ message }) => message).join(''), /[\u001b\n\u2028]/)
  }
})

list.run()

const config = suite('functionConfig')

config('a PodHarden takes what podharden.yaml takes', () => {
  assert.not.match(fn(LIST + podHarden('level: restricted\n')).text, 'readOnlyRootFilesystem: true')
  assert.match(fn(LIST + podHarden('transforms: {only: [drop-all-capabilities]}\n')).text, 'drop:')
  assert.match(fn(`${HEAD}items:\n${UNKNOWN}${podHarden('images:\n- {image: "registry.example/*", uid: 4711}\n')}`).text, 'runAsUser: 4711')
  const own = `- apiVersion: example.com/v1\n  kind: App\n  metadata: {name: a}\n  spec:\n    pod:\n      containers:\n      - name: a\n        image: registry.example/a:1\n`
  assert.match(fn(`${HEAD}items:\n${own}${podHarden('workloads:\n- {apiVersion: example.com/v1, kind: App, path: spec.pod}\n')}`).text, 'seccompProfile')
  assert.is(fn(`${HEAD}items:\n${own}`).results[0]?.tags?.code, 'UNKNOWN_KIND')
})

config('a ConfigMap takes what is plain, as text', () => {
  assert.match(fn(`${HEAD}items:\n${UNKNOWN}${configMap('uid: "2000"')}`).text, 'runAsUser: 2000')
  assert.match(fn(`${HEAD}items:\n${UNKNOWN}${configMap('atLeast: assumed, stage: 3, pinUid: "true"')}`).text, 'runAsUser: 10001')
  const { results } = fn(LIST + configMap('only: "drop-all-capabilities, forbid-privilege-escalation"'))
  assert.equal([...new Set(results.map(({ tags }) => tags?.transform))].sort(), ['drop-all-capabilities', 'forbid-privilege-escalation'])
  assert.not.match(withoutResults(fn(LIST + configMap('skip: set-seccomp-runtime-default')).text), 'seccompProfile')
})

config('each mistake is an error at its field, with the nearest key, and nothing is hardened', () => {
  assert.equal(mistakes(podHarden('levl: restricted\nuid: root\n')), [
    'spec.levl: there is no key "levl"; did you mean level?',
    'spec.uid: uid must be a user id from 1 to 2147483647',
  ])
  assert.match(mistakes(podHarden('exemptions:\n- reason: x\n  kind: Pod\n- reason: z\n')).join(), /^spec\.exemptions\[1\]\S*: an exemption needs/)
  assert.match(mistakes(podHarden('ignore: [a/]\n')).join(), 'ignore has no meaning')
  assert.match(mistakes(podHarden('catalogue: nonsense\n')).join(), /^spec\.catalogue: functionConfig asks for the catalogue nonsense/)
  assert.match(mistakes(podHarden('level: restricted\nlevel: baseline\n')).join(), /^spec\.level: occurs twice/)
  assert.match(mistakes(podHarden('').replace('spec:', 'spce: {}')).join(), 'there is no key "spce"; did you mean spec?')
  assert.match(mistakes(podHarden('').replace('v1alpha1', 'v1')).join(), 'apiVersion: apiVersion must be podharden.io/v1alpha1')
  assert.match(mistakes(configMap('uid: "abc"')).join(), /^data\.uid: uid must be a user id/)
  assert.match(mistakes(configMap('onyl: x')).join(), 'there is no key "onyl"; did you mean only?')
  assert.match(mistakes(configMap('only: drop-all-capabilitis')).join(), 'did you mean drop-all-capabilities?')
  assert.match(mistakes(configMap('exemptions: x')).join(), 'cannot be said in a ConfigMap; use a functionConfig of apiVersion podharden.io/v1alpha1 and kind PodHarden')
  assert.match(mistakes('functionConfig: {apiVersion: v1, kind: Secret}\n').join(), 'functionConfig must be of kind PodHarden')
  assert.match(mistakes('functionConfig: [1]\n').join(), 'functionConfig must be of kind PodHarden')
})

config.run()

const command = suite('fn')

interface Ran {
  readonly stdout: string
  readonly stderr: string
  readonly status: number | null
}
function run(program: string, args: readonly string[], cwd: string, input = ''): Ran {
  const { stdout, stderr, status } = spawnSync(program, args, { cwd, input, encoding: 'utf8' })
  return { stdout, stderr, status }
}
const podharden = (args: readonly string[], input: string, cwd = root): Ran => run(process.execPath, [bin, ...args], cwd, input)
function within(files: Readonly<Record<string, string>>, test: (cwd: string) => void): void {
  const cwd = mkdtempSync(join(tmpdir(), 'podharden-fn-'))
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(cwd, path)), { recursive: true })
      writeFileSync(join(cwd, path), content)
    }
    test(cwd)
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

command('stdin to stdout, silent where nothing is to be decided; no file is read', () => {
  within({ 'podharden.yaml': 'level: nonsense\n' }, (cwd) => {
    const { stdout, stderr, status } = podharden(['fn'], `\uFEFF${LIST}`, cwd)
    assert.equal([status, stderr], [0, ''])
    assert.is(stdout, `\uFEFF${fn(LIST).text}`)
    assert.is(run(process.execPath, [join(root, 'bin/podharden-fn.cjs')], cwd, LIST).stdout, fn(LIST).text)
  })
})

command('what a person must decide is counted on stderr: kustomize shows no results', () => {
  const { stderr, status } = podharden(['fn'], LIST.replace('# pinned\n', '# pinned\n          securityContext: {privileged: true}\n'))
  assert.is(status, 0)
  assert.match(stderr, /^podharden: 1 finding for a person to decide/)
})

command('mistakes: the list as it was with its errors, the same on stderr, exit code 1', () => {
  const { stdout, stderr, status } = podharden(['fn'], LIST + podHarden('levl: x\n'))
  assert.is(status, 1)
  assert.is(stderr, 'podharden: PodHarden hard: spec.levl: there is no key "levl"; did you mean level?\n')
  assert.ok(stdout.startsWith(LIST))
  assert.match(stdout, 'severity: error')
})

command('input that is no list: one line on stderr, nothing on stdout, exit code 1', () => {
  for (const [input, message] of [
    ['', /the input is empty/],
    ['items: [1, 2\n', /^podharden: stdin:\d+:\d+: /],
    [POD.slice(2).replaceAll('\n  ', '\n'), /of kind Pod/],
    [`${LIST}---\n${LIST}`, /more than one document/],
    [`${HEAD}items: {a: 1}\n`, /items is no list/],
    [`${HEAD}items: []\nitems: []\n`, /"items" occurs twice/],
  ] as const) {
    const { stdout, stderr, status } = podharden(['fn'], input)
    assert.equal([status, stdout], [1, ''])
    assert.match(stderr, message)
    assert.is(stderr.trimEnd().split('\n').length, 1)
  }
})

command('the package has the names that kubectl and kustomize look for', () => {
  const { bin: names } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> }
  assert.equal(names, { podharden: './bin/podharden.cjs', 'podharden-fn': './bin/podharden-fn.cjs', 'kubectl-podharden': './bin/podharden.cjs' })
  assert.match(podharden(['fn', '--help'], '').stdout, /functionConfig holds the keys[^]*No file is read/)
})

command.run()

// ---- the real ones -----------------------------------------------------------------------------------------

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1.27 # pinned
`
const KUSTOMIZATION = 'resources: [web.yaml]\nnamePrefix: shop-\nconfigMapGenerator:\n- name: tmpl\n  literals: ["t={{- if .x }}"]\n'
const TRANSFORMER = `apiVersion: podharden.io/v1alpha1
kind: PodHarden
metadata:
  name: hard
  annotations:
    config.kubernetes.io/function: |
      exec: {path: ${join(root, 'bin/podharden-fn.cjs')}}
spec:
  level: restricted
`

const kustomize = suite('kustomize')
if (spawnSync('kustomize', ['version']).status !== 0) {
  process.stdout.write('skipped: kustomize is not installed, so podharden fn is not run by it\n')
  kustomize('is not here', () => {})
} else {
  const build = ['build', '--enable-alpha-plugins', '--enable-exec', '.']

  kustomize('runs it as a transformer, with our keys in its spec', () => {
    within({ 'web.yaml': WEB, 'hard.yaml': TRANSFORMER, 'kustomization.yaml': `${KUSTOMIZATION}transformers: [hard.yaml]\n` }, (cwd) => {
      const { stdout, stderr, status } = run('kustomize', build, cwd)
      assert.equal([status, stderr], [0, ''])
      assert.match(stdout, 'runAsUser: 101')
      assert.match(stdout, 'name: shop-web')
      assert.not.match(stdout, /readOnlyRootFilesystem|config\.kubernetes\.io|results:/)
      writeFileSync(join(cwd, 'kustomization.yaml'), KUSTOMIZATION)
      const plain = run('kustomize', build, cwd).stdout
      const piped = podharden(['-', '--level', 'restricted', '--quiet'], plain).stdout
      const byName = (text: string): unknown =>
        text
          .split(/^---\n/m)
          .map((part) => load(part))
          .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
      assert.equal(byName(stdout), byName(piped))
    })
  })

  kustomize('fails with our message where the spec has a mistake', () => {
    within({ 'web.yaml': WEB, 'hard.yaml': TRANSFORMER.replace('level', 'levl'), 'kustomization.yaml': `${KUSTOMIZATION}transformers: [hard.yaml]\n` }, (cwd) => {
      const { stdout, stderr, status } = run('kustomize', build, cwd)
      assert.equal([status, stdout], [1, ''])
      assert.match(stderr, 'podharden: PodHarden hard: spec.levl: there is no key "levl"; did you mean level?\n')
    })
  })

  kustomize('what it prints comes out of podharden - with nothing but lines added', () => {
    within({ 'web.yaml': WEB, 'kustomization.yaml': KUSTOMIZATION }, (cwd) =>
      onlyAdds(run('kustomize', ['build', '.'], cwd).stdout, podharden(['-'], run('kustomize', ['build', '.'], cwd).stdout).stdout),
    )
  })
}
kustomize.run()

const helm = suite('helm')
if (!/^v3\./.test(spawnSync('helm', ['version', '--short'], { encoding: 'utf8' }).stdout ?? '')) {
  process.stdout.write('skipped: Helm 3 is not installed, so podharden - is not run as its post-renderer\n')
  helm('is not here', () => {})
} else {
  helm('takes podharden - as its post-renderer', () => {
    within({ 'Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 0.1.0\n', 'templates/web.yaml': WEB.replace('name: web', 'name: {{ .Release.Name }}-web') }, (cwd) => {
      const plain = run('helm', ['template', 'one', '.'], cwd)
      const { stdout, stderr, status } = run('helm', ['template', 'one', '.', '--post-renderer', bin, '--post-renderer-args', '-', '--post-renderer-args', '--quiet'], cwd)
      assert.is(status, 0, stderr)
      onlyAdds(plain.stdout, stdout)
      assert.match(stdout, 'image: nginx:1.27 # pinned')
    })
  })
}
helm.run()

/** Every line of the one is in the other, in their order, and some are new. */
function onlyAdds(before: string, after: string): void {
  assert.match(after, 'runAsUser: 101')
  const lines = after.split('\n')
  let at = 0
  for (const line of before.split('\n')) {
    const found = lines.indexOf(line, at)
    assert.ok(found !== -1, `the line is gone: ${line}`)
    at = found + 1
  }
}
