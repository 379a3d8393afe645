/** What stays as it is: rules of the config file, our words beside the workload, those of other tools, and the baseline. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Meaning, rows, type Tool } from '../src/exemptions/foreign-table.ts'
import { harden, type TextOptions, type TextResult } from '../src/index.ts'
import { tempTree } from './temp-tree.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

interface Words {
  readonly head?: string
  readonly annotations?: string
  readonly podAnnotations?: string
  readonly podLabels?: string
  /** Above `spec:` of the pod, above the first container, behind its image. */
  readonly aboveSpec?: string
  readonly aboveContainer?: string
  readonly behindImage?: string
}

/** A Deployment with two containers; `spec` and `container` are further lines of the pod and of the first container. */
function deployment(words: Words, { spec = '', container = '' }: { readonly spec?: string; readonly container?: string } = {}): string {
  const indented = (text: string | undefined, indent: string): string =>
    text === undefined || text === ''
      ? ''
      : text
          .split('\n')
          .map((line) => `${indent}${line}\n`)
          .join('')
  return (
    `${words.head ?? ''}apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\n` +
    (words.annotations === undefined ? '' : `  annotations:\n${indented(words.annotations, '    ')}`) +
    'spec:\n  selector: {}\n  template:\n    metadata:\n      labels:\n        app: web\n' +
    indented(words.podLabels, '        ') +
    (words.podAnnotations === undefined ? '' : `      annotations:\n${indented(words.podAnnotations, '        ')}`) +
    `${indented(words.aboveSpec, '    ')}    spec:\n${indented(spec, '      ')}      containers:\n${indented(words.aboveContainer, '        ')}        - name: app\n` +
    `          image: corp/app:1${words.behindImage === undefined ? '' : ` ${words.behindImage}`}\n${indented(container, '          ')}        - name: side\n          image: corp/side:1\n`
  )
}

const ALL: TextOptions = { atLeast: 'assumed' }

/** `transform container by` of what is exempt, container `-` for the pod. */
function exempt({ findings }: TextResult): readonly string[] {
  return findings.flatMap((finding) => (finding.outcome === 'exempt' ? [`${finding.transform} ${finding.container ?? '-'} ${finding.by}`] : []))
}

function changes({ findings }: TextResult): readonly string[] {
  return findings.flatMap((finding) => (finding.outcome === 'fix' ? [`${finding.transform} ${finding.container ?? '-'}`] : []))
}

const own = suite('our own words')

own('the annotation, for the workload', () => {
  const result = harden(deployment({ annotations: 'podharden.io/skip: "set-read-only-root-filesystem,drop-all-capabilities: writes everywhere"' }), ALL)
  assert.equal([...new Set(exempt(result).map((line) => line.split(' ')[0]))].sort(), ['drop-all-capabilities', 'set-read-only-root-filesystem'])
  assert.not.match(result.text, /readOnlyRootFilesystem|drop:/)
  assert.match(result.text, /runAsNonRoot: true/)
  const [first] = result.findings.filter(({ outcome }) => outcome === 'exempt')
  assert.ok(first?.outcome === 'exempt' && first.text === 'writes everywhere')
  assert.equal(result.notes, [])
})

own('the annotation of the pod counts like that of the object', () => {
  assert.is(exempt(harden(deployment({ podAnnotations: 'podharden.io/skip: "all: legacy"' }), ALL)).length > 0, true)
  assert.equal(changes(harden(deployment({ podAnnotations: 'podharden.io/skip: "all: legacy"' }), ALL)), [])
})

own('one container: nothing at the pod reaches it, and the other gets everything', () => {
  const result = harden(deployment({ annotations: 'podharden.io/skip.side: "require-run-as-non-root,set-seccomp-runtime-default: odd"' }), ALL)
  assert.equal(exempt(result), ['require-run-as-non-root side podharden.io/skip.side', 'set-seccomp-runtime-default side podharden.io/skip.side'])
  const side = result.text.slice(result.text.indexOf('- name: side'))
  assert.not.match(side, /runAs|seccomp/)
  assert.match(result.text.slice(result.text.indexOf('- name: app'), result.text.indexOf('- name: side')), /runAsNonRoot: true[^]*seccompProfile/)
  assert.not.match(result.text, /^ {6}securityContext:/m)
  assert.match(side, /allowPrivilegeEscalation: false/)
})

