// Declarations of the CommonJS doors: those of the modules behind them, with the endings that CommonJS needs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const OUT = 'dist/cjs'
const done = new Set()

/** Writes `dist/cjs/X.d.cts` for `dist/src/X.d.ts`, and everything that it names. */
function take(file) {
  if (done.has(file)) return
  done.add(file)
  const text = readFileSync(file, 'utf8').replace(/(from |import\()(['"])(\.[^'"]+)\.[jt]s\2/g, (_, word, quote, path) => {
    take(join(dirname(file), `${path}.d.ts`))
    return `${word}${quote}${path}.cjs${quote}`
  })
  const to = join(OUT, relative('dist', file)).replace(/\.d\.ts$/, '.d.cts')
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, text.replace(/\n?\/\/# sourceMappingURL=.*/, ''))
}

for (const name of ['index', 'cdk8s', 'cdk8s-validation']) take(`dist/src/${name}.d.ts`)
