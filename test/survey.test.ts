import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rootScript } from '../src/root-scripts.ts'
import { startSurvey, survey as surveyFiles, type Surveyed } from '../src/survey.ts'
import { metadataOf } from '../src/survey-text.ts'

const survey = suite('survey')

const of = (files: Readonly<Record<string, string>>): Surveyed => surveyFiles(Object.entries(files))
const plain = <T>(map: ReadonlyMap<string, T>): Record<string, T> => Object.fromEntries(map)

const workload = (kind: string, name: string, claim: string, namespace?: string): string => `apiVersion: apps/v1
kind: ${kind}
metadata:
  labels: {name: other}
  name: ${name}${namespace === undefined ? '' : `\n  namespace: ${namespace}`}
spec:
  template:
    metadata:
      name: inner
      namespace: inner
    spec:
      containers:
      - name: app
        image: a
      volumes:
      - name: data
        persistentVolumeClaim:
          claimName: ${claim}
`

survey('claims: how many workloads mount one, and its access modes', () => {
  const pvc = 'kind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\nspec:\n  accessModes: [ReadWriteOnce, ReadWriteMany]\n'
  const { claims } = of({
    'a.yaml': [workload('Deployment', 'one', 'data', 'shop'), workload('StatefulSet', 'two', '"data" # here', 'shop'), pvc].join('---\n'),
    'b.yaml': workload('Deployment', 'one', 'data'),
    'c.yaml': workload('Deployment', 'three', "'alone'").replaceAll('\n', '\r\n'),
  }).survey
  assert.equal(plain(claims), {
    'shop/data': { users: 2, modes: ['ReadWriteMany', 'ReadWriteOnce'] },
    '/data': { users: 1, modes: [] },
    '/alone': { users: 1, modes: [] },
  })
})

survey('claims: variants of one object are one workload; objects without a name are each their own', () => {
  const job = 'kind: Job\nmetadata:\n  generateName: j-\nspec:\n  template: {spec: {volumes: [{persistentVolumeClaim: {claimName: data}}]}}\n'
  const { claims } = of({
    'base.yaml': workload('Deployment', 'one', 'data'),
    'overlay.yaml': workload('Deployment', 'one', 'data'),
    'jobs.yaml': `${job}---\n${job}`,
  }).survey
  assert.equal(plain(claims), { '/data': { users: 3, modes: [] } })
})

survey('claims: no user is a comment, a template, a schema, a ConfigMap', () => {
  const { claims } = of({
    'comment.yaml': workload('Deployment', 'one', '{{ .claim }}').replace('      - name: data', '      # claimName: old\n      - name: data # claimName: older'),
    'crd.yaml': 'kind: CustomResourceDefinition\nspec:\n  claimName: schema\n',
    'map.yaml': 'kind: ConfigMap\nmetadata: {name: x}\ndata:\n  pod: |\n    claimName: text\n',
    'values.yaml': 'claimName: values\n',
    'part.yaml': workload('Deployment', 'two', 'data-{{ .stage }}'),
  }).survey
  assert.equal(plain(claims), {})
})

survey('lists, JSON and YAML in flow style', () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { volumes: [{ persistentVolumeClaim: { claimName: 'data' } }] } }
  const pvc = { kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteMany'] } }
  const expected = { '/data': { users: 1, modes: ['ReadWriteMany'] } }
  assert.equal(plain(of({ 'a.json': JSON.stringify({ kind: 'List', items: [pod, pvc] }, null, 2) }).survey.claims), expected)
  assert.equal(plain(of({ 'a.json': JSON.stringify([pod, pvc]) }).survey.claims), expected)
  assert.equal(plain(of({ 'a.yaml': `---\n${JSON.stringify(pod)}\n---\n${JSON.stringify(pvc)}\n` }).survey.claims), expected)
  assert.equal(
    plain(
      of({
        'a.yaml':
          '# both\nkind: List\nitems:\n- kind: Pod\n  metadata: {name: p}\n  spec: {volumes: [{persistentVolumeClaim: {claimName: data}}]}\n- kind: PersistentVolumeClaim\n  metadata: {name: data}\n  spec: {accessModes: [ReadWriteMany]}\n',
      }).survey.claims,
    ),
    expected,
  )
})

