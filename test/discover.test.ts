import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DISCOVER_IO, type Discovery, discover } from '../src/discover.ts'
import { systemError, tempTree } from './temp-tree.ts'

const discovery = suite('discover')

const find = (root: string, paths: readonly string[] = ['.'], more: { readonly includeGenerated?: boolean; readonly root?: string } = {}): Discovery =>
  discover(paths, { cwd: root, includeGenerated: false, ...more })
const codes = ({ problems }: Discovery): readonly string[] => problems.map(({ code }) => code)
const empty = (...paths: readonly string[]): Record<string, string> => Object.fromEntries(paths.map((path) => [path, '']))

discovery('YAML and JSON files, sorted by bytes, without git and node_modules', () => {
  const root = tempTree(
    empty(
      'b.yaml',
      'a.yml',
      'B.YAML',
      'x/c.json',
      'x.yaml',
      'readme.md',
      'node_modules/m/a.yaml',
      'x/node_modules/a.yaml',
      '.git/a.yaml',
      '.github/w.yml',
      'é.yaml',
      '\u{1F600}.yaml',
      '\uFF5E.yaml',
    ),
  )
  const found = find(root)
  assert.equal(found.files, ['.github/w.yml', 'B.YAML', 'a.yml', 'b.yaml', 'x.yaml', 'x/c.json', 'é.yaml', '\uFF5E.yaml', '\u{1F600}.yaml'])
  assert.equal(found.all, found.files)
  assert.equal([found.root, found.problems, found.notes, found.named.size], [root, [], [], 0])
})

discovery('the root is the nearest folder with .git above the first path', () => {
  const root = tempTree(empty('a/b/c.yaml', 'other.yaml'))
  for (const paths of [['a/b/c.yaml'], ['a'], [join(root, 'a/b')]]) assert.is(find(root, paths).root, root)
  assert.is(discover(['c.yaml'], { cwd: join(root, 'a/b'), includeGenerated: false }).root, root)
  assert.is(discover([], { cwd: join(root, 'a/b'), includeGenerated: false }).root, root)
  assert.is(find(root, ['a/missing/x.yaml']).root, root)
  mkdirSync(join(root, 'a/.git'))
  assert.is(find(root, ['a/b']).root, join(root, 'a'))
  assert.is(find(root, ['b'], { root: 'a' }).root, join(root, 'a'))
})

discovery('without .git the root is the working directory, or the folder of a path outside of it', () => {
  const root = tempTree(empty('a/b.yaml'), { git: false })
  assert.is(find(root, ['a/b.yaml']).root, root)
  const other = tempTree(empty('c/d.yaml'), { git: false })
  const found = find(root, [join(other, 'c/d.yaml')])
  assert.equal([found.root, found.files], [join(other, 'c'), ['d.yaml']])
})

discovery('a root that is no folder is a problem', () => {
  const root = tempTree(empty('a.yaml'))
  assert.equal(codes(find(root, ['a.yaml'], { root: 'nowhere' })), ['NOT_FOUND'])
  assert.equal(codes(find(root, ['a.yaml'], { root: 'a.yaml' })), ['NOT_A_FILE'])
  assert.equal(find(root, ['a.yaml'], { root: 'nowhere' }).files, [])
})

discovery('paths choose what is changed, the survey sees everything', () => {
  const root = tempTree(empty('a/1.yaml', 'a/x/2.yaml', 'b/3.yaml', 'ab/4.yaml', 'Kustomization'))
  const found = find(root, ['a', 'a/x', './a/1.yaml', 'a/1.yaml'])
  assert.equal(found.files, ['a/1.yaml', 'a/x/2.yaml'])
  assert.equal([...found.named], ['a/1.yaml'])
  assert.equal(found.all, ['Kustomization', 'a/1.yaml', 'a/x/2.yaml', 'ab/4.yaml', 'b/3.yaml'])
})

discovery('a file that is named is taken whatever it is called', () => {
  const root = tempTree(empty('pod.txt', 'other.txt'))
  assert.equal(find(root, ['pod.txt']).files, ['pod.txt'])
})

