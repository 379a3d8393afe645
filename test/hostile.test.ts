/** Names that are meant to do something, through every report and command: each stays a name. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { tempTree } from './temp-tree.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const hostile = suite('hostile names')

const NAMES: readonly string[] = [
  '\u001b]0;owned\u0007\u001b[2J\u0000\u0085',
  '\n::set-output name=changed::false\n##[error]x',
  '::error file=a,line=1::x',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '</script><!--',
  '[x](javascript:alert(1)) ](javascript:alert(1)) ![](http://x)',
  '\u202egpj.exe\u2066\u200f\u061c',
  'a|b`c``d @everyone #1',
  '\n---\ndiff --git a/x b/x\nFrom 0 Mon Sep 17 00:00:00 2001\n',
  '__proto__',
  `${'x'.repeat(10_000)}`,
  `${'\ud83d\ude00'.repeat(5_000)}`,
]

/** YAML and JSON write them the same way, in ASCII: the source itself shows nothing. */
function quoted(name: string): string {
  return JSON.stringify(name).replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function manifest(name: string): string {
  const q = quoted(name)
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${q}
  namespace: ${q}
  annotations:
    podharden.io/skip: ${quoted(`drop-all-capabilities: ${name}`)}
    ${quoted(`podharden.io/skip.${name}`)}: "forbid-privileged: x"
    checkov.io/skip1: ${quoted(`CKV_K8S_22=${name}`)}
spec:
  template:
    spec:
      hostNetwork: true
      containers:
      - name: ${q}
        image: ${quoted(`corp/${name}`)}
        command: [${q}]
        securityContext:
          capabilities:
            add: [${q}]
        volumeMounts:
        - name: ${q}
          mountPath: /data
      volumes:
      - name: ${q}
        hostPath:
          path: ${quoted(`/opt/${name}`)}
`
}

const FILES: Record<string, string> = {
  'podharden.yaml': `exemptions:\n- reason: ${quoted(NAMES[1] as string)}\n  transform: forbid-privilege-escalation\n  kind: Deployment\n- reason: ${quoted(NAMES[5] as string)}\n  name: nobody\n`,
  CODEOWNERS: '* @team/`](javascript:x)\n',
  'broken.yaml': `containers:\n  ${quoted(NAMES[0] as string)}: [\n`,
}
for (const [i, name] of NAMES.entries()) {
  FILES[`d${i}/a.yaml`] = manifest(name)
  // What a file system takes of it.
  const file = name.replace(/[/\u0000]/g, '_').slice(0, 60)
  FILES[`${file}/${file}.yaml`] = manifest('plain')
}

/** Characters that act on a terminal or turn text around, but for line feeds. */
const ACTING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]/

function checkPlain(text: string, what: string): void {
  const at = ACTING.exec(text)
  assert.is(at, null, `${what}: ${at === null ? '' : JSON.stringify(text.slice(Math.max(0, at.index - 40), at.index + 20))}`)
  for (const line of text.split('\n')) assert.not.match(line, /^\s*(?:::set-output|::error file=a,line=1::x|##\[)/, what)
}

/** Without what stands in code spans, and what a backslash takes its meaning from. */
function bare(markdown: string): string {
  return markdown.replace(/\\[\\`*_{}[\]<>|~&#.)+-]/g, '').replace(/(`+)[^]*?[^`]\1(?!`)/g, '')
}

const folder = tempTree(FILES)
const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), '--root', '.', '--no-color', ...args], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 })

for (const format of ['diff', 'text', 'json', 'sarif', 'markdown', 'github', 'html'] as const)
  hostile(`--format ${format}`, () => {
    const { status, stdout, stderr } = run('--format', format, '.')
    assert.is(status, 2, 'for the broken file')
    checkPlain(stderr, 'stderr')
    // git puts a tab behind a name with blanks.
    checkPlain(stdout.replace(/^([-+]{3} .*)\t$/gm, '$1'), 'stdout')
    if (format === 'json' || format === 'sarif') JSON.parse(stdout)
    if (format === 'github')
      for (const line of stdout.trimEnd().split('\n')) assert.match(line, /^::(?:warning|notice|error) (?:(?:file|line|col|title)=[^,:]*(?:,|(?=::)))+::/, line.slice(0, 200))
    if (format === 'markdown') {
      assert.ok(stdout.length <= 65536, String(stdout.length))
      assert.not.match(bare(stdout), /<(?!br>|!-- -->)|\]\(|(?<![\w`])@(?!<!-- -->)\w/)
    }
    if (format === 'html') {
      assert.not.match(stdout, /<script>alert|<img src=x/)
      assert.is(stdout.match(/<script\b/g)?.length, stdout.match(/<\/script>/g)?.length)
    }
  })

for (const args of [
  ['explain', '.'],
  ['explain', '--format', 'markdown', '.'],
  ['explain', '--format', 'json', '.'],
  ['images', '.'],
  ['images', '--format', 'json', '.'],
] as const)
  hostile(args.join(' '), () => {
    const [command, ...rest] = args
    const { stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), command, '--root', '.', ...rest], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
    checkPlain(stderr, 'stderr')
    checkPlain(stdout, 'stdout')
    if (args.includes('json' as never)) JSON.parse(stdout)
    if (args.includes('markdown' as never)) assert.not.match(bare(stdout), /<(?!br>|!-- -->)|\]\(/)
    assert.not.match(stderr, /internal error/)
  })

hostile('a baseline, a first config file, patches', () => {
  const other = tempTree(Object.fromEntries(Object.entries(FILES).filter(([path]) => path !== 'podharden.yaml')))
  const here = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), ...args, '--root', '.'], { cwd: other, encoding: 'utf8', maxBuffer: 1 << 28 })
  assert.is(here('--write-baseline', 'b.json', '.').status, 2)
  checkPlain(readFileSync(join(other, 'b.json'), 'utf8'), 'baseline')
  const init = here('init')
  assert.is(init.status, 0, init.stderr)
  checkPlain(readFileSync(join(other, 'podharden.yaml'), 'utf8'), 'podharden.yaml')
  assert.is(here('--check', '.').status, 2, 'the file that was written is one that can be read')
  here('--patches', 'p', '--split-by', 'workload', '.')
  for (const name of readdirSync(join(other, 'p'))) {
    assert.match(name, /^\d{4}-[\w-]+\.patch$/)
    checkPlain(readFileSync(join(other, 'p', name), 'utf8').replace(/^([-+]{3} .*)\t$/gm, '$1'), name)
  }
})

hostile.run()