own('a comment means what it stands on or above', () => {
  for (const [words, expected] of [
    [{ aboveContainer: '# podharden-ignore set-read-only-root-filesystem: a' }, ['set-read-only-root-filesystem app podharden-ignore']],
    [{ behindImage: '# podharden-ignore set-read-only-root-filesystem: a' }, ['set-read-only-root-filesystem app podharden-ignore']],
    [
      { aboveSpec: '# podharden-ignore set-read-only-root-filesystem: a' },
      ['set-read-only-root-filesystem app podharden-ignore', 'set-read-only-root-filesystem side podharden-ignore'],
    ],
    [
      { head: '# podharden-ignore set-read-only-root-filesystem: a\n' },
      ['set-read-only-root-filesystem app podharden-ignore', 'set-read-only-root-filesystem side podharden-ignore'],
    ],
  ] as const)
    assert.equal(exempt(harden(deployment(words), ALL)), expected, JSON.stringify(words))
})

own('what the author wrote on purpose is no decision to make any more', () => {
  const text = deployment({}, { container: 'securityContext:\n  runAsUser: 0 # podharden-ignore require-run-as-non-root: binds a raw socket' })
  const result = harden(text, ALL)
  assert.ok(exempt(result).includes('require-run-as-non-root app podharden-ignore'), exempt(result).join())
  assert.equal(
    result.findings.filter(
      (finding) => finding.transform === 'require-run-as-non-root' && finding.container === 'app' && finding.outcome === 'review' && finding.severity === 'decide',
    ),
    [],
  )
  const left = result.verdicts[0]?.left.find(({ check, container }) => check === 'runAsUser' && container === 'app')
  assert.match(left?.because ?? '', /binds a raw socket/)
})

own('an item of a list has the comments above it, not those of the item before', () => {
  const pod = (name: string, above = '', behind = ''): string =>
    `${above}- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: ${name}\n  spec:\n    containers:\n    - name: a\n      image: corp/a:1${behind}\n`
  const list = `apiVersion: v1\nkind: List\nitems:\n${pod('one', '', ' # podharden-ignore drop-all-capabilities: x')}${pod('two', '# podharden-ignore set-read-only-root-filesystem: y\n')}`
  const found = harden(list, ALL).findings.flatMap((finding) => (finding.outcome === 'exempt' ? [`${finding.object.name} ${finding.transform}`] : []))
  assert.equal(found, ['one drop-all-capabilities', 'two set-read-only-root-filesystem'])
})

own('what is misspelt, gives no reason or does nothing is told with its line', () => {
  const told = (words: Words): readonly string[] => harden(deployment(words), ALL).notes.map(({ code, line, message }) => `${code} ${line} ${message}`)
  assert.equal(told({ annotations: 'podharden.io/skip: "set-seccomp: x"' }), [
    'EXEMPTION_UNREAD 7 Deployment/web: podharden.io/skip there is no transform "set-seccomp"; did you mean set-seccomp-runtime-default?',
  ])
  assert.match(told({ annotations: 'podharden.io/skip: drop-all-capabilities' })[0] ?? '', /EXEMPTION_UNREAD 7 .*gives no reason/)
  assert.match(told({ annotations: 'podharden.io/skip.sidecar: "all: x"' })[0] ?? '', /EXEMPTION_UNUSED 7 .*leaves nothing as it is/)
  assert.match(told({ annotations: 'podharden.io/skip: "forbid-privileged: x"' })[0] ?? '', /EXEMPTION_UNUSED/)
  const notAsked = harden(deployment({ annotations: 'podharden.io/skip: "forbid-privileged: x"' }), { ...ALL, skip: ['forbid-privileged'] })
  assert.equal(notAsked.notes, [], 'of a transform that is not part of the run nothing can be said')
})

own('a second run over the result changes nothing', () => {
  const words = { aboveContainer: '# podharden-ignore set-seccomp-runtime-default: a', behindImage: '# podharden-ignore drop-all-capabilities: b' }
  const { text } = harden(deployment(words), ALL)
  assert.is(harden(text, ALL).text, text)
  assert.equal(harden(deployment(words), ALL).problems, [])
})

own.run()

const rules = suite('rules of the config file')
const CONFIG = { ...ALL, today: '2026-11-28', path: 'deploy/web.yaml' }

rules('all that is given must match', () => {
  const rule = { reason: 'r', source: 'podharden.yaml:3', transforms: ['set-read-only-root-filesystem'] }
  for (const [more, count] of [
    [{}, 2],
    [{ kind: 'Deployment' }, 2],
    [{ kind: 'StatefulSet' }, 0],
    [{ name: 'w*' }, 2],
    [{ namespace: 'shop', name: 'web' }, 2],
    [{ namespace: 'other' }, 0],
    [{ container: 'side' }, 1],
    [{ path: 'deploy/' }, 2],
    [{ path: '*.json' }, 0],
    [{ expires: '2026-11-28' }, 2],
    [{ expires: '2026-11-27' }, 0],
  ] as const)
    assert.is(exempt(harden(deployment({}), { ...CONFIG, exemptions: [{ ...rule, ...more }] })).length, count, JSON.stringify(more))
})