discovery('what does not exist is a problem, the rest is done', () => {
  const root = tempTree(empty('a.yaml'))
  const found = find(root, ['missing.yaml', 'a.yaml', 'a.yaml/below'])
  assert.equal(codes(found), ['NOT_FOUND', 'NOT_FOUND'])
  assert.is(found.problems[0]?.file, 'missing.yaml')
  assert.equal(found.files, ['a.yaml'])
  assert.ok(found.problems.every(({ hint }) => hint !== ''))
})

discovery('neither file nor folder: a problem when named, nothing otherwise', () => {
  const root = tempTree(empty('a.yaml'))
  execFileSync('mkfifo', [join(root, 'pipe.yaml')])
  assert.equal(find(root).files, ['a.yaml'])
  assert.equal(codes(find(root)), [])
  assert.equal(codes(find(root, ['pipe.yaml'])), ['NOT_A_FILE'])
})

discovery('a folder with the name of a file is a folder', () => {
  const root = tempTree(empty('dir.yaml/a.yaml'))
  assert.equal(find(root).files, ['dir.yaml/a.yaml'])
  assert.equal([find(root, ['dir.yaml']).files, find(root, ['dir.yaml']).named.size], [['dir.yaml/a.yaml'], 0])
})

discovery('links are not followed: inside nothing is done twice, outside nothing is touched', () => {
  const root = tempTree(empty('real/a.yaml'))
  const outside = tempTree(empty('o/secret.yaml'))
  symlinkSync(join(outside, 'o'), join(root, 'out'))
  symlinkSync(join(outside, 'o/secret.yaml'), join(root, 'out.yaml'))
  symlinkSync('real', join(root, 'in'))
  symlinkSync('real/a.yaml', join(root, 'in.yaml'))
  symlinkSync('..', join(root, 'real/up'))
  symlinkSync('loop.yaml', join(root, 'loop.yaml'))
  symlinkSync('nowhere', join(root, 'dangling.yaml'))
  const all = find(root)
  assert.equal([all.files, all.problems], [['real/a.yaml'], []])
  for (const path of ['out', 'out.yaml', 'out/secret.yaml', join(outside, 'o')]) assert.equal(codes(find(root, ['real', path])), ['OUTSIDE_ROOT'], path)
  assert.equal(codes(find(root, ['out'])), ['OUTSIDE_ROOT'], 'also as the first path')
  for (const path of ['loop.yaml', 'dangling.yaml']) assert.equal(codes(find(root, [path])), ['NOT_FOUND'], path)
  for (const path of ['in', 'in.yaml', 'real/up/real']) assert.equal([find(root, [path]).files, codes(find(root, [path]))], [['real/a.yaml'], []], path)
  assert.equal([...find(root, ['in.yaml']).named], ['real/a.yaml'])
})

discovery('control characters and line breaks in names', () => {
  const names = ['a\nb.yaml', 'c\u001b[31m.yaml', ' d.yaml', 'e\\f.yaml', '"g".yaml', '-h.yaml', '#i.yaml']
  const root = tempTree({ ...empty(...names), '.gitignore': '*.tmp\n' })
  assert.equal([...find(root).files].sort(), [...names].sort())
  assert.equal(find(root, ['a\nb.yaml']).files, ['a\nb.yaml'])
})

discovery('a name that is not UTF-8 is a problem', () => {
  const root = tempTree(empty('a.yaml'))
  writeFileSync(Buffer.concat([Buffer.from(`${root}/b`), Buffer.from([0xe9]), Buffer.from('.yaml')]), '')
  assert.equal([find(root).files, codes(find(root))], [['a.yaml'], ['UNREADABLE']])
})

discovery('an unreadable folder is a problem where it was asked for', () => {
  const root = tempTree(empty('a/1.yaml', 'b/2.yaml', 'b/c/3.yaml'))
  const io = {
    ...DISCOVER_IO,
    readdirSync: ((path: string, options: { withFileTypes: true }) => {
      if (path === join(root, 'b')) throw systemError('EACCES', 'permission denied')
      return DISCOVER_IO.readdirSync(path, options)
    }) as typeof DISCOVER_IO.readdirSync,
  }
  const run = (path: string): Discovery => discover([path], { cwd: root, includeGenerated: false }, io)
  const all = run('.')
  assert.equal([all.files, all.problems.map(({ code, file }) => [code, file])], [['a/1.yaml'], [['UNREADABLE', 'b']]])
  assert.match(all.problems[0]?.message ?? '', 'permission denied (EACCES)')
  assert.equal(codes(run('a')), [])
  for (const path of ['b', 'b/2.yaml', 'b/c']) assert.equal(codes(run(path)), ['UNREADABLE'], path)
})

