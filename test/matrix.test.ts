/**
 * Sabotage of the matrix: rewrites with one thing wrong, done on purpose. Each kind of damage is done twice where
 * that makes a difference: by a rewrite that tells of it in its edits, and by one that keeps it secret.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse, stringify } from 'yaml'
import type { Edit, Finding, FixFinding } from '../src/types.ts'
import { judge, questions, type Rewrite, type Rewritten, subjectOf } from './matrix.ts'

const POD = `# what this is for
apiVersion: v1
kind: Pod
metadata:
  name: tiny
  labels: &labels {app: tiny}
spec:
  containers:
  - name: one   # first
    image: registry.example/one:1
    # about the port
    ports:
    - containerPort: 8080

  - name: two
    image: registry.example/two:1 # pinned
    tty: true
  # about the host name
  hostname: tiny
`
const FLOW = POD.replace('    image: registry.example/two:1 # pinned\n    tty: true\n', '    image: registry.example/two:1 # pinned\n    command: [sleep, "60"]\n')

// ---- a rewrite without fault ---------------------------------------------------------------------------

/** Puts `allowPrivilegeEscalation: false` below every `image:` that has no securityContext after it. */
const tiny: Rewrite = (text) => {
  const body = text.replace(/^\uFEFF/, '')
  const eol = body.includes('\r\n') ? '\r\n' : '\n'
  const edits: Edit[] = []
  const findings: FixFinding[] = []
  for (const [i, image] of [...body.matchAll(/^( *)image: [^\r\n]*(\r?\n|(?![\s\S]))(?! *securityContext)/gm)].entries()) {
    const column = image[1] ?? ''
    const at = image.index + image[0].length
    const lines = `${column}securityContext:${eol}${column}  allowPrivilegeEscalation: false`
    edits.push({ start: at, end: at, text: image[2] === '' ? eol + lines : lines + eol })
    findings.push(finding(`spec.containers[${i}].securityContext.allowPrivilegeEscalation`, false))
  }
  return answer(text, edits, findings)
}

function finding(path: string, proposed: FixFinding['fields'][number]['proposed'], kind = 'Pod'): FixFinding {
  return {
    transform: 'tiny',
    object: { apiVersion: 'v1', kind, name: 'tiny' },
    field: path,
    message: 'tiny',
    place: { file: 'a.yaml', span: { start: 0, end: 0 } },
    line: 1,
    column: 1,
    related: [],
    fingerprint: path,
    outcome: 'fix',
    grade: 'certain',
    fields: [{ path, proposed, grade: 'certain', because: 'the test says so' }],
    stage: 1,
    patch: 'a.yaml#0',
    proof: 'verified',
  }
}

/** An answer that is true to its edits. */
function answer(before: string, edits: readonly Edit[], findings: readonly Finding[]): Rewritten {
  const mark = before.startsWith('\uFEFF') ? '\uFEFF' : ''
  const body = before.slice(mark.length)
  const ordered = edits
    .map((edit, i) => ({ edit, i }))
    .sort((a, b) => a.edit.start - b.edit.start || a.i - b.i)
    .map(({ edit }) => edit)
  let text = mark
  let at = 0
  for (const { start, end, text: inserted } of ordered) {
    text += body.slice(at, start) + inserted
    at = end
  }
  text += body.slice(at)
  return { text, changed: text !== before, findings, problems: [], edits: ordered }
}

/** `tiny` with more edits, all of them told. */
function alsoEdits(more: (body: string) => readonly (Edit | undefined)[], findings: readonly FixFinding[] = []): Rewrite {
  return (text) => {
    const good = tiny(text)
    const added = good.changed ? more(text.replace(/^\uFEFF/, '')).filter((edit) => edit !== undefined) : []
    return answer(text, [...good.edits, ...added], good.changed ? [...good.findings, ...findings] : good.findings)
  }
}

/** `tiny` with its text changed in secret. */
function secretly(change: (text: string) => string): Rewrite {
  return (text) => {
    const good = tiny(text)
    return good.changed ? { ...good, text: change(good.text) } : good
  }
}

