/** Edits, lines and diffs, on small texts. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quotedName, unifiedDiff } from '../src/text/diff.ts'
import { applyEdits, editedSpans, misplacedEdit, orderEdits, shifter } from '../src/text/edits.ts'
import { lineBreakNear, lineEnd, lineStart, nextLine, positions } from '../src/text/lines.ts'
import type { Edit } from '../src/types.ts'

const edits = suite('edits')

edits('insertions at one offset: deepest first, then as given, before a replacement', () => {
  const list: Edit[] = [
    { start: 1, end: 2, text: 'R' },
    { start: 1, end: 1, text: 'a', depth: 1 },
    { start: 1, end: 1, text: 'b', depth: 3 },
    { start: 1, end: 1, text: 'c', depth: 3 },
  ]
  assert.is(applyEdits('xyz', orderEdits(list)), 'xbcaRz')
})

edits('overlaps and edits outside of the text are found', () => {
  assert.is(
    misplacedEdit(
      orderEdits([
        { start: 0, end: 2, text: '' },
        { start: 1, end: 3, text: '' },
      ]),
      5,
    )?.start,
    1,
  )
  assert.is(misplacedEdit(orderEdits([{ start: 4, end: 6, text: '' }]), 5)?.start, 4)
  assert.is(
    misplacedEdit(
      orderEdits([
        { start: 0, end: 2, text: '' },
        { start: 2, end: 3, text: '' },
      ]),
      5,
    ),
    undefined,
  )
})

edits('offsets move with the text before them', () => {
  const ordered = orderEdits([
    { start: 2, end: 2, text: 'ab' },
    { start: 4, end: 6, text: '' },
  ])
  const shift = shifter(ordered)
  assert.equal([0, 1, 2, 3, 6, 7].map(shift), [0, 1, 4, 5, 6, 7])
  assert.equal(editedSpans(ordered), [
    { start: 2, end: 4 },
    { start: 6, end: 6 },
  ])
})

const lines = suite('lines')

lines('starts, ends and line breaks', () => {
  const text = 'ab\r\ncd\nef'
  assert.equal(
    [0, 2, 4, 8].map((at) => lineStart(text, at)),
    [0, 0, 4, 7],
  )
  assert.equal(
    [0, 4, 7].map((at) => lineEnd(text, at)),
    [2, 6, 9],
  )
  assert.equal(
    [0, 4, 7].map((at) => nextLine(text, at)),
    [4, 7, 9],
  )
  assert.equal(
    [0, 4, 7, 9].map((at) => lineBreakNear(text, at)),
    ['\r\n', '\r\n', '\n', '\n'],
  )
  assert.equal(positions(text)(5), { line: 2, column: 2 })
})

const diffs = suite('diffs')

const text = fc.array(fc.constantFrom('a', 'b', 'c', ' x', '', 'é'), { maxLength: 30 }).chain((list) => fc.constantFrom('\n', '\r\n').map((eol) => list.join(eol)))
const random = text.chain((of) =>
  fc.tuple(fc.constant(of), fc.boolean(), fc.array(fc.tuple(fc.nat(of.length), fc.nat(3), fc.constantFrom('', 'new', 'new\n', 'one\ntwo\n', '\nlast')), { maxLength: 4 })),
)

diffs('git apply and patch turn the old text into the new one, for any edits', () => {
  const folder = mkdtempSync(join(tmpdir(), 'podharden-diff-'))
  try {
    fc.assert(
      fc.property(random, ([before, bom, wanted]) => {
        const list: Edit[] = []
        for (const [start, length, inserted] of [...wanted].sort((a, b) => a[0] - b[0])) {
          if (start < (list.at(-1)?.end ?? 0)) continue
          list.push({ start, end: Math.min(before.length, start + length), text: inserted })
        }
        const ordered = orderEdits(list)
        const after = applyEdits(before, ordered)
        const diff = unifiedDiff({ path: 'f.txt', text: before, bom }, after, ordered)
        const mark = bom ? '\uFEFF' : ''
        if (before === after) {
          assert.is(diff, '')
          return
        }
        for (const [name, ...args] of [
          ['git', 'apply', '--whitespace=nowarn', '-'],
          ['patch', '-p1', '--silent', '--binary'],
        ] as const) {
          writeFileSync(join(folder, 'f.txt'), mark + before)
          const done = spawnSync(name, args, { cwd: folder, input: diff, encoding: 'utf8' })
          if (done.error !== undefined) continue
          assert.is(done.status, 0, `${name}: ${done.stdout}${done.stderr}\n${diff}`)
          assert.is(readFileSync(join(folder, 'f.txt'), 'utf8'), mark + after, name)
        }
      }),
      { numRuns: 150 },
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

diffs('names are quoted as git does', () => {
  assert.is(quotedName('a/plain name.yaml'), 'a/plain name.yaml')
  assert.is(quotedName('a/ä\t".yaml'), '"a/\\303\\244\\t\\".yaml"')
})

edits.run()
lines.run()
diffs.run()
