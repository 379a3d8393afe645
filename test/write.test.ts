import * as fs from 'node:fs'
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decode, isProblem } from '../src/decode.ts'
import type { WriteIo } from '../src/replace-files.ts'
import type { Problem } from '../src/types.ts'
import { cleanUp, type ToWrite, writeFiles, writeTree } from '../src/write.ts'
import { systemError, tempTree } from './temp-tree.ts'

const write = suite('write')

function planned(root: string, path: string, text: string): ToWrite {
  const source = decode(path, readFileSync(join(root, path)))
  if (isProblem(source)) throw new Error(source.message)
  return { source, text }
}

const read = (...path: readonly string[]): string => readFileSync(join(...path), 'utf8')
const codes = (problems: readonly Problem[]): readonly string[] => problems.map(({ code }) => code)

/** Every file and folder below, with its content. */
function snapshot(root: string): Record<string, string> {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(names.map((name) => [name, statSync(join(root, name)).isFile() ? read(root, name) : '/']))
}

/** Fails the call that `when` chooses, counted from 1. */
function failing(name: keyof WriteIo, code: string, when: (count: number, ...given: readonly unknown[]) => boolean): WriteIo {
  let count = 0
  const all: WriteIo = fs
  const original = all[name] as (...given: readonly unknown[]) => unknown
  return {
    ...fs,
    [name]: (...given: readonly unknown[]) => {
      if (when(++count, ...given)) throw systemError(code, { ENOSPC: 'no space left on device', EACCES: 'permission denied' }[code] ?? 'failed')
      return original(...given)
    },
  }
}

write('writes all files, with byte order mark, mode and line ends; no temporary file is left', () => {
  const root = tempTree({ 'a.yaml': '\uFEFFa: 1\r\n', 'sub/ü b.yaml': 'b: 1', 'same.yaml': 'c: 1' })
  chmodSync(join(root, 'a.yaml'), 0o640)
  chmodSync(join(root, 'sub/ü b.yaml'), 0o755)
  const before = statSync(join(root, 'same.yaml'))
  const outputs = [planned(root, 'a.yaml', 'a: 2\r\n'), planned(root, 'sub/ü b.yaml', 'b: ä'), planned(root, 'same.yaml', 'c: 1')]
  assert.equal(writeFiles(root, outputs), [])
  assert.equal(snapshot(root), { '.git': '/', 'a.yaml': '\uFEFFa: 2\r\n', sub: '/', 'sub/ü b.yaml': 'b: ä', 'same.yaml': 'c: 1' })
  assert.equal([statSync(join(root, 'a.yaml')).mode & 0o777, statSync(join(root, 'sub/ü b.yaml')).mode & 0o777], [0o640, 0o755])
  const after = statSync(join(root, 'same.yaml'))
  assert.equal([after.ino, after.mtimeMs], [before.ino, before.mtimeMs], 'a file without change is not touched')
})

write('a file changed meanwhile stops all files of the patch', () => {
  const root = tempTree({ 'a.yaml': 'a: 1', 'b.yaml': 'b: 1', 'c.yaml': 'c: 1', 'd.yaml': 'd: 1' })
  const outputs = ['a', 'b', 'c', 'd'].map((name) => planned(root, `${name}.yaml`, name === 'c' ? 'c: 1' : `${name}: 2`))
  writeFileSync(join(root, 'b.yaml'), 'b: 3')
  writeFileSync(join(root, 'c.yaml'), 'c: 3')
  fs.unlinkSync(join(root, 'd.yaml'))
  const before = snapshot(root)
  const problems = writeFiles(root, outputs)
  assert.equal(
    problems.map(({ code, file }) => [code, file]),
    [
      ['CHANGED_MEANWHILE', 'b.yaml'],
      ['CHANGED_MEANWHILE', 'c.yaml'],
      ['CHANGED_MEANWHILE', 'd.yaml'],
    ],
  )
  assert.ok(problems.every(({ hint, message }) => hint !== '' && message.includes('nothing was written')))
  assert.equal(snapshot(root), before)
})