discovery('an unreadable path, and a bug, are told apart', () => {
  const root = tempTree(empty('a.yaml'))
  const failing = (error: Error): typeof DISCOVER_IO => ({
    ...DISCOVER_IO,
    statSync: () => {
      throw error
    },
  })
  assert.equal(codes(discover(['a.yaml'], { cwd: root, includeGenerated: false }, failing(systemError('EIO', 'i/o error')))), ['UNREADABLE'])
  assert.throws(() => discover(['a.yaml'], { cwd: root, includeGenerated: false }, failing(new TypeError('a bug'))), /a bug/)
})

discovery('.gitignore: nested, negated, anchored, by case; a parent that is excluded wins', () => {
  const root = tempTree({
    ...empty(
      'keep.yaml',
      'drop.yaml',
      'DROP.yaml',
      'sub/drop.yaml',
      'sub/only.yaml',
      'sub/deep/only.yaml',
      'sub/deep/back.yaml',
      'anchored.yaml',
      'sub/anchored.yaml',
      'out/a.yaml',
      'out/keep.yaml',
      'part/a.yaml',
      'part/keep.yaml',
      'x/y/z.yaml',
    ),
    '.gitignore': '\uFEFFdrop.yaml\r\n/anchored.yaml\nout/\n!out/keep.yaml\npart/*\n!part/keep.yaml\nx/**/z.yaml\n',
    'sub/.gitignore': '!drop.yaml\n*.yaml\n!anchored.yaml\n',
    'sub/deep/.gitignore': '!back.yaml\n',
  })
  assert.equal(find(root).files, ['DROP.yaml', 'keep.yaml', 'part/keep.yaml', 'sub/anchored.yaml', 'sub/deep/back.yaml'])
  assert.equal(find(root).all, find(root).files)
})

discovery('.gitignore agrees with git', () => {
  const files = empty('a.yaml', 'b.yaml', 'd/a.yaml', 'd/b.yaml', 'd/e/a.yaml', 'd/e/b.yaml', 'e/a.yaml', 'f/g/h/a.yaml', 'f/x.yaml', 'f/g/x.yaml')
  const cases: readonly (readonly [string, string])[] = [
    ['*\n!*/\n!b.yaml\n', ''],
    ['d\n', '!e\n'],
    ['d/e/\n', '!e/\n'],
    ['e/\n', '!e/\na.yaml\n'],
    ['/e\n', ''],
    ['f/*\n!f/g\nf/g/h\n', ''],
    ['**/e/a.yaml\n', '!a.yaml\n'],
    ['# c\n\n\\#x\na.y?ml\n[bx].yaml\n!/f/**\n', 'b.yaml'],
  ]
  for (const [top, inner] of cases) {
    const root = tempTree({ ...files, '.gitignore': top, 'd/.gitignore': inner }, { git: false })
    const git = (...words: readonly string[]): string => execFileSync('git', words, { cwd: root, encoding: 'utf8' })
    git('init', '-q')
    const expected = git('ls-files', '--others', '--exclude-standard', '--', '*.yaml')
      .split('\n')
      .filter((path) => path !== '')
    assert.equal(find(root).files, expected, top)
  }
})

discovery('an ignored path that is named is done; its neighbours are not', () => {
  const root = tempTree({ ...empty('out/a.yaml', 'out/b.yaml', 'out/x/c.yaml', 'out/x/d.tmp.yaml', 'out/x/sub/e.yaml', 'z.yaml'), '.gitignore': 'out/\n*.tmp.yaml\n' })
  assert.equal(find(root, ['out/a.yaml']).files, ['out/a.yaml'])
  assert.equal(find(root, ['out/x']).files, ['out/x/c.yaml', 'out/x/sub/e.yaml'])
  assert.equal(find(root, ['.', 'out/x']).files, ['out/x/c.yaml', 'out/x/sub/e.yaml', 'z.yaml'])
  assert.equal(find(root, ['out/x/d.tmp.yaml']).files, ['out/x/d.tmp.yaml'])
})

