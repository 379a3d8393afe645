/** `--interactive`: what each answer does to the files, and what is kept of it. */
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withDecided } from '../src/config/decided.ts'
import { configOf } from '../src/config/read.ts'
import { Decisions } from '../src/interactive/decisions.ts'
import { answerOf } from '../src/interactive/prompt.ts'
import { type Desk, reviewUnit } from '../src/interactive/review.ts'
import { withDefaults } from '../src/options.ts'
import { run } from '../src/run.ts'
import { writeFiles } from '../src/write.ts'
import { tempTree } from './temp-tree.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const interactive = suite('interactive')

const pod = (name: string, image = `corp/${name}:1`): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name} # ${name}\nspec:\n  containers:\n  - name: app\n    image: ${image}\n`

interface Session {
  readonly folder: string
  readonly said: string
  readonly asked: number
  readonly decisions: Decisions
  readonly stopped: boolean
}

/** The files after a review with these answers. */
async function review(files: Readonly<Record<string, string>>, ...answers: readonly string[]): Promise<Session> {
  const folder = tempTree(files)
  const options = withDefaults({}, true)
  const started = run({ paths: ['.'], cwd: folder, root: folder, includeGenerated: false, options })
  const decisions = new Decisions()
  let said = ''
  let asked = 0
  const desk: Desk = {
    say: (text) => {
      said += text
    },
    ask: async () => answers[asked++],
    show: (_result, _patch, diff) => diff,
    write: (result) => writeFiles(folder, result.outputs),
  }
  let stopped = false
  for (const result of started.results()) {
    if (result.outputs.length === 0) continue
    const reviewed = await reviewUnit(result, decisions, options, (next) => started.again(result.unit, next), desk)
    assert.equal(reviewed.problems, [])
    stopped = reviewed.stopped
    if (stopped) break
  }
  return { folder, said, asked, decisions, stopped }
}

function text({ folder }: Session, file: string): string {
  return readFileSync(join(folder, file), 'utf8')
}

interactive('yes writes, no leaves, document by document of one file', async () => {
  const session = await review({ 'a.yaml': `${pod('one')}---\n${pod('two')}---\n${pod('three')}` }, 'y', 'n', 'y')
  const [one, two, three] = text(session, 'a.yaml').split('---\n')
  assert.match(one ?? '', /runAsNonRoot/)
  assert.is(two, pod('two'))
  assert.match(three ?? '', /runAsNonRoot/)
  assert.is(session.asked, 3)
  assert.equal(
    session.decisions.exemptions.map(({ kind, name }) => `${kind}/${name}`),
    ['Pod/two'],
  )
})

interactive('another user, then without a transform, then yes', async () => {
  const session = await review({ 'a.yaml': pod('one') }, 'u 4711', 's set-read-only-root-filesystem', 'y')
  assert.match(text(session, 'a.yaml'), /runAsUser: 4711/)
  assert.not.match(text(session, 'a.yaml'), /readOnlyRootFilesystem/)
  assert.match(session.said, /\+ +runAsUser: 10001[^]*\+ +runAsUser: 4711/)
})

interactive('all of an image, all of the rest, and quit', async () => {
  const files = { 'a.yaml': pod('a', 'corp/x:1'), 'b.yaml': pod('b', 'corp/x:1'), 'c.yaml': pod('c', 'corp/y:1'), 'd.yaml': pod('d') }
  const ofImage = await review(files, 'i', 'q')
  assert.equal([ofImage.asked, ofImage.stopped], [2, true])
  assert.match(text(ofImage, 'b.yaml'), /runAsNonRoot/)
  assert.is(text(ofImage, 'c.yaml'), files['c.yaml'])
  const all = await review(files, 'n', 'a')
  assert.is(all.asked, 2)
  assert.is(text(all, 'a.yaml'), files['a.yaml'])
  for (const file of ['b.yaml', 'c.yaml', 'd.yaml']) assert.match(text(all, file), /runAsNonRoot/, file)
})

interactive('what was accepted before a quit in the same file is written, the rest is as it was', async () => {
  const session = await review({ 'a.yaml': `${pod('one')}---\n${pod('two')}` }, 'y')
  const [one, two] = text(session, 'a.yaml').split('---\n')
  assert.match(one ?? '', /runAsNonRoot/)
  assert.is(two, pod('two'))
  assert.is(session.stopped, true, 'no answer any more counts as quit')
})