write('a file that became a folder was changed', () => {
  const root = tempTree({ 'a.yaml': 'a: 1' })
  const outputs = [planned(root, 'a.yaml', 'a: 2')]
  fs.unlinkSync(join(root, 'a.yaml'))
  mkdirSync(join(root, 'a.yaml'))
  assert.equal(codes(writeFiles(root, outputs)), ['CHANGED_MEANWHILE'])
})

write('a change between staging and renaming is seen too', () => {
  const root = tempTree({ 'a.yaml': 'a: 1', 'b.yaml': 'b: 1' })
  const outputs = [planned(root, 'a.yaml', 'a: 2'), planned(root, 'b.yaml', 'b: 2')]
  const io: WriteIo = {
    ...fs,
    fsyncSync: (descriptor) => {
      fs.fsyncSync(descriptor)
      writeFileSync(join(root, 'b.yaml'), 'b: 33')
    },
  }
  assert.equal(codes(writeFiles(root, outputs, io)), ['CHANGED_MEANWHILE'])
  assert.equal(snapshot(root), { '.git': '/', 'a.yaml': 'a: 1', 'b.yaml': 'b: 33' })
})

write('a failure in any step leaves every file as it was, and no temporary file', () => {
  const steps: readonly (readonly [keyof WriteIo, number])[] = [
    ['realpathSync', 3],
    ['readFileSync', 2],
    ['accessSync', 2],
    ['openSync', 2],
    ['writeSync', 2],
    ['fstatSync', 2],
    ['fchmodSync', 2],
    ['fsyncSync', 2],
    ['closeSync', 2],
    ['renameSync', 1],
    ['renameSync', 2],
    ['renameSync', 3],
  ]
  for (const [step, nth] of steps) {
    for (const code of ['ENOSPC', 'EACCES']) {
      const root = tempTree({ 'a.yaml': 'a: 1', 'b.yaml': 'b: 1', 'c.yaml': 'c: 1' })
      chmodSync(join(root, 'a.yaml'), 0o600)
      const outputs = ['a', 'b', 'c'].map((name) => planned(root, `${name}.yaml`, `${name}: 2`))
      const before = snapshot(root)
      const problems = writeFiles(
        root,
        outputs,
        failing(step, code, (count) => count === nth),
      )
      assert.equal(codes(problems), ['UNWRITABLE'], step)
      assert.match(problems[0]?.message ?? '', code === 'ENOSPC' ? 'no space left on device (ENOSPC)' : 'permission denied (EACCES)')
      assert.match(problems[0]?.hint ?? '', code === 'ENOSPC' ? 'Free some space' : 'permissions')
      assert.equal(snapshot(root), before, step)
      assert.is(statSync(join(root, 'a.yaml')).mode & 0o777, 0o600)
      assert.equal(writeFiles(root, outputs), [], 'and the next run does it')
    }
  }
})

write('what cannot be taken back is named', () => {
  const root = tempTree({ 'a.yaml': 'a: 1', 'b.yaml': 'b: 1' })
  const outputs = [planned(root, 'a.yaml', 'a: 2'), planned(root, 'b.yaml', 'b: 2')]
  const problems = writeFiles(
    root,
    outputs,
    failing('renameSync', 'ENOSPC', (count) => count > 1),
  )
  assert.equal(
    problems.map(({ code, file }) => [code, file]),
    [
      ['UNWRITABLE', 'b.yaml'],
      ['UNWRITABLE', 'a.yaml'],
    ],
  )
  assert.match(problems[1]?.message ?? '', 'could not be taken back')
  assert.equal(snapshot(root), { '.git': '/', 'a.yaml': 'a: 2', 'b.yaml': 'b: 1' })
})