function replaced(body: string, old: string, text: string): Edit | undefined {
  const start = body.indexOf(old)
  return start === -1 ? undefined : { start, end: start + old.length, text }
}

function insertedBefore(body: string, mark: string, text: string): Edit | undefined {
  const start = body.indexOf(mark)
  return start === -1 ? undefined : { start, end: start, text: body.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text }
}

// ---- the tests -----------------------------------------------------------------------------------------

const matrix = suite('matrix')

/** The damage is seen, and by (at least) these questions. */
function caught(ids: readonly string[], rewrite: Rewrite, before = POD): void {
  const complaints = judge(subjectOf(before, rewrite))
  const seen = new Set(complaints.map((complaint) => complaint.slice(0, complaint.indexOf(':'))))
  for (const id of ids) {
    assert.ok(
      questions.some((question) => question.id === id),
      `there is a question ${id}`,
    )
    assert.ok(seen.has(id), `"${id}" does not see it; seen by ${[...seen].join(', ') || 'none'}\n${complaints.join('\n')}`)
  }
  assert.ok(ids.length > 0)
}

/** `tiny` takes the line end of the file; this one always writes LF. */
const withLf: Rewrite = (text) => {
  const good = tiny(text)
  return answer(
    text,
    good.edits.map((edit) => ({ ...edit, text: edit.text.replaceAll('\r\n', '\n') })),
    good.findings,
  )
}

const fine: Readonly<Record<string, readonly [string, Rewrite]>> = {
  LF: [POD, tiny],
  'CR LF': [POD.replaceAll('\n', '\r\n'), tiny],
  'a byte order mark': [`\uFEFF${POD}`, tiny],
  'no final newline': [POD.replace(/\n$/, ''), tiny],
  'an image at the very end': [POD.slice(0, POD.indexOf(' # pinned')), tiny],
  'line ends of both kinds': [POD.replace('tty: true\n', 'tty: true\r\n'), withLf],
  'a flow list that is not edited': [FLOW, tiny],
}

for (const [name, [before, rewrite]] of Object.entries(fine)) {
  matrix(`nothing is wrong with a good rewrite: ${name}`, () => {
    const subject = subjectOf(before, rewrite)
    assert.is(judge(subject).join('\n'), '')
    assert.ok(subject.after.changed)
  })
}

