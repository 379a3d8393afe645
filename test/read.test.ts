import { execFileSync } from 'node:child_process'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { generatedHeader } from '../src/generated.ts'
import { decode, isProblem, SIZE_LIMIT } from '../src/decode.ts'
import { encode, mayHoldPods, type ReadIo, readSource } from '../src/read.ts'
import type { Problem, Source } from '../src/types.ts'
import { systemError, tempTree } from './temp-tree.ts'

const read = suite('read')

const bytes = (...parts: readonly (string | number)[]): Buffer => Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))))

function source(input: Uint8Array): Source {
  const result = decode('a.yaml', input)
  if (isProblem(result)) throw new Error(result.message)
  return result
}

function problem(input: Uint8Array): Problem {
  const result = decode('a.yaml', input)
  if (!isProblem(result)) throw new Error('was read')
  assert.is.not(result.hint, '')
  return result
}

read('every readable text comes back as the same bytes', () => {
  for (const text of ['', 'a: 1', 'a: 1\n', 'a: 1\r\nb: 2\r\n', 'ä: "\u{1F600}"\n', '\u0085\u2028\u2029 stay', '\uFEFFa: 1\n', '\uFEFF\uFEFFa: 1\n', '\uFEFF']) {
    const input = Buffer.from(text)
    const result = source(input)
    assert.equal(encode(result, result.text), input)
  }
})

read('one byte order mark is taken off and remembered', () => {
  assert.equal(source(bytes(0xef, 0xbb, 0xbf, 'a: 1')), { path: 'a.yaml', text: 'a: 1', bom: true })
  assert.equal(source(bytes('a: 1')), { path: 'a.yaml', text: 'a: 1', bom: false })
  assert.is(source(Buffer.from('\uFEFF\uFEFFa')).text, '\uFEFFa')
})

read('a view into a larger buffer is read alone', () => {
  const large = bytes('xxa: 1yy')
  assert.is(source(new Uint8Array(large.buffer, large.byteOffset + 2, 4)).text, 'a: 1')
})

read('a byte that is no UTF-8 is a problem with its line', () => {
  const found = problem(bytes('a: 1\r\nb: 2\n# caf', 0xe9, '\nc: 3\n'))
  assert.is(found.code, 'NOT_UTF8')
  assert.is(found.line, 3)
  assert.is(problem(bytes(0xc3)).line, 1)
  assert.is(problem(bytes('a\n', 0xed, 0xa0, 0x80)).line, 2, 'a surrogate')
  assert.is(problem(bytes('a\n', 0xc0, 0xaf)).line, 2, 'an overlong form')
})

read('UTF-16 and NUL bytes are an encoding problem, never "nothing to do"', () => {
  const le = Buffer.from('\uFEFFcontainers:\n', 'utf16le')
  const be = Buffer.from(le).swap16()
  for (const input of [le, be, le.subarray(2), be.subarray(2), bytes('a: ', 0, '\n')]) assert.is(problem(input).code, 'ENCODING')
  for (const input of [le, be, le.subarray(2), be.subarray(2)]) assert.ok(mayHoldPods(input))
})

read('a carriage return alone is a problem with its line, with a line feed it is not', () => {
  assert.is(problem(bytes('a: 1\rb: 2\r')).code, 'LINE_BREAKS')
  assert.is(problem(bytes('a: 1\r\nb: 2\rc: 3\r\n')).line, 2)
  assert.is(problem(bytes('a: 1\n\r')).line, 2)
  assert.is(source(bytes('a: 1\r\n')).text, 'a: 1\r\n')
})

read('bytes without a word of pods need no decoding', () => {
  assert.ok(mayHoldPods(bytes('  initContainers:')))
  assert.ok(mayHoldPods(bytes('{"containers":[]}')))
  assert.ok(mayHoldPods(bytes('kind: Prometheus\nspec:\n  securityContext: {}')))
  assert.not(mayHoldPods(bytes('kind: Service\n')))
  assert.not(mayHoldPods(bytes()))
  assert.not(mayHoldPods(bytes('a')))
})

read('the size is asked before anything is read', () => {
  const io: ReadIo = { statSync: () => ({ size: SIZE_LIMIT + 1, isFile: () => true }), readFileSync: () => assert.unreachable() as never }
  const found = readSource('/', 'a.yaml', io) as Problem
  assert.is(found.code, 'TOO_LARGE')
  assert.match(found.message, '257 MB; files up to 256 MB')
})

read('files are read below the root; a folder or pipe where a file is expected is a problem', () => {
  const root = tempTree({ 'a b/ü.yaml': 'a: 1' })
  assert.equal(readSource(root, 'a b/ü.yaml'), { path: 'a b/ü.yaml', text: 'a: 1', bom: false })
  mkdirSync(join(root, 'folder.yaml'))
  assert.is((readSource(root, 'folder.yaml') as Problem).code, 'NOT_A_FILE')
  execFileSync('mkfifo', [join(root, 'pipe.yaml')])
  assert.is((readSource(root, 'pipe.yaml') as Problem).code, 'NOT_A_FILE')
  assert.is((readSource(root, 'none.yaml') as Problem).code, 'NOT_FOUND')
})

read('a file that cannot be read is a problem in the words of the system; a bug is thrown on', () => {
  const failing = (error: unknown): ReadIo => ({
    statSync,
    readFileSync: () => {
      throw error
    },
  })
  const root = tempTree({ 'a.yaml': '' })
  const found = readSource(root, 'a.yaml', failing(systemError('EACCES', 'permission denied'))) as Problem
  assert.is(found.code, 'UNREADABLE')
  assert.match(found.message, 'permission denied (EACCES)')
  assert.throws(() => readSource(root, 'a.yaml', failing(new TypeError('a bug'))), /a bug/)
})

read('a header that says a program wrote the file is found', () => {
  const found: readonly (readonly [string, string | undefined])[] = [
    ['# Code generated by x. DO NOT EDIT.\na: 1\n', '# Code generated by x. DO NOT EDIT.'],
    ['\r\n---\r\n  # This file is auto-generated\r\na: 1\r\n', '# This file is auto-generated'],
    ['# licence\n\n# autogenerated by make\n', '# autogenerated by make'],
    ['%YAML 1.2\n--- # first\n# Automatically generated\na: 1', '# Automatically generated'],
    ['---\n# Source: nginx/templates/deployment.yaml\n', '# Source: nginx/templates/deployment.yaml'],
    ['# Source: nginx/charts/db/templates/x.yaml', '# Source: nginx/charts/db/templates/x.yaml'],
    ['# Do not edit: see README', '# Do not edit: see README'],
    ['a: 1\n# DO NOT EDIT\n', undefined],
    ['--- {a: 1}\n# DO NOT EDIT\n', undefined],
    ['# Source: https://example.org/x.yaml\na: 1', undefined],
    ['# regenerated every night\na: 1', undefined],
    ['# DONT EDIT', undefined],
    ['# Note: the schema part is auto-generated by make.\na: 1', undefined],
    ['', undefined],
    [`${'# x\n'.repeat(1000)}# DO NOT EDIT\n`, undefined],
  ]
  for (const [text, line] of found) assert.is(generatedHeader(text), line, text)
})

read.run()