write('an owner that cannot be kept is a failure, not a change of owner', () => {
  const root = tempTree({ 'a.yaml': 'a: 1' })
  const foreign: WriteIo = {
    ...failing('fchownSync', 'EPERM', () => true),
    fstatSync: ((descriptor: number) => Object.assign(fs.fstatSync(descriptor), { uid: 4242 })) as typeof fs.fstatSync,
  }
  assert.equal(codes(writeFiles(root, [planned(root, 'a.yaml', 'a: 2')], foreign)), ['UNWRITABLE'])
  assert.equal(snapshot(root), { '.git': '/', 'a.yaml': 'a: 1' })
})

write('short writes are continued', () => {
  const root = tempTree({ 'a.yaml': 'a: 1' })
  const io: WriteIo = { ...fs, writeSync: ((descriptor: number, bytes: Buffer, at: number) => fs.writeSync(descriptor, bytes, at, 1)) as typeof fs.writeSync }
  assert.equal(writeFiles(root, [planned(root, 'a.yaml', 'a: 22')], io), [])
  assert.is(read(root, 'a.yaml'), 'a: 22')
})

write('an interrupted run is cleaned up', () => {
  const root = tempTree({ 'a.yaml': 'a: 1' })
  const stop = new Error('a bug')
  const interrupted: WriteIo = {
    ...fs,
    fsyncSync: () => {
      throw stop
    },
  }
  assert.throws(
    () => writeFiles(root, [planned(root, 'a.yaml', 'a: 2')], interrupted),
    (error: unknown) => error === stop,
  )
  assert.ok(Object.keys(snapshot(root)).some((name) => name.startsWith('.podharden-') && name.endsWith('.tmp')) === false)
  const left: WriteIo = {
    ...fs,
    fsyncSync: () => {
      throw stop
    },
    unlinkSync: () => {
      throw stop
    },
  }
  assert.throws(() => writeFiles(root, [planned(root, 'a.yaml', 'a: 2')], left))
  assert.ok(
    Object.keys(snapshot(root)).some((name) => name.startsWith('.podharden-') && name.endsWith('.tmp')),
    'a temporary file in the same folder',
  )
  cleanUp()
  assert.equal(snapshot(root), { '.git': '/', 'a.yaml': 'a: 1' })
  cleanUp()
})

write('a link stays a link: its target is written inside of the root, never outside', () => {
  const root = tempTree({ 'real/a.yaml': 'a: 1' })
  const outside = tempTree({ 'b.yaml': 'b: 1' })
  symlinkSync('real/a.yaml', join(root, 'in.yaml'))
  symlinkSync(join(outside, 'b.yaml'), join(root, 'out.yaml'))
  assert.equal(writeFiles(root, [planned(root, 'in.yaml', 'a: 2')]), [])
  assert.ok(lstatSync(join(root, 'in.yaml')).isSymbolicLink())
  assert.equal([read(root, 'real/a.yaml'), lstatSync(join(root, 'real/a.yaml')).isFile()], ['a: 2', true])
  assert.equal(codes(writeFiles(root, [planned(root, 'out.yaml', 'b: 2'), planned(root, 'real/a.yaml', 'a: 3')])), ['OUTSIDE_ROOT'])
  assert.equal([read(outside, 'b.yaml'), read(root, 'real/a.yaml')], ['b: 1', 'a: 2'])
})

write('a tree: mirrored paths, folders made, the inputs stay as they are', () => {
  const root = tempTree({ 'a.yaml': '\uFEFFa: 1', 'sub/deep/b.yaml': 'b: 1' })
  chmodSync(join(root, 'a.yaml'), 0o600)
  const out = join(root, 'made/out')
  const outputs = [planned(root, 'a.yaml', 'a: 2'), planned(root, 'sub/deep/b.yaml', 'b: 2')]
  for (const text of ['a: 2', 'a: 3']) {
    assert.equal(writeTree(out, [{ ...(outputs[0] as ToWrite), text }, outputs[1] as ToWrite], { root }), [])
    assert.equal(snapshot(out), { 'a.yaml': `\uFEFF${text}`, sub: '/', 'sub/deep': '/', 'sub/deep/b.yaml': 'b: 2' })
  }
  assert.is(statSync(join(out, 'a.yaml')).mode & 0o777, 0o600)
  assert.equal([read(root, 'a.yaml'), read(root, 'sub/deep/b.yaml')], ['\uFEFFa: 1', 'b: 1'])
})