rules('expired and unused ones are told through the command line; the rest of the tree is not accused', () => {
  const path = tempTree({
    'podharden.yaml':
      'exemptions:\n  - reason: used\n    name: web\n    transform: set-read-only-root-filesystem\n  - reason: old\n    name: web\n    expires: 2020-01-01\n  - reason: nobody\n    name: gone\n',
    'a/web.yaml': deployment({}),
    'b/none.yaml': 'kind: ConfigMap\n',
  })
  const run = (...args: readonly string[]) => spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), '--root', '.', ...args], { cwd: path, encoding: 'utf8' })
  const whole = run('.')
  assert.match(whole.stderr, /podharden\.yaml:5 {2}the exemption \(old\) expired on 2020-01-01/)
  assert.match(whole.stderr, /podharden\.yaml:8 {2}the exemption \(nobody\) leaves nothing as it is/)
  assert.match(whole.stderr, /podharden\.yaml:2: used/)
  assert.match(whole.stderr, / 2 exempt,/)
  assert.not.match(run('b').stderr, /leaves nothing/)
  const before = spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), '--root', '.', '.'], {
    cwd: path,
    encoding: 'utf8',
    env: { ...process.env, SOURCE_DATE_EPOCH: '1500000000' },
  })
  assert.not.match(before.stderr, /expired/)
})

rules.run()

const foreign = suite('words of other tools')

/** In the tool's own syntax, for the check `id`; undefined where the tool has none of that kind. */
const SYNTAX: Readonly<Record<Tool, (id: string) => Words>> = {
  'kube-linter': (id) => ({ annotations: `ignore-check.kube-linter.io/${id}: "it must"` }),
  checkov: (id) => ({ annotations: `checkov.io/skip1: ${id}=it must` }),
  trivy: (id) => ({ aboveSpec: `# trivy:ignore:${/^ksv/.test(id) ? `AVD-${id.toUpperCase()}` : id}` }),
  'kube-score': (id) => ({ annotations: `kube-score/ignore: container-resources, ${id}` }),
  polaris: (id) => ({ annotations: `polaris.fairwinds.com/${id}-exempt: "true"` }),
  kubeaudit: (id) => ({ podLabels: `kubeaudit.io/${id}: it-must` }),
  datree: (id) => ({ annotations: `datree.skip/${id}: "it must"` }),
  monokle: (id) => ({ annotations: `monokle.io/suppress.${/^\w+\d+$/.test(id) ? id.toUpperCase() : id}: "it must"` }),
  semgrep: (id) => ({ aboveSpec: `# nosemgrep: yaml.kubernetes.security.${id}.${id}` }),
  kics: (id) => ({ head: `# kics-scan disable=aaaaaaaa-0000-0000-0000-000000000000,${id}\n` }),
}

/** A pod of which the transform has something to say, by the field where there is one. */
function case_({ transform, field }: Meaning): { readonly spec?: string; readonly container?: string } {
  if (transform === 'forbid-privileged') return { container: 'securityContext:\n  privileged: true' }
  if (field === 'hostPort') return { container: 'ports:\n  - containerPort: 80\n    hostPort: 80' }
  if (field === 'hostPath') return { spec: 'volumes:\n  - name: node\n    hostPath:\n      path: /opt' }
  if (field === 'procMount') return { container: 'securityContext:\n  procMount: Unmasked' }
  if (field === 'sysctls') return { spec: 'securityContext:\n  sysctls:\n    - name: kernel.msgmax\n      value: "1"' }
  if (field === 'seLinuxOptions') return { container: 'securityContext:\n  seLinuxOptions:\n    type: spc_t' }
  if (field === 'appArmorProfile' || transform === 'restrict-kernel-surface') return { container: 'securityContext:\n  appArmorProfile:\n    type: Unconfined' }
  if (transform === 'forbid-host-access') return { spec: `${field ?? 'hostNetwork'}: true` }
  return {}
}