discovery('vendored folders are left alone, one note each', () => {
  const root = tempTree(empty('a.yaml', 'vendor/x/a.yaml', 'vendor/x/vendor/b.yaml', 'lib/third_party/c.yaml', 'vendored/d.yaml', 'lib/vendor/readme.md'))
  const found = find(root)
  assert.equal(found.files, ['a.yaml', 'vendored/d.yaml'])
  assert.equal(
    found.notes.map(({ code, file, message }) => [code, file, message]),
    [
      ['VENDORED', 'lib/third_party', '1 file is vendored; left alone'],
      ['VENDORED', 'vendor', '2 files are vendored; left alone'],
    ],
  )
  assert.ok(found.notes.every(({ hint }) => hint.includes('--include-generated')))
  assert.is(found.all.length, 5, 'what they say still counts')
  assert.equal(
    find(root, ['lib']).notes.map(({ file }) => file),
    ['lib/third_party'],
  )
  assert.equal([find(root, ['vendor/x']).files, find(root, ['vendor/x']).notes.length], [[], 1])
  assert.equal(find(root, ['.'], { includeGenerated: true }).files.length, 5)
  assert.equal(find(root, ['.'], { includeGenerated: true }).notes, [])
})

discovery('a vendored file that is named is done, with the note', () => {
  const root = tempTree(empty('vendor/a.yaml', 'vendor/b.yaml', 'node_modules/m/c.yaml'))
  const found = find(root, ['vendor/a.yaml', 'node_modules/m/c.yaml'])
  assert.equal(found.files, ['node_modules/m/c.yaml', 'vendor/a.yaml'])
  assert.equal(
    found.notes.map(({ code, file }) => [code, file]),
    [
      ['VENDORED', 'node_modules/m/c.yaml'],
      ['VENDORED', 'vendor/a.yaml'],
    ],
  )
  const folder = find(root, ['node_modules/m'])
  assert.equal([folder.files, folder.notes.map(({ file }) => file)], [[], ['node_modules']])
})

discovery("a chart's templates get one note; its other parts are no manifests", () => {
  const root = tempTree(
    empty(
      'c/Chart.yaml',
      'c/values.yaml',
      'c/values-prod.yml',
      'c/templates/a.yaml',
      'c/templates/sub/b.yaml',
      'c/templates/_x.tpl',
      'c/crds/d.yaml',
      'c/ci/e-values.yaml',
      'c/examples/f.yaml',
      'c/charts/dep/Chart.yaml',
      'c/charts/dep/templates/g.yaml',
      'charts/h.yaml',
      'templates/i.yaml',
      'values.yaml',
    ),
  )
  const found = find(root)
  assert.equal(found.files, ['c/examples/f.yaml', 'charts/h.yaml', 'templates/i.yaml', 'values.yaml'])
  assert.equal([...found.charts].sort(), ['c', 'c/charts/dep'])
  assert.equal(
    found.notes.map(({ code, file }) => [code, file]),
    [
      ['HELM_TEMPLATE', 'c/Chart.yaml'],
      ['VENDORED', 'c/charts'],
    ],
  )
  assert.match(found.notes[0]?.message ?? '', 'chart c: 2 templates are not handled yet')
  assert.match(found.notes[0]?.hint ?? '', 'helm template')
  assert.not(found.all.some((path) => path.includes('c/templates')))
})

discovery('a template that is named gives the note only; dependencies count when included', () => {
  const root = tempTree(empty('Chart.yaml', 'templates/a.yaml', 'templates/b.yaml', 'charts/dep/Chart.yaml', 'charts/dep/templates/c.yaml', 'crds/d.yaml'))
  const found = find(root, ['templates/a.yaml'])
  assert.equal([found.files, found.notes.map(({ message }) => message)], [[], ['chart .: 1 template is not handled yet']])
  assert.equal(
    find(root, ['.'], { includeGenerated: true }).notes.map(({ file }) => file),
    ['Chart.yaml', 'charts/dep/Chart.yaml'],
  )
  assert.equal(find(root, ['crds/d.yaml']).files, ['crds/d.yaml'])
})

