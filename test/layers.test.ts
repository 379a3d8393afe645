/** Who may import whom. The order in which data flows, held by reading the imports. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const layers = suite('layers')

function sources(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort()
}

function imports(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/^(?:import|export)\b[^'"]*?from '([^']+)'/gm)].map((match) => {
    const target = match[1] as string
    return target.startsWith('.') ? relative(root, join(root, dirname(file), target)) : target
  })
}

/** Folder or file → what its imports may start with. The first matching row counts. */
const MAY: readonly (readonly [string, readonly string[]])[] = [
  ['src/types.ts', []],
  ['src/version.ts', []],
  ['src/text/', ['src/types.ts', 'src/text/']],
  ['src/tree.ts', ['src/types.ts']],
  ['src/pod.ts', ['src/types.ts', 'src/tree.ts']],
  ['src/standards/', ['src/types.ts', 'src/tree.ts', 'src/standards/']],
  ['src/kube/', ['src/types.ts', 'src/tree.ts', 'src/standards/', 'src/kube/']],
  ['src/evidence/', ['src/types.ts', 'src/shape.ts', 'src/capabilities.ts', 'src/evidence/', '#catalogue', 'node:', 'yaml', 'js-yaml', 'dockerfile-ast']],
  ['transforms/', ['src/types.ts', 'src/tree.ts', 'src/kube/', 'transforms/']],
  ['src/languages/manifest/', ['src/types.ts', 'src/tree.ts', 'src/pod.ts', 'src/text/', 'src/kube/', 'src/languages/manifest/', 'yaml', 'js-yaml']],
  ['src/report/', ['src/types.ts', 'src/report/', 'src/text/']],
  ['src/plan.ts', ['src/types.ts', 'src/tree.ts', 'src/pod.ts', 'src/text/', 'src/fingerprint.ts', 'src/exemptions/covers.ts']],
  ['src/exemptions/', ['src/types.ts', 'src/tree.ts', 'src/pod.ts', 'src/shape.ts', 'src/gitignore.ts', 'src/exemptions/']],
  // What runs in a browser knows the data that it reads, not what wrote it.
  ['src/report/page/', ['src/types.ts', 'src/report/page/', 'src/report/html/review.ts', 'src/report/safe.ts']],
  ['src/verify.ts', ['src/types.ts', 'src/tree.ts', 'src/text/']],
]

for (const [prefix, allowed] of MAY) {
  layers(`${prefix} imports only ${allowed.join(', ') || 'nothing'}`, () => {
    const files = [...sources('src'), ...sources('transforms')].filter((file) => file.startsWith(prefix))
    assert.ok(files.length > 0, 'there is no such file')
    for (const file of files)
      for (const target of imports(file))
        assert.ok(
          allowed.some((start) => target.startsWith(start)),
          `${file} imports ${target}`,
        )
  })
}

layers('only the language knows the parser, only the command line knows yargs and process', () => {
  for (const file of [...sources('src'), ...sources('transforms')]) {
    const targets = imports(file)
    if (file !== 'src/arguments.ts') assert.not.ok(targets.includes('yargs'), `${file} imports yargs`)
    // Small documents of the survey are read by the same parser, without layout.
    if (!file.startsWith('src/languages/manifest/') && !/shape|dockerfile|survey|kustomizations|injected|root-scripts|vendored/.test(file))
      assert.not.ok(targets.includes('yaml'), `${file} imports yaml`)
    if (file !== 'src/cdk8s.ts') assert.not.ok(targets.includes('cdk8s'), `${file} imports cdk8s`)
    assert.not.ok(
      targets.some((target) => target.startsWith('cdk8s-plus')),
      `${file} imports cdk8s-plus`,
    )
    const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    // A cdk8s program has no command line of ours: its working folder and its stderr are asked for directly.
    if (!['src/cli.ts', 'src/bin.ts', 'src/cdk8s/harden.ts'].includes(file) && !file.startsWith('src/commands/'))
      assert.not.match(text, /\bconsole\.|\bprocess\.(?!getuid|pid)/, `${file} uses console or process`)
  }
})

layers('no test is left alone by .only, none is skipped without a reason', () => {
  for (const file of sources('test')) assert.not.match(readFileSync(join(root, file), 'utf8'), /\b\w+\.only\(/, file)
})

layers('no import goes round in a circle', () => {
  const graph = new Map([...sources('src'), ...sources('transforms')].map((file) => [file, imports(file).filter((target) => target.endsWith('.ts'))]))
  // Types are erased: a circle of types alone is none at run time, but none is wanted either.
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    assert.not.ok(path.includes(file), `${[...path, file].join(' → ')}`)
    if (done.has(file)) return
    for (const target of graph.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
})

layers.run()
