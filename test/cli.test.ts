/** The built command line, started as users start it: stdout, stderr, status, files. */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const bin = join(root, 'bin/podharden.cjs')

const POD = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: a\n    image: registry.example/a:1 # pinned\n'
const DEPLOYMENT = `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec:\n  selector: {matchLabels: {app: a}}\n  template:\n    metadata: {labels: {app: a}}\n    spec:\n      containers:\n      - name: a\n        image: registry.example/a:1 # pinned\n`
const HARD = POD.replace('spec:\n', 'spec:\n  securityContext:\n    runAsNonRoot: true\n    runAsUser: 1000\n    seccompProfile:\n      type: RuntimeDefault\n').replace(
  'pinned\n',
  'pinned\n    securityContext:\n      allowPrivilegeEscalation: false\n      capabilities:\n        drop: [ALL]\n      readOnlyRootFilesystem: true\n',
)

interface Result {
  readonly stdout: string
  readonly stderr: string
  readonly status: number | null
}

function run(cwd: string, args: readonly string[], input = ''): Result {
  const { stdout, stderr, status } = spawnSync(process.execPath, [bin, ...args], { cwd, input, encoding: 'utf8', maxBuffer: 1 << 28 })
  return { stdout, stderr, status }
}

function folder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const made = mkdtempSync(join(tmpdir(), 'podharden-cli-'))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(made, path)), { recursive: true })
    writeFileSync(join(made, path), content)
  }
  return made
}

function within(files: Readonly<Record<string, string | Uint8Array>>, test: (cwd: string) => void): void {
  const cwd = folder(files)
  try {
    test(cwd)
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

const cli = suite('cli')

cli('a dry run prints a diff on stdout, a summary on stderr, and writes nothing', () => {
  within({ 'a.yaml': POD }, (cwd) => {
    const { stdout, stderr, status } = run(cwd, ['.'])
    assert.is(status, 0)
    assert.match(stdout, /^diff --git a\/a\.yaml b\/a\.yaml\n--- a\/a\.yaml\n\+\+\+ b\/a\.yaml\n@@ /)
    assert.match(stderr, /1 file to change, of 1 with 1 workload\.[^]*1 container: /)
    assert.match(stderr, /nothing was run/)
    assert.match(stderr, /add --write to apply/)
    assert.is(readFileSync(join(cwd, 'a.yaml'), 'utf8'), POD)
  })
})

cli('git apply and patch -p1 of the printed diff give the bytes of --write', () => {
  const files = {
    'plain.yaml': POD,
    'crlf.yaml': POD.replaceAll('\n', '\r\n'),
    'mark.yaml': `\uFEFF${POD}`,
    'no-end.yaml': POD.trimEnd(),
    'sub dir/with blank.yaml': POD,
    'umlaut-ä.yaml': POD,
    'quote".yaml': POD,
    'flow.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: f}\nspec: {containers: [{name: f, image: "registry.example/f:1"}]}\n',
    'pod.json': JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'j' }, spec: { containers: [{ name: 'j', image: 'registry.example/j:1' }] } }, null, 4),
  }
  for (const command of [
    ['git', 'apply', '--whitespace=nowarn', '-'],
    ['patch', '-p1', '--binary', '--silent'],
  ] as const) {
    const [name, ...args] = command
    if (spawnSync(name, ['--version']).status !== 0) continue
    within(files, (cwd) => {
      const other = folder({})
      cpSync(cwd, other, { recursive: true })
      const { stdout } = run(cwd, ['--root', '.', '.'])
      assert.is(run(cwd, ['--root', '.', '-w', '.']).status, 0)
      // `patch` cannot read a C-quoted name outside git's own header in every version, so it is not asked to.
      const patched = spawnSync(name, args, { cwd: other, input: stdout, encoding: 'utf8' })
      assert.is(patched.status, 0, `${name}: ${patched.stdout}${patched.stderr}`)
      for (const file of Object.keys(files)) assert.ok(readFileSync(join(cwd, file)).equals(readFileSync(join(other, file))), `${name}: ${file}`)
      rmSync(other, { recursive: true })
    })
  }
})

