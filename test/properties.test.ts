/** The law on random manifests in random styles, and what must hold of whole runs. */
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import { harden, type Options, transforms } from '../src/index.ts'
import { objects, type Plain, print, style } from './manifests.ts'

const properties = suite('properties')
const RUNS = Number(process.env.PROPERTY_RUNS ?? 300)
const all: Partial<Options> = { atLeast: 'assumed' }

const texts = fc.tuple(fc.array(objects, { minLength: 1, maxLength: 2 }), style).map(([documents, how]) => print(documents, how))

/** Without anchors: text that several places share is a review where they need different things, so less is written. */
const unshared = fc.tuple(fc.array(objects, { minLength: 1, maxLength: 2 }), style).map(([documents, how]) => print(JSON.parse(JSON.stringify(documents)) as Plain[], how))

function read(text: string): unknown[] {
  return parseAllDocuments(text.replace(/^\uFEFF/, ''), { uniqueKeys: false, merge: true }).map((document) => document.toJS() as unknown)
}

function comments(text: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => /(?:^|\s)(# (?:header|note|inline).*)$/.exec(line)?.[1] ?? [])
}

properties('what is printed at random is valid YAML, so that the other properties say something', () => {
  fc.assert(
    fc.property(texts, (text) => {
      for (const document of parseAllDocuments(text.replace(/^\uFEFF/, ''), { uniqueKeys: false })) assert.equal(document.errors, [])
    }),
    { numRuns: RUNS },
  )
})

properties('no random manifest makes a problem: every edit passes its own proof', () => {
  fc.assert(
    fc.property(texts, (text) => {
      assert.equal(harden(text, all).problems, [])
    }),
    { numRuns: RUNS },
  )
})

properties('the edits, made on the original, give the output: nothing else has changed', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const result = harden(text, all)
      const body = text.replace(/^\uFEFF/, '')
      let at = 0
      let rebuilt = ''
      for (const { start, end, text: inserted } of result.edits) {
        assert.ok(start >= at && end >= start)
        rebuilt += body.slice(at, start) + inserted
        at = end
      }
      rebuilt += body.slice(at)
      assert.is(result.text.replace(/^\uFEFF/, ''), rebuilt)
      assert.is(result.text.startsWith('\uFEFF'), text.startsWith('\uFEFF'))
    }),
    { numRuns: RUNS },
  )
})

properties('comments stay, in order; line ends stay; the end of the file stays', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const result = harden(text, all)
      assert.equal(comments(result.text), comments(text))
      if (text.includes('\r\n')) assert.not.match(result.text, /[^\r]\n/)
      else assert.not.match(result.text, /\r/)
      assert.is(/\n$/.test(result.text), /\n$/.test(text))
    }),
    { numRuns: RUNS },
  )
})

properties('two runs equal one', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const once = harden(text, all)
      const twice = harden(once.text, all)
      assert.is(twice.text, once.text)
      assert.equal(
        twice.findings.filter(({ outcome }) => outcome === 'fix'),
        [],
      )
    }),
    { numRuns: RUNS },
  )
})

properties('transforms together and one after another give the same objects', () => {
  const ids = transforms.map(({ id }) => id)
  fc.assert(
    fc.property(unshared, fc.subarray(ids, { minLength: 1 }), (text, only) => {
      const together = harden(text, { ...all, only })
      let stepwise = text
      for (const id of only) stepwise = harden(stepwise, { ...all, only: [id] }).text
      assert.equal(read(stepwise), read(together.text))
    }),
    { numRuns: RUNS },
  )
})

properties('text and plain object are hardened alike', () => {
  fc.assert(
    fc.property(objects, style, (object, how) => {
      const plain = JSON.parse(JSON.stringify(object)) as { [key: string]: unknown }
      const byObject = harden(plain, all)
      // A comment beside a value makes it a question; a plain object has none.
      const byText = harden(print([plain as Plain], { ...how, draws: how.draws.map((draw) => draw % 80) }), all)
      assert.equal(read(byText.text)[0], JSON.parse(JSON.stringify(byObject.object)))
    }),
    { numRuns: RUNS },
  )
})

properties.run()
