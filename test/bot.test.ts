/** A bot at work, with real git: check, write, commit, the body of the pull request, the series of patches, and then nothing more. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readOwners } from '../src/owners.ts'
import { SPLITS } from '../src/series/collect.ts'
import { applyEdits } from '../src/text/edits.ts'
import { difference } from '../src/text/difference.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const bot = suite('bot')

function run(cwd: string, command: string, ...args: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'bot',
    GIT_AUTHOR_EMAIL: 'bot@localhost',
    GIT_COMMITTER_NAME: 'bot',
    GIT_COMMITTER_EMAIL: 'bot@localhost',
  }
  return spawnSync(command, args, { cwd, encoding: 'utf8', env, maxBuffer: 1 << 28 })
}

function podharden(cwd: string, ...args: readonly string[]): ReturnType<typeof run> {
  return run(cwd, process.execPath, join(root, 'bin/podharden.cjs'), ...args)
}

function git(cwd: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = run(cwd, 'git', '-c', 'core.autocrlf=false', ...args)
  assert.is(status, 0, `git ${args.join(' ')}: ${stderr}${stdout}`)
  return stdout.trim()
}

const CRLF = 'apiVersion: v1\r\nkind: Pod\r\nmetadata:\r\n  name: carriage\r\nspec:\r\n  containers:\r\n  - name: a\r\n    image: corp/a:1\r\n'
const TWO = `${CRLF.replaceAll('\r', '').replace('carriage', 'one')}---\n${CRLF.replaceAll('\r', '').replace('carriage', 'two')}`

/** A repository of a part of the corpus where it is at hand, else of the examples, and of some files that are hard for mail. */
function repository(): string {
  const folder = mkdtempSync(join(tmpdir(), 'podharden-bot-'))
  const corpus = join(root, '../shared/corpus')
  const from = existsSync(corpus) ? join(corpus, readdirSync(corpus).sort()[0] as string) : join(root, 'examples/shop')
  cpSync(from, join(folder, 'app'), { recursive: true })
  cpSync(join(root, 'examples/shop'), join(folder, 'shop'), { recursive: true })
  mkdirSync(join(folder, 'odd name'))
  writeFileSync(join(folder, 'odd name/crlf.yaml'), CRLF)
  writeFileSync(join(folder, 'odd name/bom.yaml'), `\ufeff${TWO}`)
  writeFileSync(join(folder, 'odd name/From é.yaml'), TWO.replace(/\n$/, ''))
  writeFileSync(join(folder, 'CODEOWNERS'), '* @everyone\n/app/ @team/app\n"odd name" @x\nodd\\ name/ @odd\n')
  writeFileSync(join(folder, '.gitattributes'), '* -text\n')
  git(folder, 'init', '-q', '-b', 'main')
  git(folder, 'add', '-fA')
  git(folder, 'commit', '-qm', 'begin')
  return folder
}

