/** `--changed-since`, with real git: only what a pull request touches is changed, and the whole tree is evidence. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const changed = suite('changed since')

const pod = (image: string, extra = ''): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n${extra}  containers:\n  - name: a\n    image: ${image}\n`

function git(cwd: string, ...args: readonly string[]): string {
  const run = spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'init.defaultBranch=main', '-c', 'commit.gpgsign=false', ...args], {
    cwd,
    encoding: 'utf8',
  })
  assert.is(run.status, 0, run.stderr)
  return run.stdout
}

function podharden(cwd: string, ...args: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  return spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), ...args], { cwd, encoding: 'utf8' })
}

/** `main` has two files; the branch changes one, adds one, deletes one, and `main` went on meanwhile. */
function repository(): string {
  const folder = mkdtempSync(join(tmpdir(), 'podharden-changed-'))
  mkdirSync(join(folder, 'deploy'))
  const put = (name: string, text: string): void => writeFileSync(join(folder, 'deploy', name), text)
  git(folder, 'init', '-q')
  for (const name of ['old.yaml', 'edited.yaml', 'gone.yaml', 'moves on.yaml']) put(name, pod('nginx:1.27'))
  put('says.yaml', pod('corp.example/app:1', '  securityContext: {runAsUser: 4711}\n'))
  git(folder, 'add', '.')
  git(folder, 'commit', '-qm', 'one')
  git(folder, 'checkout', '-qb', 'topic')
  put('edited.yaml', pod('nginx:1.28'))
  put('added "ü".yaml', pod('corp.example/app:1'))
  rmSync(join(folder, 'deploy/gone.yaml'))
  git(folder, 'add', '-A')
  git(folder, 'commit', '-qm', 'two')
  git(folder, 'checkout', '-q', 'main')
  put('moves on.yaml', pod('redis:7'))
  git(folder, 'commit', '-qam', 'three')
  git(folder, 'checkout', '-q', 'topic')
  return folder
}

const filesOf = (stdout: string): readonly string[] =>
  JSON.parse(stdout)
    .units.flatMap(({ files }: { files: { path: string }[] }) => files.map(({ path }) => path))
    .sort()

changed('what the branch changed and added, and what git does not know yet', () => {
  const folder = repository()
  const run = (): readonly string[] => filesOf(podharden(folder, '--changed-since', 'main', '--format', 'json', '.').stdout)
  assert.equal(run(), ['deploy/added "ü".yaml', 'deploy/edited.yaml'])
  writeFileSync(join(folder, 'deploy/new.yaml'), pod('nginx:1.27'))
  writeFileSync(join(folder, 'deploy/old.yaml'), pod('nginx:1.29'))
  assert.equal(run(), ['deploy/added "ü".yaml', 'deploy/edited.yaml', 'deploy/new.yaml', 'deploy/old.yaml'])
  assert.equal(filesOf(podharden(join(folder, 'deploy'), '--root', '.', '--changed-since', 'main', '--format', 'json', 'old.yaml').stdout), ['old.yaml'])
})

changed('files that are not touched stay, and are evidence', () => {
  const folder = repository()
  const before = readFileSync(join(folder, 'deploy/old.yaml'), 'utf8')
  assert.is(podharden(folder, '--changed-since', 'main', '--write', '.').status, 0)
  assert.is(readFileSync(join(folder, 'deploy/old.yaml'), 'utf8'), before)
  assert.match(readFileSync(join(folder, 'deploy/added "ü".yaml'), 'utf8'), /runAsUser: 4711/)
  assert.is(podharden(folder, '--changed-since', 'main', '--check', '.').status, 0)
  assert.is(podharden(folder, '--check', '.').status, 1)
})

changed('a revision that is none, and a folder without git, are problems', () => {
  const folder = repository()
  for (const ref of ['nope', '--output=x', 'HEAD:deploy/old.yaml']) {
    const { status, stderr, stdout } = podharden(folder, `--changed-since=${ref}`, '.')
    assert.is(status, 2)
    assert.match(stderr, /NO_REVISION {2}.* is no revision of a repository here/)
    assert.is(stdout, '')
  }
  assert.not.ok(existsSync(join(folder, 'x')))
  git(folder, 'checkout', '-q', '--orphan', 'other')
  git(folder, 'commit', '-qm', 'alone')
  assert.match(podharden(folder, '--changed-since', 'main', '.').stderr, /no commit in common/)
  const bare = mkdtempSync(join(tmpdir(), 'podharden-changed-'))
  writeFileSync(join(bare, 'a.yaml'), pod('nginx:1.27'))
  assert.is(podharden(bare, '--changed-since', 'HEAD', 'a.yaml').status, 2)
  const stdin = spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), '-', '--changed-since', 'main'], { input: '', encoding: 'utf8' })
  assert.match(stdin.stderr, /cannot be used with --changed-since/)
})

changed('a program that the configuration of the repository names is not started', () => {
  const folder = repository()
  const mark = join(folder, '.git/was-run')
  for (const key of ['core.fsmonitor', 'diff.external', 'core.pager']) git(folder, 'config', key, `touch ${mark}; true`)
  podharden(folder, '--changed-since', 'main', '.')
  assert.not.ok(existsSync(mark))
})

changed.run()