interactive('answers', () => {
  const ids = ['drop-all-capabilities', 'set-read-only-root-filesystem']
  assert.equal(answerOf(' Y ', ids), { is: 'yes' })
  assert.equal(answerOf('u 5', ids), { is: 'uid', uid: 5 })
  assert.equal(answerOf('s 2, drop-all-capabilities', ids), { is: 'skip', transforms: ['set-read-only-root-filesystem', 'drop-all-capabilities'] })
  for (const wrong of ['', 'x', 'u', 'u 0', 'u root', 's', 's 3', 'yes please']) assert.is(answerOf(wrong, ids).is, 'mistake', wrong)
})

interactive('decisions go to the config file, which keeps every byte it had', () => {
  const decisions = new Decisions()
  decisions.leave({ file: 'a b/[x].yaml', object: { apiVersion: 'v1', kind: 'Pod', name: 'no', namespace: 'shop: "x"\n# y' } })
  decisions.leave({ file: 'b.yaml', object: { apiVersion: 'v1', kind: 'Pod', name: 'b' } }, ['drop-all-capabilities'])
  decisions.setUser('corp/x:1', 5)
  decisions.setUser('corp/x:1', 6)
  for (const before of [
    '',
    '# mine\nlevel: restricted # for now\n',
    'exemptions:\n- reason: x\n  name: y\n\n# images\nimages:\n    - image: z\n      uid: 3\nuid: 9',
    'level: hardened\r\n',
  ]) {
    const made = withDecided(before, decisions)
    assert.ok('text' in made, JSON.stringify(made))
    const found = configOf('c', made.text)
    assert.ok('config' in found, JSON.stringify(found))
    const { exemptions = [], images } = found.config.options
    assert.equal(
      exemptions.slice(-2).map(({ source, ...rest }) => rest),
      decisions.exemptions.map(({ source, ...rest }) => rest),
    )
    assert.equal(
      images?.images.slice(-1).map(({ image, uid }) => [image, uid]),
      [['corp/x:1', 6]],
    )
    for (const line of before.split('\n')) assert.ok(made.text.includes(line.trimEnd()), line)
  }
  assert.ok('mistake' in withDecided('exemptions: [{reason: a, name: b}]\n', decisions))
  assert.ok('mistake' in withDecided('levle: x\n', decisions))
})

interactive('it needs a terminal, and goes with nothing that writes elsewhere', () => {
  const call = (...args: readonly string[]): string => spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), '--interactive', ...args], { encoding: 'utf8' }).stderr
  assert.match(call(), /needs a terminal/)
  assert.match(call('--check'), /cannot be used with/)
})

interactive('at a real terminal: the diff, the reasons, the question; decisions are kept when asked for', async () => {
  if (spawnSync('script', ['--version']).error !== undefined) {
    console.log('      skipped: no script(1) here, so there is no terminal to ask at')
    return
  }
  const folder = tempTree({ 'a.yaml': pod('one'), 'b.yaml': pod('two'), 'c.yaml': pod('three\u001b[31m') })
  writeFileSync(join(folder, 'b.yaml'), pod('two'))
  const command = `'${process.execPath}' '${join(root, 'bin/podharden.cjs')}' --root . -i --no-color .`
  const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: folder, env: { ...process.env, COLUMNS: '80' } })
  let out = ''
  const answers = ['?\n', 'n\n', 'u 77\n', 'y\n', 'q\n', 'y\n']
  let seen = 0
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
    // One answer for each question.
    const questions = out.match(/(?:\[y,n,u,s,i,a,q,\?\]|\[y,n\]) /g)?.length ?? 0
    while (seen < questions) child.stdin.write(answers[seen++] ?? 'q\n')
  })
  const status = await new Promise<number | null>((done) => {
    child.on('exit', done)
  })
  assert.is(status, 0, out)
  assert.match(out, /leave this workload as it is/)
  assert.match(out, /a\.yaml {2}Pod one/)
  assert.match(out, /fix +assumed/)
  assert.match(out, /1 file written/)
  assert.not.match(out, /three\u001b\[31m/)
  assert.is(readFileSync(join(folder, 'a.yaml'), 'utf8'), pod('one'))
  assert.match(readFileSync(join(folder, 'b.yaml'), 'utf8'), /runAsUser: 77/)
  const config = readFileSync(join(folder, 'podharden.yaml'), 'utf8')
  assert.match(config, /- image: "corp\/two:1"\n {4}uid: 77\n/)
  assert.match(config, /name: one/)
  const after = spawnSync(process.execPath, [join(root, 'bin/podharden.cjs'), '--root', '.', 'a.yaml', 'b.yaml'], { cwd: folder, encoding: 'utf8' })
  assert.is(after.stdout, '', 'the next run asks for nothing of what was decided')
})

interactive.run()