cli('--write edits in place, keeps the mode, and a second run has nothing to do', () => {
  within({ 'a.yaml': POD, 'hard.yaml': HARD }, (cwd) => {
    chmodSync(join(cwd, 'a.yaml'), 0o640)
    const untouched = statSync(join(cwd, 'hard.yaml')).mtimeMs
    const first = run(cwd, ['--write', '.'])
    assert.is(first.status, 0)
    assert.is(first.stdout, '')
    assert.match(first.stderr, /1 file changed/)
    assert.match(readFileSync(join(cwd, 'a.yaml'), 'utf8'), /# pinned\n {4}securityContext:\n/)
    assert.is(statSync(join(cwd, 'a.yaml')).mode & 0o777, 0o640)
    assert.is(statSync(join(cwd, 'hard.yaml')).mtimeMs, untouched)
    assert.is(readFileSync(join(cwd, 'hard.yaml'), 'utf8'), HARD)
    const second = run(cwd, ['.'])
    assert.is(second.stdout, '')
    assert.match(second.stderr, /0 files to change/)
  })
})

cli('--out-dir writes a mirrored tree and leaves the input', () => {
  within({ 'in/x/a.yaml': POD }, (cwd) => {
    const { status } = run(cwd, ['--root', 'in', '--out-dir', 'out', 'in'])
    assert.is(status, 0)
    assert.is(readFileSync(join(cwd, 'in/x/a.yaml'), 'utf8'), POD)
    assert.match(readFileSync(join(cwd, 'out/x/a.yaml'), 'utf8'), 'securityContext')
  })
})

cli('--check exits 1 when something is pending, 0 when nothing is', () => {
  within({ 'a.yaml': POD }, (cwd) => assert.is(run(cwd, ['--check', '.']).status, 1))
  within({ 'a.yaml': HARD }, (cwd) => assert.is(run(cwd, ['--check', '.']).status, 0))
})

cli('- reads stdin, prints the hardened text, and makes only changes with evidence', () => {
  const { stdout, stderr, status } = run(root, ['-'], DEPLOYMENT)
  assert.is(status, 0)
  assert.match(stdout, /# pinned\n {8}securityContext:\n {10}allowPrivilegeEscalation: false\n/)
  assert.not.match(stdout, 'runAsUser')
  assert.match(stderr, /field/)
  assert.is(run(root, ['-'], 'not: a manifest\n').stdout, 'not: a manifest\n')
  const twice = run(root, ['-', '--at-least', 'assumed'], DEPLOYMENT)
  assert.match(twice.stdout, 'runAsUser')
})

cli('--format text prints the report grouped by workload, with grades, decisions, and three lines of totals last', () => {
  within({ 'a.yaml': POD, 'root.yaml': POD.replace('pinned\n', 'pinned\n    securityContext:\n      runAsUser: 0\n') }, (cwd) => {
    const { stdout } = run(cwd, ['--format', 'text', '.'])
    assert.match(stdout, /\na\.yaml {2}Pod a\n/)
    assert.match(stdout, /fix {4}certain/)
    assert.match(stdout, /assumed/)
    const lines = stdout.trimEnd().split('\n')
    assert.match(lines.at(-3) ?? '', /^2 files to change, of 2 with 2 workloads/)
    assert.match(lines.at(-2) ?? '', /certain.*known.*likely.*assumed/)
    assert.match(lines.at(-1) ?? '', /^\d+ to decide, \d+ to know, 0 problems/)
    assert.ok(stdout.lastIndexOf('To decide') > stdout.lastIndexOf('fix  '))
  })
})

cli('--format json prints one JSON object with findings, problems and a summary', () => {
  within({ 'a.yaml': POD }, (cwd) => {
    const report = JSON.parse(run(cwd, ['--format', 'json', '.']).stdout)
    assert.is(report.schema, 1)
    assert.is(report.summary.changedFiles, 1)
    const findings = report.units.flatMap((unit: { findings: unknown[] }) => unit.findings)
    assert.ok(
      findings.some(
        (finding: { transform: string; grade: string; fields: { path: string }[] }) =>
          finding.transform === 'forbid-privilege-escalation' &&
          finding.grade === 'certain' &&
          finding.fields[0]?.path === 'spec.containers[0].securityContext.allowPrivilegeEscalation',
      ),
    )
  })
})

cli('--output writes the report beside the diff', () => {
  within({ 'a.yaml': POD }, (cwd) => {
    const { stdout } = run(cwd, ['--format', 'json', '--output', 'report.json', '.'])
    assert.match(stdout, /^diff --git|^$/)
    assert.is(JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8')).schema, 1)
    const text = run(cwd, ['--output', 'report.txt', '.'])
    assert.match(text.stdout, /^diff --git/)
    assert.match(readFileSync(join(cwd, 'report.txt'), 'utf8'), /Pod a/)
  })
})

cli('--only and --skip take lists and do not eat the path behind them', () => {
  within({ 'a.yaml': POD }, (cwd) => {
    const { stdout } = run(cwd, ['--only', 'set-seccomp-runtime-default,forbid-privilege-escalation', '.'])
    assert.match(stdout, 'seccompProfile')
    assert.not.match(stdout, 'runAsUser')
    assert.not.match(run(cwd, ['--skip', 'set-seccomp-runtime-default', '.']).stdout, 'seccompProfile')
  })
})

cli('--level, --stage, --at-least and --uid reach the plan', () => {
  within({ 'a.yaml': DEPLOYMENT }, (cwd) => {
    assert.is(run(cwd, ['--level', 'baseline', '.']).stdout, '')
    assert.not.match(run(cwd, ['--level', 'restricted', '.']).stdout, 'readOnlyRootFilesystem')
    const stage = run(cwd, ['--stage', '1', '.']).stdout
    assert.match(stage, 'seccompProfile')
    assert.not.match(stage, 'runAsNonRoot')
    assert.not.match(run(cwd, ['--at-least', 'known', '.']).stdout, 'runAsUser')
    assert.match(run(cwd, ['--at-least', 'known', '--uid', '2000', '.']).stdout, 'runAsUser: 2000')
    assert.not.match(run(cwd, ['--uid', 'image', '.']).stdout, 'runAsUser')
  })
})

cli('mistakes in the call end in one line, a hint, and exit code 2', () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['--only', 'nonsense', '.'], /no transform "nonsense".*forbid-privileged/],
    [['--uid', 'abc', '.'], /--uid: "abc"/],
    [['--uid', '0', '.'], /--uid: "0"/],
    [['--level', 'strict', '.'], /level/],
    [['--nonsense', '.'], /nonsense/],
    [['--write', '--out-dir', 'x', '.'], /choose one/],
    [['-', 'a.yaml'], /cannot stand beside/],
    [['-', '--write'], /cannot be used with/],
    [['--output', 'missing/dir/x', '.'], /--output/],
  ]
  within({ 'a.yaml': POD }, (cwd) => {
    for (const [args, message] of wrong) {
      const { stderr, status, stdout } = run(cwd, args)
      assert.is(status, 2, args.join(' '))
      assert.match(stderr, message)
      assert.match(stderr, /--help/)
      assert.not.match(stderr, /\n {4}at /)
      assert.is(stdout, '')
    }
    assert.is(readFileSync(join(cwd, 'a.yaml'), 'utf8'), POD)
  })
})

