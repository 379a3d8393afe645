/** Sabotage: each kind of damage that the proof must catch, done on purpose. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { manifest } from '../src/languages/manifest/index.ts'
import type { Edit, Language, Lowered, Transform } from '../src/types.ts'
import { hardenWith, simple, wants } from './engine.ts'

const POD = `# the header
apiVersion: v1
kind: Pod
metadata:
  name: a
spec:
  containers:
  - name: a
    image: a:1 # pinned
    # about the port
    ports:
    - containerPort: 8080
---
apiVersion: v1
kind: Pod
metadata:
  name: b
spec:
  containers:
  - name: b # second
    image: b:1
`

/** The manifest language with one thing wrong in the edits it makes. */
function sabotaged(change: (edits: readonly Edit[], lowered: Lowered) => readonly Edit[]): Language {
  return {
    ...manifest,
    lower: (unit, located, wanted) => {
      const lowered = manifest.lower(unit, located, wanted)
      return {
        ...lowered,
        // Only the first of the two documents is damaged; the other must come through.
        patches: lowered.patches.map((patch) =>
          patch.id !== 'a.yaml#0' ? patch : { ...patch, edits: new Map([...patch.edits].map(([file, edits]) => [file, change(edits, lowered)])) },
        ),
      }
    },
  }
}

const sabotage = suite('sabotage')

function caught(codes: readonly string[], change: (edits: readonly Edit[]) => readonly Edit[]): void {
  const result = hardenWith(POD, simple, sabotaged(change))
  assert.ok(result.problems.length > 0, 'the damage was not noticed')
  for (const { code } of result.problems) assert.ok(codes.includes(code), `${code} is none of ${codes.join(', ')}`)
  const output = result.outputs[0]?.text ?? POD
  assert.is(output.slice(0, output.indexOf('---\n')), POD.slice(0, POD.indexOf('---\n')), 'bytes of the damaged document were written')
  for (const finding of result.findings) if (finding.outcome === 'fix') assert.is(finding.object.name, 'b', 'a fix is reported that was not made')
}

sabotage('the proof passes when nothing is wrong', () => {
  const result = hardenWith(POD)
  assert.equal(result.problems, [])
  assert.is(result.outputs.length, 1)
  assert.match(result.outputs[0]?.text ?? '', 'allowPrivilegeEscalation: false')
})

sabotage('an edit off by one byte is caught', () => {
  caught(['UNPLANNED_CHANGE', 'OUTPUT_UNPARSABLE', 'COMMENT_LOST'], (edits) => edits.map((edit, i) => (i === 0 ? { ...edit, start: edit.start + 1, end: edit.end + 1 } : edit)))
  caught(['UNPLANNED_CHANGE', 'OUTPUT_UNPARSABLE', 'COMMENT_LOST'], (edits) => edits.map((edit, i) => (i === 0 ? { ...edit, start: edit.start - 1, end: edit.end - 1 } : edit)))
})

sabotage('a lost comment is caught', () => {
  const at = POD.indexOf(' # pinned')
  caught(['COMMENT_LOST'], (edits) => [...edits, { start: at, end: at + ' # pinned'.length, text: '' }])
})

sabotage('a comment moved to another line is caught', () => {
  const at = POD.indexOf('    # about the port\n')
  caught(['COMMENT_LOST'], (edits) => [
    ...edits,
    { start: at, end: at + '    # about the port\n'.length, text: '' },
    { start: POD.indexOf('---\n'), end: POD.indexOf('---\n'), text: '    # about the port\n' },
  ])
})

sabotage('a field that nobody planned is caught', () => {
  const at = POD.indexOf('    ports:')
  caught(['UNPLANNED_CHANGE'], (edits) => [...edits, { start: at, end: at, text: '    tty: true\n' }])
})

sabotage('a missing edit is caught', () => {
  caught(['UNPLANNED_CHANGE', 'NOT_STABLE'], (edits) => edits.slice(1))
})

sabotage('a value changed outside the plan is caught', () => {
  const at = POD.indexOf('8080')
  caught(['UNPLANNED_CHANGE'], (edits) => [...edits, { start: at, end: at + 4, text: '8081' }])
})

sabotage('edits that overlap are caught', () => {
  caught(['OVERLAPPING_EDITS'], (edits) => [...edits, { start: 0, end: 20, text: '# the header\napiVersi' }, { start: 10, end: 14, text: POD.slice(10, 14) }])
})

sabotage('an edit that breaks the document is caught', () => {
  const at = POD.indexOf('    image')
  caught(['OUTPUT_UNPARSABLE'], (edits) => [...edits, { start: at, end: at + 4, text: '\t' }])
})

sabotage('a transform that never has enough is caught', () => {
  const greedy: Transform = wants('greedy', ['spec.containers[*].args'], (pod) =>
    pod.containers.map((container) => [{ op: 'append', path: [...container.path, 'args'], value: 'more' }]),
  )
  const result = hardenWith(POD, [...simple, greedy])
  assert.ok(result.problems.some(({ code }) => code === 'NOT_STABLE'))
  assert.equal(result.outputs, [])
})

sabotage('a transform that changes an undeclared field is caught', () => {
  const sneaky: Transform = wants('sneaky', ['spec.securityContext'], (pod) => pod.containers.map((container) => [{ op: 'set', path: [...container.path, 'tty'], value: true }]))
  const result = hardenWith(POD, [sneaky])
  assert.ok(result.problems.every(({ code }) => code === 'UNDECLARED_FIELD') && result.problems.length === 2)
  assert.equal(result.outputs, [])
})

sabotage('two transforms that want different values are told apart by name', () => {
  const one = wants('one', ['spec.volumes'], () => [[{ op: 'append', path: ['spec', 'volumes'], value: { name: 'tmp', emptyDir: {} }, key: 'name' }]])
  const two = wants('two', ['spec.volumes'], () => [[{ op: 'append', path: ['spec', 'volumes'], value: { name: 'tmp', hostPath: { path: '/' } }, key: 'name' }]])
  const result = hardenWith(POD, [one, two])
  assert.match(result.problems[0]?.message ?? '', /two .*spec\.volumes.*different-value/)
})

sabotage('a problem of one document leaves the other documents their edits', () => {
  const result = hardenWith(
    POD,
    simple,
    sabotaged((edits) => edits.slice(1)),
  )
  assert.match(result.outputs[0]?.text ?? '', /name: b # second\n {4}image: b:1\n {4}securityContext:/)
})

/** What every test of bad input asks: the trouble is named, with place and next step, and nothing of it is written. */
function mustReport(language: Language): void {
  const broken = `${POD}---\napiVersion: v1\nkind: Pod\nmetadata: {name: c\nspec: {containers: [{image: c}]}\n`
  const { problems, outputs } = hardenWith(broken, simple, language)
  const problem = problems.find(({ code }) => code === 'UNPARSABLE')
  assert.ok(problem !== undefined && (problem.line ?? 0) > 21 && problem.hint !== '', 'a problem was swallowed')
  assert.ok(outputs[0]?.text.endsWith(broken.slice(broken.lastIndexOf('---'))), 'the broken document has changed')
}

sabotage('a swallowed problem is caught', () => {
  mustReport(manifest)
  let caughtIt = false
  try {
    mustReport({ ...manifest, locate: (unit) => ({ ...manifest.locate(unit), problems: [] }) })
  } catch {
    // uvu's own `throws` passes failed assertions on.
    caughtIt = true
  }
  assert.ok(caughtIt, 'nobody noticed')
})

sabotage.run()