matrix('a dropped comment is seen, told or not', () => {
  caught(
    ['comments', 'lines', 'small'],
    alsoEdits((body) => [replaced(body, '    # about the port\n', '')]),
  )
  caught(
    ['comments', 'lines'],
    alsoEdits((body) => [replaced(body, ' # pinned', '')]),
  )
  caught(
    ['comments', 'edits'],
    secretly((text) => text.replace(' # pinned', '')),
  )
  caught(
    ['comments', 'edits'],
    secretly((text) => text.replace(/ *# about the port\r?\n/, '')),
  )
})

matrix('a comment that moves or is new is seen', () => {
  caught(
    ['comments', 'lines'],
    alsoEdits((body) => [replaced(body, '    # about the port\n', ''), insertedBefore(body, '  hostname', '    # about the port\n')]),
  )
  caught(
    ['comments'],
    alsoEdits((body) => [insertedBefore(body, '  hostname', '  # hardened\n')]),
  )
})

matrix('CR LF that becomes LF is seen, in old lines and in new ones', () => {
  const crlf = POD.replaceAll('\n', '\r\n')
  caught(
    ['edits', 'line-ends', 'lines'],
    secretly((text) => text.replaceAll('\r\n', '\n')),
    crlf,
  )
  caught(['line-ends'], withLf, crlf)
  caught(['crlf'], withLf)
  caught(
    ['edits', 'line-ends', 'lines'],
    secretly((text) => text.replace('kind: Pod\r\n', 'kind: Pod\n')),
    crlf,
  )
})

matrix('LF that becomes CR LF is seen', () => {
  const wrong: Rewrite = (text) => {
    const good = tiny(text)
    return answer(
      text,
      good.edits.map((edit) => ({ ...edit, text: edit.text.replaceAll(/\r?\n/g, '\r\n') })),
      good.findings,
    )
  }
  caught(['line-ends', 'crlf'], wrong)
  caught(
    ['edits', 'line-ends'],
    secretly((text) => text.replaceAll(/\r?\n/g, '\r\n')),
  )
})

matrix('new lines that end unlike their neighbours in a file of both are seen', () => {
  caught(['line-ends'], tiny, POD.replace('tty: true\n', 'tty: true\r\n'))
})

matrix('a field that nobody planned is seen', () => {
  caught(
    ['fields'],
    alsoEdits((body) => [insertedBefore(body, '  hostname', '  hostNetwork: false\n')]),
  )
  caught(
    ['fields'],
    alsoEdits((body) => [insertedBefore(body, '    # about the port', '    stdin: true\n')]),
  )
  caught(
    ['fields', 'edits'],
    secretly((text) => text.replace('  hostname: tiny', '  subdomain: a\n  hostname: tiny')),
  )
})

matrix('a value that is not the planned one is seen', () => {
  const wrong: Rewrite = (text) => {
    const good = tiny(text)
    return answer(
      text,
      good.edits.map((edit) => ({ ...edit, text: edit.text.replace('false', 'true') })),
      good.findings,
    )
  }
  caught(['fields'], wrong)
})

matrix('a changed or removed value is seen', () => {
  caught(
    ['fields'],
    alsoEdits((body) => [replaced(body, '8080', '8081')]),
  )
  caught(
    ['fields', 'small', 'lines'],
    alsoEdits((body) => [replaced(body, '    tty: true\n', '')]),
  )
})

matrix('a planned field that was not written is seen', () => {
  caught(
    ['fields'],
    alsoEdits(() => [], [finding('spec.securityContext.runAsNonRoot', true)]),
  )
  const half: Rewrite = (text) => {
    const good = tiny(text)
    return answer(text, good.edits.slice(0, 1), good.findings)
  }
  caught(['fields'], half)
})

matrix('a planned field at the wrong place is seen', () => {
  const deployment = `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: tiny\nspec:\n  template:\n    spec:\n      containers:\n      - name: one\n        image: registry.example/one:1\n        securityContext: {allowPrivilegeEscalation: false}\n`
  const place =
    (mark: string, text: string): Rewrite =>
    (before) => {
      if (before.includes('runAsNonRoot')) return answer(before, [], [])
      const at = before.replace(/^\uFEFF/, '').indexOf(mark)
      return answer(
        before,
        [{ start: at, end: at, text: before.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text }],
        [finding('spec.securityContext.runAsNonRoot', true, 'Deployment')],
      )
    }
  assert.is(judge(subjectOf(deployment, place('      containers', '      securityContext:\n        runAsNonRoot: true\n'))).join('\n'), '')
  caught(['fields'], place('  template', '  securityContext:\n    runAsNonRoot: true\n'), deployment)
  caught(['fields'], place('        securityContext', '        runAsNonRoot: true\n'), deployment)
})

matrix('an edit of another document is seen', () => {
  const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\ndata:\n  a: b\n'
  caught(
    ['fields'],
    alsoEdits((body) => [insertedBefore(body, '  a: b', '  c: d\n')]),
    `${other}---\n${POD}`,
  )
  caught(
    ['fields'],
    alsoEdits((body) => [replaced(body, '---\n', '')]),
    `${other}---\n${POD}`,
  )
})

matrix('text that is off by one byte is seen', () => {
  const shifted =
    (by: number): Rewrite =>
    (text) => {
      const good = tiny(text)
      return {
        ...answer(
          text,
          good.edits.map((edit) => ({ ...edit, start: edit.start + by, end: edit.end + by })),
          good.findings,
        ),
        edits: good.edits,
      }
    }
  caught(['edits'], shifted(1))
  caught(['edits'], shifted(-1))
  const told =
    (by: number): Rewrite =>
    (text) => {
      const good = tiny(text)
      return answer(
        text,
        good.edits.map((edit) => ({ ...edit, start: edit.start + by, end: edit.end + by })),
        good.findings,
      )
    }
  caught(['lines'], told(1))
  caught(['lines'], told(-1))
  caught(
    ['edits', 'lines'],
    secretly((text) => text.replace('  hostname', ' hostname')),
  )
  caught(
    ['edits', 'lines'],
    secretly((text) => text.replace('# first', ' # first')),
  )
  caught(
    ['edits'],
    secretly((text) => text.replace('allowPrivilegeEscalation', 'allowPrivilegeEscalatioN')),
  )
})

matrix('an indentation that is off by one is seen', () => {
  const wrong: Rewrite = (text) => {
    const good = tiny(text)
    return answer(
      text,
      good.edits.map((edit) => ({ ...edit, text: edit.text.replaceAll(/^ {4}(?=s)/gm, '   ') })),
      good.findings,
    )
  }
  caught(['fields'], wrong)
})

matrix('a final newline that comes or goes is seen, told or not', () => {
  const bare = POD.replace(/\n$/, '')
  caught(
    ['end', 'edits'],
    secretly((text) => `${text}\n`),
    bare,
  )
  caught(
    ['end', 'edits'],
    secretly((text) => text.replace(/\r?\n$/, '')),
  )
  caught(
    ['end'],
    alsoEdits((body) => [{ start: body.length, end: body.length, text: '\n' }]),
    bare,
  )
  caught(
    ['end'],
    alsoEdits((body) => [{ start: body.length, end: body.length, text: '\n' }]),
  )
  caught(
    ['end', 'small'],
    alsoEdits((body) => [replaced(body, 'hostname: tiny\n', 'hostname: tiny')]),
  )
})

matrix('a rewrite that is not idempotent is seen', () => {
  const again: Rewrite = (text) => {
    const body = text.replace(/^\uFEFF/, '')
    const eol = body.includes('\r\n') ? '\r\n' : '\n'
    const at = body.indexOf('  hostname')
    return answer(text, [{ start: at, end: at, text: `  volumes:${eol}  - emptyDir: {}${eol}` }], [finding('spec.volumes', { emptyDir: {} })])
  }
  caught(['again'], again)
  const wishes: Rewrite = (text) => ({
    ...tiny(text),
    findings: [finding('spec.containers[0].securityContext.allowPrivilegeEscalation', false), finding('spec.containers[1].securityContext.allowPrivilegeEscalation', false)],
  })
  caught(['again'], wishes)
})

matrix('one edit for the whole file is seen', () => {
  const whole: Rewrite = (text) => {
    const good = tiny(text)
    const body = text.replace(/^\uFEFF/, '')
    return good.changed ? answer(text, [{ start: 0, end: body.length, text: good.text.replace(/^\uFEFF/, '') }], good.findings) : good
  }
  caught(['small'], whole)
})

matrix('printing the parsed text again is seen', () => {
  const printed: Rewrite = (text) => {
    const good = tiny(text)
    const body = text.replace(/^\uFEFF/, '')
    return good.changed ? answer(text, [{ start: 0, end: body.length, text: stringify(parse(good.text)) }], good.findings) : good
  }
  caught(['small', 'comments', 'anchors'], printed)
})

matrix('lines in another order are seen', () => {
  caught(
    ['edits', 'lines'],
    secretly((text) => text.replace(/(apiVersion: v1\r?\n)(kind: Pod\r?\n)/, '$2$1')),
  )
})

matrix('a flow collection that is edited excuses its own line only', () => {
  const into: Rewrite = alsoEdits((body) => [insertedBefore(body, ', "60"', ', x')])
  const complaints = judge(subjectOf(FLOW, into))
  assert.not.ok(
    complaints.some((complaint) => complaint.startsWith('lines')),
    complaints.join('\n'),
  )
  caught(['fields'], into, FLOW)
  caught(
    ['lines'],
    alsoEdits((body) => [insertedBefore(body, ', "60"', ', x'), insertedBefore(body, ' # pinned', '0')]),
    FLOW,
  )
})

matrix('brackets in text and comments are no flow collections', () => {
  const before = POD.replace('# about the port', '# about [the port').replace('name: one ', "name: 'one' ").replace('tty: true', 'workingDir: /a{b')
  assert.is(judge(subjectOf(before, tiny)).join('\n'), '')
  caught(
    ['lines'],
    alsoEdits((body) => [insertedBefore(body, 'b\n  # about', 'x')]),
    before,
  )
})

matrix('blanks at a line end and tabs are seen', () => {
  const blanks =
    (end: string): Rewrite =>
    (text) => {
      const good = tiny(text)
      return answer(
        text,
        good.edits.map((edit) => ({ ...edit, text: edit.text.replace('securityContext:', `securityContext:${end}`) })),
        good.findings,
      )
    }
  caught(['blanks'], blanks(' '))
  caught(['blanks'], blanks('\t'))
  caught(['blanks'], blanks(' \t# x'))
  const braces = POD.replace('    tty: true', '    securityContext: {}')
  caught(
    ['blanks'],
    (text) => {
      const edit = replaced(text.replace(/^\uFEFF/, ''), '{}', text.includes('\r\n') ? '\r\n      privileged: false' : '\n      privileged: false')
      return edit === undefined ? answer(text, [], []) : answer(text, [edit], [finding('spec.containers[1].securityContext.privileged', false)])
    },
    braces,
  )
})

matrix('a byte order mark that comes, goes or doubles is seen', () => {
  caught(
    ['edits'],
    secretly((text) => text.replace(/^\uFEFF/, '')),
    `\uFEFF${POD}`,
  )
  caught(
    ['bom'],
    secretly((text) => text.replace(/^\uFEFF/, '')),
  )
  caught(
    ['edits'],
    secretly((text) => `\uFEFF${text}`),
  )
  caught(
    ['edits'],
    secretly((text) => `\uFEFF${text}`),
    `\uFEFF${POD}`,
  )
})

matrix('a rewrite that only works without a mark, or only with LF, is seen', () => {
  caught(['bom'], (text) => (text.startsWith('\uFEFF') ? answer(text, [], []) : tiny(text)))
  caught(['crlf'], (text) => (text.includes('\r') ? answer(text, [], []) : tiny(text)))
})

matrix('a lost anchor is seen', () => {
  caught(
    ['anchors', 'lines'],
    alsoEdits((body) => [replaced(body, '&labels', '')]),
  )
})

matrix('a value behind an alias counts where it is used', () => {
  const shared = `apiVersion: v1\nkind: Pod\nmetadata:\n  name: tiny\nspec:\n  containers:\n  - name: one\n    resources: &r\n      limits: {}\n    image: registry.example/one:1\n    securityContext: {allowPrivilegeEscalation: false}\n  - name: two\n    resources: *r\n    image: registry.example/two:1\n    securityContext: {allowPrivilegeEscalation: false}\n`
  const at = shared.indexOf('      limits')
  const rewrite =
    (paths: readonly string[]): Rewrite =>
    (text) => {
      if (text.includes('claims')) return answer(text, [], [])
      const line = `      claims: 1${text.includes('\r\n') ? '\r\n' : '\n'}`
      const start = text.replace(/^\uFEFF/, '').indexOf('      limits')
      return answer(
        text,
        [{ start, end: start, text: line }],
        paths.map((path) => finding(path, 1)),
      )
    }
  assert.ok(at > 0)
  assert.is(judge(subjectOf(shared, rewrite(['spec.containers[0].resources.claims', 'spec.containers[1].resources.claims']))).join('\n'), '')
  caught(['fields'], rewrite(['spec.containers[0].resources.claims']), shared)
})

matrix('an answer that says unchanged, or changed, wrongly is seen', () => {
  caught(['edits'], (text) => ({ ...tiny(text), changed: false }))
  caught(['edits'], (text) => ({ text, changed: true, findings: [], problems: [], edits: [] }))
})

matrix('edits out of order or out of the text are seen', () => {
  caught(['edits'], (text) => {
    const good = tiny(text)
    return { ...good, edits: [...good.edits].reverse() }
  })
  caught(['edits'], (text) => {
    const good = tiny(text)
    return { ...good, edits: good.edits.map((edit) => ({ ...edit, start: edit.start + 9999, end: edit.end + 9999 })) }
  })
})

matrix('output that is no YAML any more is seen', () => {
  caught(
    ['fields'],
    alsoEdits((body) => [insertedBefore(body, '  hostname', '   bad: [\n')]),
  )
})

matrix.run()