cli('help, version and list', () => {
  const help = run(root, ['--help'])
  assert.is(help.status, 0)
  for (const word of ['--write', '--check', '--at-least', 'Exit codes', 'podharden deploy/']) assert.match(help.stdout, word)
  assert.is(run(root, ['--version']).stdout.trim(), JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version)
  const list = run(root, ['list'])
  assert.is(list.status, 0)
  assert.match(list.stdout, /^forbid-privileged\s+baseline/)
})

// ---- bad input ---------------------------------------------------------------------------------------------

const bad = suite('bad input')

/** One bad file beside a good one: a message with place and next step, exit 2, bytes kept, the good file done. */
function beside(name: string, content: string | Uint8Array, code: string, place: RegExp): void {
  within({ [name]: content, 'good.yaml': POD }, (cwd) => {
    const before = readFileSync(join(cwd, name))
    const { stderr, status } = run(cwd, ['--write', '.'])
    assert.is(status, 2, stderr)
    assert.match(stderr, code)
    assert.match(stderr, place)
    assert.ok(readFileSync(join(cwd, name)).equals(before), 'bytes have changed')
    assert.match(readFileSync(join(cwd, 'good.yaml'), 'utf8'), 'securityContext')
    const hint = stderr.split('\n')[stderr.split('\n').findIndex((line) => line.includes(code)) + 1] ?? ''
    assert.match(hint, /^ {6}\S/, 'no next step')
  })
}