write('a tree never overwrites an input, also through a link', () => {
  const root = tempTree({ 'a.yaml': 'a: 1', 'x/a.yaml': 'xa: 1' })
  const other = tempTree({}, { git: false })
  symlinkSync(root, join(other, 'here'))
  mkdirSync(join(root, 'links'))
  symlinkSync('../x/a.yaml', join(root, 'links/a.yaml'))
  const outputs = [planned(root, 'a.yaml', 'a: 2')]
  const before = snapshot(root)
  for (const [dir, files] of [
    [root, []],
    [join(other, 'here'), []],
    [join(root, 'x'), ['x/a.yaml']],
    [join(root, 'links'), []],
  ] as const) {
    const problems = writeTree(dir, outputs, { root, files })
    assert.equal(codes(problems), ['UNWRITABLE'], dir)
    assert.match(problems[0]?.hint ?? '', '--out-dir')
    assert.equal(snapshot(root), before, dir)
  }
})

write('a tree never leaves its folder', () => {
  const root = tempTree({ 'sub/a.yaml': 'a: 1' })
  const out = tempTree({}, { git: false })
  const outside = tempTree({}, { git: false })
  symlinkSync(outside, join(out, 'sub'))
  assert.equal(codes(writeTree(out, [planned(root, 'sub/a.yaml', 'a: 2')], { root })), ['UNWRITABLE'])
  assert.equal(codes(writeTree(out, [{ source: { path: '../b.yaml', text: '', bom: false }, text: 'b: 2' }], { root })), ['UNWRITABLE'])
  assert.equal([readdirSync(outside), existsSync(join(out, '../b.yaml'))], [[], false])
})

write('a tree that fails leaves nothing behind', () => {
  const root = tempTree({ 'sub/a.yaml': 'a: 1', 'b.yaml': 'b: 1' })
  const outputs = [planned(root, 'b.yaml', 'b: 2'), planned(root, 'sub/a.yaml', 'a: 2')]
  for (const [step, nth] of [
    ['mkdirSync', 2],
    ['openSync', 2],
    ['fsyncSync', 2],
    ['renameSync', 2],
  ] as const) {
    const out = tempTree({}, { git: false })
    assert.equal(
      codes(
        writeTree(
          join(out, 'made'),
          outputs,
          { root },
          failing(step, 'ENOSPC', (count) => count === nth),
        ),
      ),
      ['UNWRITABLE'],
      step,
    )
    assert.equal(snapshot(out), {}, step)
  }
  const used = tempTree({ 'b.yaml': 'old' }, { git: false })
  assert.equal(
    codes(
      writeTree(
        used,
        outputs,
        { root },
        failing('renameSync', 'ENOSPC', (count) => count === 2),
      ),
    ),
    ['UNWRITABLE'],
  )
  assert.equal(snapshot(used), { 'b.yaml': 'old' })
})

write('a file or folder in the place of the other is a problem', () => {
  const root = tempTree({ 'sub/a.yaml': 'a: 1' })
  const outputs = [planned(root, 'sub/a.yaml', 'a: 2')]
  const file = tempTree({ sub: 'a file' }, { git: false })
  const folder = tempTree({ 'sub/a.yaml/x': '' }, { git: false })
  for (const out of [file, folder, join(file, 'sub')]) assert.equal(codes(writeTree(out, outputs, { root })), ['UNWRITABLE'], out)
})

write.run()
