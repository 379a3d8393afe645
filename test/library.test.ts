/** The library as its types describe it: what evaluate and plan give, what is refused, and that each name is explained. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Node, Project } from 'ts-morph'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluate, harden, plan } from '../src/index.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const library = suite('library')

const pod = (name: string, more = ''): string => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n${more}spec:\n  containers:\n  - name: ${name}\n    image: nginx:1.27\n`
const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } }

library('evaluate judges every workload of a text, with its line, at the level and version asked for', () => {
  const { workloads, problems } = evaluate(`${pod('a')}---\n${pod('b').replace('image:', 'securityContext: {privileged: true}\n    image:')}`, {
    level: 'baseline',
    pssVersion: 'v1.30',
  })
  assert.equal(problems, [])
  assert.equal(
    workloads.map(({ object: { name }, line, level, version, allowed, violations }) => [name, line, level, version, allowed, violations.map(({ check }) => check)]),
    [
      ['a', 1, 'baseline', 'v1.30', true, []],
      ['b', 10, 'baseline', 'v1.30', false, ['privileged']],
    ],
  )
})

library('evaluate says the same of an object and of its text, and of the items of a list', () => {
  const [ofObject] = evaluate(object).workloads
  const [ofText] = evaluate(JSON.stringify(object)).workloads
  assert.equal({ ...ofObject, line: 1 }, ofText)
  assert.is(ofObject?.level, 'restricted')
  assert.is(ofObject?.allowed, false)
  assert.is(evaluate({ apiVersion: 'v1', kind: 'List', items: [object, object] }).workloads.length, 2)
  assert.is(evaluate(harden(object, { atLeast: 'assumed' }).object).workloads[0]?.allowed, true)
  assert.equal(evaluate({ apiVersion: 'v1', kind: 'Service' }), { workloads: [], problems: [], notes: [] })
})

library('evaluate knows kinds of your own, in either form', () => {
  const app = { apiVersion: 'example.com/v1', kind: 'App', metadata: { name: 'x' }, spec: { template: { spec: object.spec } } }
  const workloads = [{ group: 'example.com', kind: 'App', path: 'spec.template.spec', fields: 'both' }] as const
  for (const given of [app, JSON.stringify(app)]) {
    assert.is(evaluate(given).workloads.length, 0)
    assert.is(evaluate(given, { workloads }).workloads.length, 1)
  }
})

library('trouble with a text is a problem of all three, an unknown value of an option is thrown by all three', () => {
  for (const ask of [harden, plan, evaluate] as readonly ((text: string, options?: object) => { problems: readonly { code: string; file: string }[] })[]) {
    assert.equal(
      ask('a\rb\n', { path: 'x.yaml' }).problems.map(({ code, file }) => [code, file]),
      [['LINE_BREAKS', 'x.yaml']],
    )
    assert.throws(
      () => ask('', { pssVersion: '1.30' }),
      (error: unknown) => error instanceof TypeError && error.message === 'podharden: pssVersion must be latest or v1.N, not "1.30"',
    )
    assert.throws(() => ask('', { level: 'strict' }), TypeError)
  }
})

library('bytes of another realm are bytes', () => {
  const bytes = new Uint8Array([...new TextEncoder().encode(pod('a'))])
  Object.setPrototypeOf(bytes, Object.create(Object.getPrototypeOf(Uint8Array.prototype)))
  assert.is(bytes instanceof Uint8Array, false)
  assert.is(evaluate(bytes).workloads.length, 1)
})

library('plan names the changes that harden makes, and leaves alone what harden does', () => {
  const made = plan(pod('web'), { atLeast: 'likely' })
  const done = harden(pod('web'), { atLeast: 'likely' })
  assert.equal(made.findings, done.findings)
  assert.ok((made.changes[0]?.changes.length ?? 0) > 5)
  const owned = pod('web-x', '  ownerReferences:\n  - {apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: "1", controller: true}\n')
  const skipped = pod('web', '  annotations:\n    podharden.io/skip: "drop-all-capabilites: misspelt"\n')
  for (const text of [owned, skipped]) {
    const planned = plan(text, { atLeast: 'likely' })
    const hardened = harden(text, { atLeast: 'likely' })
    assert.equal(planned.findings, hardened.findings)
    assert.equal(planned.notes, hardened.notes)
    assert.ok(planned.notes.length > 0)
    assert.is(planned.changes.length > 0, hardened.changed)
  }
})

library('every name of the doors is explained', () => {
  const project = new Project({ tsConfigFilePath: join(root, 'tsconfig.json'), skipAddingFilesFromTsConfig: true })
  const missing: string[] = []
  for (const door of ['src/index.ts', 'src/cdk8s.ts', 'src/cdk8s-validation.ts'])
    for (const [name, declarations] of project.addSourceFileAtPath(join(root, door)).getExportedDeclarations())
      for (const declaration of declarations) {
        // An overload is explained by the first.
        const documented = Node.isVariableDeclaration(declaration)
          ? declaration.getVariableStatement()
          : Node.isFunctionDeclaration(declaration)
            ? (declaration.getOverloads()[0] ?? declaration)
            : declaration
        if (Node.isJSDocable(documented) && documented.getJsDocs().length === 0) missing.push(`${door}: ${name}`)
      }
  assert.equal([...new Set(missing)], [])
})

library.run()