discovery('the output of a cdk8s project is generated', () => {
  const root = tempTree({
    ...empty('p/dist/a.yaml', 'q/out/b/c.yaml', 'q/dist/d.yaml', 'r/e.yaml', 'dist/f.yaml'),
    'p/cdk8s.yaml': 'language: typescript\napp: node main.js\n',
    'q/cdk8s.yaml': 'output: "./out/b" # here\r\n',
    'r/cdk8s.yaml': 'output: .\n',
  })
  const found = find(root)
  assert.equal(
    found.files.filter((path) => !path.endsWith('cdk8s.yaml')),
    ['dist/f.yaml', 'q/dist/d.yaml', 'r/e.yaml'],
  )
  assert.equal(
    found.notes.map(({ code, file }) => [code, file]),
    [
      ['GENERATED', 'p/dist'],
      ['GENERATED', 'q/out/b'],
    ],
  )
  assert.match(found.notes[0]?.hint ?? '', 'synthesise')
})

discovery('.gitattributes: generated and vendored, set and unset, nested, the last line wins', () => {
  const root = tempTree({
    ...empty('a.gen.yaml', 'b.gen.yaml', 'c.yaml', 'lib/d.yaml', 'lib/mine/e.yaml', 'on.yaml', 'off.yaml', 'x/a.gen.yaml', 'x/f g.yaml', 'dir/h.yaml'),
    '.gitattributes':
      '# linguist-generated everywhere\n*.gen.yaml text linguist-generated\nb.gen.yaml linguist-generated=false\nlib/** linguist-vendored\nlib/mine/* -linguist-vendored\non.yaml linguist-generated=true\noff.yaml linguist-generated\noff.yaml !linguist-generated\ndir/ linguist-generated\n[attr]x linguist-generated\n',
    'x/.gitattributes': '*.gen.yaml -linguist-generated\n"f g.yaml" linguist-vendored=true\n',
  })
  const found = find(root)
  assert.equal(found.files, ['b.gen.yaml', 'c.yaml', 'lib/mine/e.yaml', 'off.yaml', 'x/a.gen.yaml'])
  assert.equal(
    found.notes.map(({ code, file, line, message }) => [code, file, line, message]),
    [
      ['GENERATED', '.gitattributes', 2, '1 file is marked linguist-generated by the pattern *.gen.yaml; left alone'],
      ['VENDORED', '.gitattributes', 4, '1 file is marked linguist-vendored by the pattern lib/**; left alone'],
      ['GENERATED', '.gitattributes', 6, '1 file is marked linguist-generated by the pattern on.yaml; left alone'],
      ['GENERATED', '.gitattributes', 9, '1 file is marked linguist-generated by the pattern dir/; left alone'],
      ['VENDORED', 'x/.gitattributes', 2, '1 file is marked linguist-vendored by the pattern f g.yaml; left alone'],
    ],
  )
  assert.equal(find(root, ['a.gen.yaml']).files, ['a.gen.yaml'])
  assert.is(find(root, ['a.gen.yaml']).notes.length, 1)
  assert.is(find(root, ['.'], { includeGenerated: true }).files.length, 10)
})

discovery('what belongs to git cannot be named', () => {
  const root = tempTree(empty('.git/a.yaml', 'b.yaml'))
  assert.equal(codes(find(root, ['.git/a.yaml', '.git'])), ['NOT_A_FILE', 'NOT_A_FILE'])
})

discovery('a second path in another repository is outside', () => {
  const root = tempTree(empty('a.yaml'))
  const other = tempTree(empty('b.yaml'))
  assert.equal(codes(find(root, ['a.yaml', join(other, 'b.yaml')])), ['OUTSIDE_ROOT'])
  assert.equal(codes(find(root, ['a.yaml', dirname(root)])), ['OUTSIDE_ROOT'])
})

discovery.run()
