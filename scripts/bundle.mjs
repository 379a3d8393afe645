// One CommonJS file for the command line: it starts in half the time that the separate modules need.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
process.chdir(root)
const result = await build({
  entryPoints: ['src/bin.ts'],
  outfile: 'dist/cli.cjs',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  minify: true,
  legalComments: 'none',
  metafile: true,
  alias: { 'string-width': './scripts/string-width.mjs' },
  // yargs asks for its own place to find translations, and the catalogue for its data.
  banner: { js: 'const __bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
  define: { 'import.meta.url': '__bundleUrl' },
  logLevel: 'warning',
})
// The doors that CommonJS programs come in by: a cdk8s project is one. Dependencies stay outside, each with its licence.
for (const [entry, name] of [
  ['src/index.ts', 'podharden'],
  ['src/cdk8s.ts', 'cdk8s'],
  ['src/cdk8s-validation.ts', 'cdk8s-validation'],
]) {
  await build({
    entryPoints: [entry],
    outfile: `dist/${name}.cjs`,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    banner: { js: 'const __bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
    define: { 'import.meta.url': '__bundleUrl' },
    logLevel: 'warning',
  })
}
// What `--format html` puts into its file: one script and one style, left readable, since a reader may want to look.
for (const [entry, name] of [
  ['src/report/page/main.ts', 'review.js'],
  ['src/report/page/page.css', 'review.css'],
]) {
  await build({ entryPoints: [entry], outfile: `dist/page/${name}`, bundle: true, format: 'iife', target: 'es2022', charset: 'utf8', legalComments: 'none', logLevel: 'warning' })
}
await import('./cjs-types.mjs')

// Node reads the catalogue as a file; a bundle for a browser takes it in as a text, which is parsed when first needed.
mkdirSync('dist/data', { recursive: true })
copyFileSync('data/catalogue.json', 'dist/data/catalogue.json')
writeFileSync('dist/data/catalogue.js', `export const catalogueText = () => ${JSON.stringify(readFileSync('data/catalogue.json', 'utf8'))}\n`)

rmSync('dist/cli.cache', { force: true })
execFileSync(process.execPath, ['scripts/compile-cache.cjs'], { stdio: ['ignore', 'ignore', 'ignore'] })

// The bundle carries other people's code, so it carries their licences.
const packages = new Set()
for (const input of Object.keys(result.metafile.inputs)) {
  const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)
  if (match !== null) packages.add(match[1])
}
const texts = [...packages].sort().map((name) => {
  const folder = join('node_modules', name)
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const text = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENSE-MIT']
    .map((file) => {
      try {
        return readFileSync(join(folder, file), 'utf8')
      } catch {
        return undefined
      }
    })
    .find((found) => found !== undefined)
  return `${name} ${version} (${license})\n\n${text ?? 'No licence text in the package.'}\n`
})
writeFileSync('dist/cli.LICENSES.txt', texts.join(`\n${'-'.repeat(80)}\n\n`))