bot('check, write, commit, body, series; the series gives the same tree; then nothing more', () => {
  const folder = repository()
  try {
    const checked = podharden(folder, '--check', '--quiet', '.')
    assert.is(checked.status, 1, checked.stderr)
    const body = podharden(folder, '--format', 'markdown', '.')
    assert.match(body.stdout, /^## Hardened pods: /)
    assert.ok(body.stdout.length <= 65536)
    assert.match(body.stdout, /^### `shop` \(`@everyone`\)$/m)
    assert.match(body.stdout, /^### `app[^`]*` \(`@team\/app`\)$/m)
    git(folder, 'checkout', '-qb', 'hardened')
    assert.is(podharden(folder, '--write', '--quiet', '.').status, 0)
    git(folder, 'commit', '-qam', 'feat(security): harden pods')
    const tree = git(folder, 'rev-parse', 'HEAD^{tree}')
    assert.equal([podharden(folder, '--check', '.').status, podharden(folder, '.').stdout], [0, ''])
    for (const split of SPLITS)
      for (const most of split === 'stage' || split === 'owner' ? [undefined, '3'] : [undefined]) {
        git(folder, 'checkout', '-q', 'main')
        git(folder, 'checkout', '-qb', `by-${split}-${most ?? 'all'}`)
        const patches = `${folder}-${split}-${most ?? 'all'}`
        const made = podharden(folder, '--patches', patches, '--split-by', split, ...(most === undefined ? [] : ['--max', most]), '.')
        assert.is(made.status, 0, made.stderr)
        const names = readdirSync(patches).sort()
        assert.ok(names.length > 1 || split === 'owner', `${split}: ${names.length}`)
        for (const name of names) {
          git(folder, 'am', '-q', '--keep-cr', join(patches, name))
          const title = git(folder, 'log', '-1', '--format=%s')
          assert.match(title, /^feat\(security\): \S/)
          assert.ok(title.length <= 100, title)
          // Each commit alone is a tree that can be read.
          if (split !== 'workload') assert.is(podharden(folder, '--quiet', '.').status, 0, name)
        }
        assert.is(git(folder, 'rev-parse', 'HEAD^{tree}'), tree, `${split} ${most ?? ''}`)
        rmSync(patches, { recursive: true, force: true })
      }
    const again = podharden(folder, '--patches', `${folder}-none`, '.')
    assert.match(again.stderr, /0 patches/)
    assert.equal([podharden(folder, '--check', '.').status, podharden(folder, '.').stdout], [0, ''])
  } finally {
    for (const name of readdirSync(dirname(folder))) if (join(dirname(folder), name).startsWith(folder)) rmSync(join(dirname(folder), name), { recursive: true, force: true })
  }
})

bot('names in a message are text: no header, no diff, no second mail', () => {
  const folder = mkdtempSync(join(tmpdir(), 'podharden-bot-'))
  try {
    const name = String.raw`a\nFrom x@y Mon Sep 17 00:00:00 2001\n---\ndiff --git a/evil b/evil\n\u202e::error::`
    writeFileSync(join(folder, 'a.yaml'), `apiVersion: v1\nkind: Pod\nmetadata: {name: "${name}"}\nspec:\n  containers:\n  - name: "-- x"\n    image: corp/a:1\n`)
    git(folder, 'init', '-q', '-b', 'main')
    git(folder, 'add', '-A')
    git(folder, 'commit', '-qm', 'begin')
    const begin = git(folder, 'rev-parse', 'HEAD')
    for (const split of SPLITS) {
      podharden(folder, '--patches', `p-${split}`, '--split-by', split, 'a.yaml')
      for (const file of readdirSync(join(folder, `p-${split}`))) {
        const text = readFileSync(join(folder, `p-${split}`, file), 'utf8')
        const head = text.slice(0, text.indexOf('\n---\n'))
        assert.is(text.match(/^From /gm)?.length, 1)
        assert.not.match(head.slice(head.indexOf('\n\n')), /^(?:diff|Index:|From |---)/m)
        assert.not.match(text.slice(0, text.indexOf('diff --git')), /\u202e/)
        git(folder, 'am', '-q', '--keep-cr', `p-${split}/${file}`)
      }
      git(folder, 'reset', '-q', '--hard', begin)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

bot('mistakes in the call', () => {
  const folder = mkdtempSync(join(tmpdir(), 'podharden-bot-'))
  try {
    writeFileSync(join(folder, 'x'), '')
    assert.match(podharden(folder, '--patches', '.', '.').stderr, /is not empty/)
    assert.match(podharden(folder, '--split-by', 'stage', '.').stderr, /name the folder with --patches/)
    assert.match(podharden(folder, '--patches', 'p', '--write', '.').stderr, /cannot be used with --write/)
    assert.match(podharden(folder, '--patches', 'p', '--max', '0', '.').stderr, /is no number of workloads/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

bot('owners: the last line that matches counts; one star does not go deeper', () => {
  const { of } = readOwners('* @all # everyone\n/deploy/ @ops @web\ndocs/* docs@example.com\n/deploy/open\n[Section][2] @s\n/sec/\n!no @no\n**/gen/* @gen\n')
  for (const [path, owners] of [
    ['a.yaml', ['@all']],
    ['deploy/x/a.yaml', ['@ops', '@web']],
    ['docs/a.yaml', ['docs@example.com']],
    ['docs/deep/a.yaml', ['@all']],
    ['deploy/open/a.yaml', []],
    ['sec/a.yaml', ['@s']],
    ['x/gen/a.yaml', ['@gen']],
  ] as const)
    assert.equal(of(path), owners, path)
})

bot('the difference of two texts gives the second one', () => {
  const lines = ['a\n', 'b\n', 'c\r\n', 'd\n', 'e']
  let state = 7
  const random = (n: number): number => {
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return state % n
  }
  for (let i = 0; i < 500; i++) {
    const [one, two] = [0, 1].map(() => Array.from({ length: random(9) }, () => lines[random(5)] as string).join('')) as [string, string]
    assert.is(applyEdits(one, difference(one, two)), two, JSON.stringify([one, two]))
  }
})

bot.run()