for (const { tool, id, meaning } of rows()) {
  const { transform, field, isSame } = meaning
  foreign(`${tool} ${id} ${isSame ? 'leaves' : 'is near'} ${transform}${field === undefined ? '' : ` (${field})`}`, () => {
    const words = SYNTAX[tool](id)
    const options = { ...ALL, only: [transform] }
    const without = harden(deployment({}, case_(meaning)), options).findings
    assert.ok(without.length > 0, 'without the word there is something to say')
    const result = harden(deployment(words, case_(meaning)), options)
    const lines = exempt(result).filter((line) => line.endsWith(`${tool} ${id}`))
    if (isSame) {
      assert.ok(lines.length > 0, 'it is exempt')
      assert.equal(changes(result), [])
      assert.ok(
        result.findings.every(({ outcome }) => outcome === 'exempt'),
        JSON.stringify(result.findings.filter(({ outcome }) => outcome !== 'exempt').map(({ message }) => message)),
      )
    } else {
      assert.equal(lines, [])
      assert.ok(
        result.notes.some(({ code, message }) => code === 'EXEMPTION_NOT_OURS' && message.includes(`${tool} ${id}`)),
        'it is seen',
      )
      assert.is(result.findings.length, without.length)
    }
    const ignored = harden(deployment(words, case_(meaning)), { ...options, foreignExemptions: false })
    assert.equal([exempt(ignored), ignored.notes.filter(({ code }) => code === 'EXEMPTION_NOT_OURS')], [[], []], 'unless it is not wanted')
  })
}

const READ_ONLY = ['set-read-only-root-filesystem']
/** Words of any form, and the containers whose read-only root they leave. */
const FORMS: readonly (readonly [string, Words, readonly string[]])[] = [
  ['kube-linter: all checks', { annotations: 'kube-linter.io/ignore-all: "old"' }, ['app', 'side']],
  ['kube-linter: any value counts', { annotations: 'ignore-check.kube-linter.io/no-read-only-root-fs: "false"' }, ['app', 'side']],
  ['kube-linter: not on the pod', { podAnnotations: 'ignore-check.kube-linter.io/no-read-only-root-fs: x' }, []],
  ['kube-linter: another check', { annotations: 'ignore-check.kube-linter.io/unset-cpu-requirements: x' }, []],
  ['checkov: without a reason', { annotations: 'checkov.io/skip2: CKV_K8S_22' }, ['app', 'side']],
  ['checkov: its older name', { annotations: 'bridgecrew.io/skip: CKV_K8S_22=x' }, ['app', 'side']],
  ['checkov: a comment', { behindImage: '#checkov:skip=CKV_K8S_22:it must' }, ['app', 'side']],
  ['checkov: by case', { annotations: 'checkov.io/skip1: ckv_k8s_22=x' }, []],
  ['trivy: one container', { aboveContainer: '#trivy:ignore:AVD-KSV-0014' }, ['app']],
  ['trivy: short code, behind a line', { behindImage: '# trivy:ignore:use-readonly-filesystem' }, ['app']],
  ['trivy: its first name', { aboveContainer: '# tfsec:ignore:KSV014' }, ['app']],
  ['trivy: several on a line', { aboveContainer: '# trivy:ignore:KSV-0012 trivy:ignore:ksv-0014' }, ['app']],
  ['trivy: all', { aboveContainer: '# trivy:ignore:*' }, ['app']],
  ['trivy: still valid', { aboveContainer: '# trivy:ignore:KSV014:exp:2026-11-28' }, ['app']],
  ['trivy: expired', { aboveContainer: '# trivy:ignore:KSV014:exp:2026-11-27' }, []],
  ['trivy: no date', { aboveContainer: '# trivy:ignore:KSV014:exp:soon' }, []],
  ['kube-score: on the pod', { podAnnotations: 'kube-score/ignore: container-security-context-readonlyrootfilesystem' }, ['app', 'side']],
  ['polaris: all', { annotations: 'polaris.fairwinds.com/exempt: "TRUE"' }, ['app', 'side']],
  ['polaris: only true counts', { annotations: 'polaris.fairwinds.com/notReadOnlyRootFilesystem-exempt: "yes"' }, []],
  ['kubeaudit: one container', { podLabels: 'container.kubeaudit.io/app.allow-read-only-root-filesystem-false: SomeReason' }, ['app']],
  ['kubeaudit: its older name', { podLabels: 'container.audit.kubernetes.io/side.allow-read-only-root-filesystem-false: ""' }, ['side']],
  ['kubeaudit: its older name for the pod', { podLabels: 'audit.kubernetes.io/pod.allow-read-only-root-filesystem-false: "true"' }, ['app', 'side']],
  ['kubeaudit: no annotation', { podAnnotations: 'kubeaudit.io/allow-read-only-root-filesystem-false: x' }, []],
  ['monokle: switched off', { annotations: 'monokle.io/suppress.KBP102: "false"' }, []],
  ['semgrep: one container, the end of the id is enough', { aboveContainer: '# nosemgrep: writable-filesystem-container' }, ['app']],
  ['semgrep: several, with a reason', { behindImage: '# nosem: privileged-container, writable-filesystem-container it must' }, ['app']],
  ['semgrep: without a rule it means its line only', { behindImage: '# nosemgrep' }, []],
  ['kics: the file', { head: '# kics-scan ignore\n' }, ['app', 'side']],
  ['kics: behind the mark of the document', { head: '---\n# kics-scan ignore\n' }, ['app', 'side']],
  ['kics: a block', { aboveContainer: '# kics-scan ignore-block' }, ['app']],
  ['kics: a line', { aboveContainer: '# kics-scan ignore-line' }, []],
  ['kics: in the text it is no head', { aboveContainer: '# kics-scan ignore' }, []],
]
for (const [name, words, containers] of FORMS)
  foreign(name, () => {
    const result = harden(deployment(words), { ...ALL, only: READ_ONLY, today: '2026-11-28' })
    assert.equal(
      result.findings.filter(({ outcome }) => outcome === 'exempt').map(({ container }) => container),
      containers,
    )
  })

