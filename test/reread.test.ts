/** The proof's parser against the one that plans: where it speaks at all, both must read the same. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mayHoldPodSpec, slices } from '../src/kube/documents.ts'
import { parseSlice } from '../src/languages/manifest/parse.ts'
import { rereadSlice } from '../src/languages/manifest/reread.ts'
import { difference } from '../src/tree.ts'
import type { Node } from '../src/types.ts'
import { objects, print, style } from './manifests.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const reread = suite('reread')

/** What is compared beyond values: where scalars and keys stand, how they are written, the comment behind. */
function sameLook(a: Node, b: Node, path: string): void {
  if (a.is === 'value' && b.is === 'value') {
    assert.is(b.quoted ?? false, a.quoted ?? false, path)
    assert.is(b.comment, a.comment, path)
    if (a.quoted === true) return
    assert.is(b.raw ?? '', a.raw ?? '', path)
    if (b.at !== undefined) assert.equal(b.at, a.at, path)
  } else if (a.is === 'list' && b.is === 'list') for (const [i, item] of a.items.entries()) sameLook(item, b.items[i] as Node, `${path}[${i}]`)
  else if (a.is === 'map' && b.is === 'map') {
    for (const [key, { key: at, node }] of a.entries) {
      const twin = b.entries.get(key)
      assert.equal(twin?.key, at, `${path}.${key}`)
      sameLook(node, twin?.node as Node, `${path}.${key}`)
    }
  } else assert.is(b.is, a.is, path)
}

/** How many documents of the text both read; each must be read alike. */
function compare(file: string, text: string): { readonly both: number; readonly left: number } {
  let both = 0
  let left = 0
  for (const { start, end } of slices(text)) {
    if (!mayHoldPodSpec(text.slice(start, end))) continue
    const document = rereadSlice(file, text, start, end, 0)
    if (document === undefined) {
      left++
      continue
    }
    const first = parseSlice(file, text, start, end, 0)
    if ('failure' in first) throw new Error(`${file}: only the proof's parser can read it: ${first.failure.message}`)
    assert.is(first.documents.length, 1, file)
    const [known] = first.documents
    if (known === undefined) continue
    const path = difference(known.root, document.root, undefined)
    assert.is(path, undefined, `${file}: differs at ${path?.join('.')}`)
    assert.equal(document.comments, known.comments, file)
    sameLook(known.root, document.root, file)
    both++
  }
  return { both, left }
}

function below(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function compareAll(folder: string): { readonly both: number; readonly left: number } {
  let both = 0
  let left = 0
  for (const file of below(folder)) {
    const found = compare(file, readFileSync(file, 'utf8'))
    both += found.both
    left += found.left
  }
  return { both, left }
}

reread('every shape and fixture', () => {
  const shapes = compareAll(join(root, 'test/shapes'))
  const fixtures = compareAll(join(root, 'test/fixtures'))
  assert.ok(shapes.both > 100 && fixtures.both > 200, `the second parser reads next to nothing: ${shapes.both} and ${fixtures.both}`)
  assert.ok(shapes.left > 0, 'nothing was left to the first parser, so the shapes lack what it is for')
})

reread('random manifests in random styles', () => {
  fc.assert(
    fc.property(fc.array(objects, { minLength: 1, maxLength: 2 }), style, (documents, how) => {
      compare('random', print(documents, how))
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 300) },
  )
})

const UNUSUAL: readonly (readonly [string, string])[] = [
  ['an anchor', 'a: &x 1\n'],
  ['an alias', 'a: &x 1\nb: *x\n'],
  ['a tag', 'a: !!str 1\n'],
  ['a merge key', '<<: {a: 1}\n'],
  ['a repeated key', 'a: 1\na: 2\n'],
  ['a number as key', '1: a\n'],
  ['a boolean as key', 'on: a\n'],
  ['a key of YAML 1.2 that is none', '.inf: a\n'],
  ['a complex key', '? [a]\n: b\n'],
  ['a directive', '%YAML 1.1\n---\na: 1\n'],
  ['a line break of YAML 1.1', 'a: "b\u2028c"\n'],
  ['two documents', 'a: 1\n--- {b: 1}\n'],
  ['nothing', '# only a comment\n'],
  ['what cannot be read', 'a: [1\n'],
]
for (const [name, text] of UNUSUAL) {
  reread(`${name} is left to the first parser`, () => {
    assert.is(rereadSlice('a.yaml', text, 0, text.length, 0), undefined)
  })
}

reread('comments are found wherever they may stand, and nothing else is taken for one', () => {
  const text = [
    '# top',
    'kind: Pod',
    'spec: {containers: []}',
    'a: "x # y" # one',
    "b: '# no' # two",
    'c: | # three',
    '  # text',
    '  more',
    '# four',
    'd: [1, # five',
    '  2] # six',
    'e: p#q # seven',
    'f: # eight',
    '  - # nine',
    '    g: >-',
    '      folded # text',
    '  # ten',
  ].join('\n')
  const document = rereadSlice('a.yaml', text, 0, text.length, 0)
  const words = document?.comments.map((comment) => comment.text.slice(2))
  assert.equal(words, ['top', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'])
  assert.is(compare('a.yaml', text).both, 1)
})

const corpus = join(root, '../shared/corpus')
if (existsSync(corpus)) {
  reread('the corpus', () => {
    const { both } = compareAll(corpus)
    assert.ok(both > 1000, String(both))
  })
} else process.stdout.write('skipped: no corpus beside the project\n')

reread.run()