survey('namespaces that inject a sidecar', () => {
  const namespace = (name: string, kind: string, mark: string): string => `---\nkind: Namespace\nmetadata:\n  name: ${name}\n  ${kind}:\n    ${mark}\n`
  const { injectedNamespaces } = of({
    'a.yaml': [
      namespace('istio', 'labels', 'istio-injection: enabled'),
      namespace('rev', 'labels', 'istio.io/rev: asm-1'),
      namespace('linkerd', 'annotations', 'linkerd.io/inject: enabled'),
      namespace('kuma', 'labels', 'kuma.io/sidecar-injection: "enabled"'),
      namespace('quoted', 'annotations', 'linkerd.io/inject: "true"'),
      namespace('off', 'labels', 'istio-injection: disabled\n    istio.io/rev: x'),
      namespace('none', 'labels', 'pod-security.kubernetes.io/enforce: restricted'),
      namespace('ambient', 'labels', 'istio.io/dataplane-mode: ambient'),
    ].join(''),
    'b.json': JSON.stringify({ kind: 'Namespace', metadata: { name: 'json', labels: { 'istio-injection': 'enabled' } } }),
  }).survey
  assert.equal(plain(injectedNamespaces), {
    istio: 'istio-injection: enabled',
    rev: 'istio.io/rev: asm-1',
    linkerd: 'linkerd.io/inject: enabled',
    kuma: 'kuma.io/sidecar-injection: enabled',
    json: 'istio-injection: enabled',
  })
})

survey('scripts that call what only root may run', () => {
  const found: readonly (readonly [string, string, string | undefined])[] = [
    ['init.sh', 'set -e\nchown -R 999 /data\n', 'chown'],
    ['init.sh', 'mkdir /x && /bin/chown 1 /x', 'chown'],
    ['init.sh', 'if true; then apt-get update; fi', 'apt-get'],
    ['init.sh', 'exec gosu redis redis-server', 'gosu'],
    ['init.sh', 'A=1 B="2" sysctl -w x=1', 'sysctl'],
    ['init.sh', 'x=$(sudo id)', 'sudo'],
    ['init.sh', '# chown is not needed\necho "no chown here"', undefined],
    ['init.sh', 'echo chowned; ls mount', undefined],
    ['run', '#!/bin/sh\r\ncase $1 in a) mount -a;; esac\r\n', 'mount'],
    ['run', '#!/usr/bin/env bash\nset -e; su - postgres', 'su'],
    ['run.py', '#!/usr/bin/env python3\nimport subprocess\n# chown\nsubprocess.run(["chown", "-R"])', 'chown'],
    ['run.py', '#!/usr/bin/env python3\nchown = 1', undefined],
    ['cmd', 'chown -R 1000 /data', 'chown'],
    ['user-data', '  apt-get install -y curl', 'apt-get'],
    ['nginx.conf', 'user nginx; # chown\nworker_processes 1;', undefined],
    ['nginx.conf', 'user nginx;\n# chown -R nginx /x\n', undefined],
    ['logrotate.conf', '/var/log/x {\n  su root adm\n}', undefined],
    ['readme', 'mount the volume first\n', undefined],
    ['fstab', 'mount -t nfs a /b', 'mount'],
    ['app.properties', 'sudo = false\nyum=1\nchown: x', undefined],
  ]
  for (const [key, value, verb] of found) assert.is(rootScript({ [key]: value }), verb, `${key}: ${value}`)
  assert.is(rootScript({ 'a.sh': 7, 'b.sh': null }), undefined)
})

survey('ConfigMaps and Secrets with such scripts, by namespace and name', () => {
  const base64 = Buffer.from('#!/bin/sh\nchown 1 /x\n').toString('base64')
  const { rootScripts } = of({
    'a.yaml': 'kind: ConfigMap\nmetadata:\n  name: init\n  namespace: db\ndata:\n  x.conf: a\n  init.sh: |\n    chown 1 /x\n',
    'b.yaml': `kind: Secret\nmetadata: {name: hidden}\ndata:\n  run: ${base64}\n---\nkind: Secret\nmetadata: {name: open}\nstringData:\n  run.sh: "useradd x"\n`,
    'c.yaml': 'kind: ConfigMap\nmetadata: {name: harmless}\ndata:\n  nginx.conf: "user nginx; # chown"\n',
    'd.yaml': 'kind: ConfigMap\nmetadata: {name: broken}\ndata: {init.sh: "chown 1 /x"\n',
    'e.yaml': 'kind: Deployment\nmetadata: {name: init}\nspec:\n  command: chown\n',
  }).survey
  assert.equal(plain(rootScripts), {
    'db/init': { verb: 'chown', file: 'a.yaml' },
    '/hidden': { verb: 'chown', file: 'b.yaml' },
    '/open': { verb: 'useradd', file: 'b.yaml' },
  })
})