foreign('a line that is marked without a rule is left with what stands on it, and nothing more', () => {
  const writes = deployment({}, { container: 'securityContext:\n  readOnlyRootFilesystem: false # kics-scan ignore-line' })
  assert.equal(exempt(harden(writes, ALL)), ['set-read-only-root-filesystem app kics'])
  const host = deployment({}, { spec: 'hostNetwork: true # nosemgrep' })
  assert.equal(exempt(harden(host, { ...ALL, only: ['forbid-host-access'] })), ['forbid-host-access - semgrep'])
  const two = deployment({}, { spec: 'hostNetwork: true # nosemgrep\nhostPID: true' })
  assert.equal(exempt(harden(two, { ...ALL, only: ['forbid-host-access'] })), [])
})

foreign('two namespaces of the node are left only when both are exempt', () => {
  const host = { spec: 'hostNetwork: true\nhostPID: true' }
  const one = harden(deployment({ annotations: 'polaris.fairwinds.com/hostNetworkSet-exempt: "true"' }, host), { ...ALL, only: ['forbid-host-access'] })
  assert.equal(exempt(one), [])
  const both = harden(deployment({ annotations: 'polaris.fairwinds.com/hostNetworkSet-exempt: "true"\ncheckov.io/skip1: CKV_K8S_17=agent' }, host), {
    ...ALL,
    only: ['forbid-host-access'],
  })
  assert.is(exempt(both).length, 1)
})

foreign.run()

const baseline = suite('baseline')

baseline('what is accepted fails no check; what is new does, also when lines move', () => {
  const path = tempTree({ 'web.yaml': deployment({}, { spec: 'hostNetwork: true' }), 'sts.yaml': deployment({}).replace('name: web', 'name: db') })
  const run = (...args: readonly string[]) => spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), '--root', '.', ...args], { cwd: path, encoding: 'utf8' })
  const written = run('--write-baseline', 'accepted.json', '.')
  assert.is(written.status, 0, written.stderr)
  assert.is(written.stdout, '')
  const first = readFileSync(join(path, 'accepted.json'), 'utf8')
  run('--write-baseline', 'accepted.json', '.')
  assert.is(readFileSync(join(path, 'accepted.json'), 'utf8'), first, 'the same each time')
  const checked = run('--check', '--fail-on', 'review', '--baseline', 'accepted.json', '.')
  assert.is(checked.status, 0, checked.stderr)
  assert.is(checked.stdout, '')
  writeFileSync(join(path, 'web.yaml'), `# moved\n\n${deployment({}, { spec: 'hostNetwork: true' })}`)
  assert.is(run('--check', '--baseline', 'accepted.json', '.').status, 0)
  writeFileSync(join(path, 'web.yaml'), `${deployment({}, { spec: 'hostNetwork: true' })}        - name: new\n          image: corp/new:1\n`)
  const fresh = run('--check', '--baseline', 'accepted.json', '.')
  assert.is(fresh.status, 1)
  assert.match(fresh.stdout, /name: new/)
  assert.is(run('--check', '--baseline', 'missing.json', '.').status, 2)
  writeFileSync(join(path, 'accepted.json'), '{}')
  assert.match(run('--check', '--baseline', 'accepted.json', '.').stderr, /was not written by --write-baseline/)
  assert.is(run('--write-baseline', 'x.json', '--write', '.').status, 2)
})

baseline.run()