bad('broken YAML', () => beside('bad.yaml', `${POD}  broken: [1, 2\n`, 'UNPARSABLE', /bad\.yaml:\d+:\d+/))
bad('a merge conflict', () => beside('bad.yaml', POD.replace('    image', '<<<<<<< HEAD\n    image'), 'MERGE_CONFLICT', /bad\.yaml:8/))
bad('invalid UTF-8', () => beside('bad.yaml', Buffer.concat([Buffer.from(`${POD}# `), Buffer.from([0xe9]), Buffer.from('\n')]), 'NOT_UTF8', /bad\.yaml:9/))
bad('UTF-16', () => beside('bad.yaml', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(POD, 'utf16le')]), 'ENCODING', /bad\.yaml/))
bad('10,000 nested levels', () => beside('bad.yaml', `${POD}    args: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`, 'TOO_DEEP', /bad\.yaml/))
bad('an alias bomb', () => {
  const levels = Array.from({ length: 9 }, (_, i) => `  l${i + 1}: &l${i + 1} [${Array.from({ length: 9 }, () => `*l${i}`).join(', ')}]\n`).join('')
  beside('bad.yaml', POD.replace('metadata:\n  name: a\n', `metadata:\n  name: a\nextra:\n  l0: &l0 [x]\n${levels}`), 'ALIAS_BOMB', /bad\.yaml/)
})
bad('a key that occurs twice on the way', () => beside('bad.yaml', `${POD}  containers: []\n`, 'DUPLICATE_KEY', /bad\.yaml:\d+/))

bad('a path that does not exist', () => {
  within({ 'good.yaml': POD }, (cwd) => {
    const { stderr, status, stdout } = run(cwd, ['missing.yaml', 'good.yaml'])
    assert.is(status, 2)
    assert.match(stderr, /missing\.yaml.*NOT_FOUND/)
    assert.match(stdout, /good\.yaml/)
  })
})

bad('a folder named like a file', () => {
  within({ 'dir.yaml/inner.yaml': POD, 'good.yaml': POD }, (cwd) => {
    const { status, stdout } = run(cwd, ['.'])
    assert.is(status, 0)
    assert.match(stdout, /dir\.yaml\/inner\.yaml/)
  })
})

bad('a link out of the tree', () => {
  within({ 'outside.yaml': POD, 'tree/good.yaml': POD }, (cwd) => {
    symlinkSync(join(cwd, 'outside.yaml'), join(cwd, 'tree/link.yaml'))
    const { status, stderr } = run(join(cwd, 'tree'), ['--root', '.', '--write', 'link.yaml', 'good.yaml'])
    assert.is(status, 2)
    assert.match(stderr, /link\.yaml.*OUTSIDE_ROOT/)
    assert.is(readFileSync(join(cwd, 'outside.yaml'), 'utf8'), POD)
  })
})