survey('OpenShift kinds speak for the files beside them, a DeploymentConfig for its own file only', () => {
  const { openshift } = of({
    'root.yaml': 'apiVersion: apps.openshift.io/v1\nkind: DeploymentConfig\n',
    'a/b/route.yaml': 'kind: Service\n---\napiVersion: route.openshift.io/v1\nkind: Route\n',
    'old/dc.yaml': 'apiVersion: v1\nkind: DeploymentConfig\n',
    'template/t.yaml': 'apiVersion: template.openshift.io/v1\nkind: Template\nobjects:\n- apiVersion: image.openshift.io/v1\n  kind: ImageStream\n',
    'json/scc.json': JSON.stringify({ apiVersion: 'security.openshift.io/v1', kind: 'SecurityContextConstraints' }),
    'knative/route.yaml': 'apiVersion: serving.knative.dev/v1\nkind: Route\n',
    'rbac/role.yaml': 'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nrules:\n- apiGroups: [route.openshift.io]\n  resources: [routes]\n',
  }).survey
  assert.equal([...openshift].sort(), ['a/b', 'a/b/route.yaml', 'json', 'json/scc.json', 'old/dc.yaml', 'root.yaml', 'template', 'template/t.yaml'])
})

survey('kustomizations name the files that are no objects', () => {
  const { patchFiles } = of({
    'o/kustomization.yaml': `resources: [../base, https://example.org/x.yaml]
patches:
- path: p1.yaml
  target: {kind: Deployment}
- patch: |-
    - op: add
- p2.yaml
patchesStrategicMerge:
- ./sub/p3.yaml
- |-
  kind: Deployment
  spec: {}
- {kind: Deployment}
patchesJson6902:
- target: {kind: Deployment}
  path: ../p4.json
configurations: [config.yaml]
`,
    'c/kustomization.yml': 'kind: Component\npatches:\n- path: p5.yaml\n- path: ../o/p1.yaml\n',
    Kustomization: 'patchesStrategicMerge: [p6.yaml, ../outside.yaml, /absolute.yaml]\n',
    'broken/kustomization.yaml': 'patches: [}\n',
    'empty/kustomization.yaml': '',
    'flux/other.yaml': 'kind: Kustomization\npatchesStrategicMerge: [p7.yaml]\n',
  })
  assert.equal(plain(patchFiles), {
    'p6.yaml': 'Kustomization',
    'c/p5.yaml': 'c/kustomization.yml',
    'o/p1.yaml': 'c/kustomization.yml',
    'o/p2.yaml': 'o/kustomization.yaml',
    'o/sub/p3.yaml': 'o/kustomization.yaml',
    'p4.json': 'o/kustomization.yaml',
    'o/config.yaml': 'o/kustomization.yaml',
  })
})

survey('images that a kustomization replaces: directly, through bases and components', () => {
  const { images } = of({
    'base/kustomization.yaml': 'resources:\n- app.yaml\n- db.yaml\n- nested\nimages:\n- name: app\n  newName: registry/app\n',
    'base/nested/kustomization.yaml': 'resources: [n.yaml]\n',
    'prod/kustomization.yaml': 'resources: [../base/]\ncomponents: [../comp]\nimages:\n- name: registry/app\n  newTag: 1.10\n- name: db\n  digest: sha256:abc\n- name: unchanged\n',
    'comp/kustomization.yaml': 'kind: Component\nresources: [extra.yaml]\nimages:\n- {name: side, newTag: v2}\n',
  }).survey
  const app = { name: 'app', newName: 'registry/app', newTag: '1.10' }
  const db = { name: 'db', digest: 'sha256:abc' }
  const side = { name: 'side', newTag: 'v2' }
  const all = [app, side, db]
  assert.equal(images.get('base/app.yaml'), all)
  assert.equal(images.get('base/db.yaml'), all)
  assert.equal(images.get('base/nested/n.yaml'), all)
  assert.equal(images.get('comp/extra.yaml'), [side, { name: 'registry/app', newTag: '1.10' }, db])
  assert.is(images.size, 4)
})

survey('images on which two builds disagree are left out', () => {
  const overlay = (images: string): string => `resources: [../base, own.yaml]\nimages:\n${images}`
  const { images } = of({
    'base/kustomization.yaml': 'bases: []\nresources: [app.yaml]\n',
    'dev/kustomization.yaml': overlay('- {name: app, newTag: dev}\n- {name: same, newTag: "1"}\n- {name: one, newTag: x}\n'),
    'prod/kustomization.yaml': overlay('- {name: app, newTag: v1}\n- {name: same, newTag: "1"}\n'),
  }).survey
  assert.equal(images.get('base/app.yaml'), [{ name: 'same', newTag: '1' }])
  assert.is(images.get('dev/own.yaml')?.length, 3)
  assert.is(images.get('prod/own.yaml')?.length, 2)
})

survey('kustomizations that refer to each other in a circle come to an end', () => {
  const circle = (other: string): string => `resources: [../${other}, x.yaml]\ncomponents: [../c]\nimages: [{name: a, newTag: "1"}]\n`
  assert.ok(
    of({
      'a/kustomization.yaml': circle('b'),
      'b/kustomization.yaml': circle('a'),
      'c/kustomization.yaml': 'kind: Component\ncomponents: [../c, .]\n',
      'top/kustomization.yaml': 'resources: [../a]\n',
    }).survey.images,
  )
})

survey('name and namespace from the text', () => {
  const found: readonly (readonly [string, string, string])[] = [
    ['metadata:\n  name: a\n  namespace: "b"\nspec:\n  name: c', 'a', 'b'],
    ['metadata:\r\n    annotations:\r\n      name: x\r\n\r\n# comment\r\n    name: a # c\r\n', 'a', ''],
    ["metadata: {name: 'a', namespace: b}\n", 'a', 'b'],
    ['metadata:\n  generateName: a-\nspec: {}\n', '', ''],
    ['metadata:\n  name: {{ x }}\n', '', ''],
    ['spec:\n  metadata:\n    name: a\n', '', ''],
    ['metadata:\n  name: &app web\n  namespace: &ns "b"\n', 'web', 'b'],
    ['metadata:\n  name: *app\n', '', ''],
    ['metadata:', '', ''],
    ['metadata:\n  name: a', 'a', ''],
  ]
  for (const [text, name, namespace] of found) assert.equal(metadataOf(text), { name, namespace }, text)
})

survey('broken, huge and hostile texts say nothing and do no harm', () => {
  const bomb = `kind: Namespace\nmetadata: {name: x}\na: &a [x]\n${'bcdefghij'
    .split('')
    .map((key, i) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(', ')}]`)
    .join('\n')}\n`
  const started = performance.now()
  const { survey: facts } = of({
    'bomb.yaml': bomb,
    'huge.yaml': `kind: ConfigMap\nmetadata: {name: x}\ndata:\n  a.sh: |\n${'    chown 1 /x\n'.repeat(200_000)}`,
    'broken.yaml': 'kind: Namespace\n\t- }{\n',
    'broken.json': '{"kind": "Namespace", ',
    'spaces.yaml': `kind: Deployment\nmetadata:\n${' '.repeat(200_000)}\nclaimName${' '.repeat(200_000)}`,
    'proto.yaml': 'kind: Namespace\nmetadata:\n  name: __proto__\n  labels: {__proto__: x, istio-injection: enabled}\n',
    'deep.json': `{"kind":"List","x":"claimName","items":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    'null.yaml': 'kind: Namespace\nmetadata:\n---\nkind: PersistentVolumeClaim\nspec: {accessModes: 7}\n---\nkind: Secret\ndata: [a.sh: chown]\n',
  })
  assert.ok(performance.now() - started < 2000)
  assert.equal([...facts.injectedNamespaces.keys()], ['__proto__'])
  assert.equal([...facts.rootScripts.keys()], [])
})

survey('only facts are kept, no text', () => {
  const builder = startSurvey()
  const name = (index: number): string => `a-rather-long-name-of-a-workload-${index}`
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < 300; i++) builder.add(`f${i}.yaml`, `${workload('Deployment', name(i), name(i))}# ${'x'.repeat(200_000)}${i}\n`)
  assert.is(builder.finish().survey.claims.size, 300)
  const { survey: facts } = builder.finish()
  assert.ok(process.memoryUsage().heapUsed - before < 60 * 200_000, 'kept 60 MB of text')
  assert.ok(facts.claims.has(`/${name(299)}`))
})

survey.run()