bad('a file of 200 MB', () => {
  const line = `  key: ${'x'.repeat(1000)}\n`
  const big = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: big\ndata:\n${line.repeat(200_000).replace(/key/g, () => 'key')}---\n${POD}`
  within({ 'big.yaml': big, 'good.yaml': POD }, (cwd) => {
    const { status, stderr } = run(cwd, ['--write', '.'])
    assert.is(status, 0, stderr)
    assert.match(readFileSync(join(cwd, 'big.yaml'), 'utf8').slice(-700), 'securityContext')
  })
})

bad('names with control characters are printed escaped', () => {
  within({ 'evil\u001b[31m\nname.yaml': `${POD}  broken: [1, 2\n`, 'also\tgood.yaml': POD }, (cwd) => {
    const { stderr, stdout, status } = run(cwd, ['.'])
    assert.is(status, 2)
    assert.not.match(stderr, '\u001b[31m')
    assert.match(stderr, /evil\\x1b\[31m\\x0aname\.yaml/)
    assert.match(stdout, /^diff --git "a\/also\\tgood\.yaml"/m)
  })
})

bad('an unwritable folder', () => {
  if (process.getuid?.() === 0) {
    console.log('skipped: root may write everywhere; the refusal is tested by injection in write.test')
    return
  }
  within({ 'ro/a.yaml': POD, 'good.yaml': POD }, (cwd) => {
    chmodSync(join(cwd, 'ro'), 0o555)
    const { status, stderr } = run(cwd, ['--write', '.'])
    chmodSync(join(cwd, 'ro'), 0o755)
    assert.is(status, 2)
    assert.match(stderr, /UNWRITABLE/)
  })
})

bad('a full disk leaves every file whole', () => {
  if (!existsSync('/dev/full')) {
    console.log('skipped: there is no /dev/full here')
    return
  }
  within({ 'a.yaml': POD }, (cwd) => {
    const { status, stderr } = run(cwd, ['--output', '/dev/full', '.'])
    assert.is(status, 2)
    assert.match(stderr, /no space left|ENOSPC/)
    assert.not.match(stderr, /\n {4}at /)
    assert.is(readFileSync(join(cwd, 'a.yaml'), 'utf8'), POD)
  })
})

bad('a closed pipe ends the run quietly', () => {
  const files = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`f${i}.yaml`, POD]))
  within(files, (cwd) => {
    const { stdout, stderr, status } = spawnSync(
      'bash',
      ['-c', `set -o pipefail; "${process.execPath}" "${bin}" . 2>err.txt | head -n 3; echo "status \${PIPESTATUS[0]}"; cat err.txt`],
      { cwd, encoding: 'utf8' },
    )
    assert.is(status, 0)
    assert.is(stdout.split('\n')[0], 'diff --git a/f0.yaml b/f0.yaml')
    assert.not.match(stdout + stderr, /EPIPE|\n {4}at /)
  })
})

bad('ctrl-C during --write leaves only whole files and no temporaries', async () => {
  const files = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`f${String(i).padStart(4, '0')}.yaml`, POD]))
  const cwd = folder(files)
  try {
    const child = spawn(process.execPath, [bin, '--write', '.'], { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (data) => {
      stderr += data
    })
    const ended = new Promise<number | null>((done) => child.on('close', done))
    const changed = (): boolean => readFileSync(join(cwd, 'f0000.yaml'), 'utf8') !== POD
    while (!changed() && child.exitCode === null) await new Promise((next) => setTimeout(next, 5))
    child.kill('SIGINT')
    const status = await ended
    assert.is(status, 130, stderr)
    assert.match(stderr, /stopped; \d+ files were written/)
    const hard = readFileSync(join(cwd, 'f0000.yaml'), 'utf8')
    let done = 0
    for (const file of Object.keys(files)) {
      const text = readFileSync(join(cwd, file), 'utf8')
      assert.ok(text === POD || text === hard, `${file} is half-written`)
      if (text === hard) done++
    }
    assert.match(stderr, `${done} files were written`)
    assert.not.match(spawnSync('ls', ['-a', cwd], { encoding: 'utf8' }).stdout, '.podharden-')
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
})

cli.run()
bad.run()
