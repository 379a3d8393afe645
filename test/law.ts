/** The law of programs: what a rewritten chart synthesises is what `harden` makes of what the chart synthesises. */
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ts } from 'ts-morph'
import { contextOf } from '../src/know.ts'
import { program } from '../src/languages/program/index.ts'
import { hardenObject, type PlainObject } from '../src/objects.ts'
import { EMPTY_SURVEY, withDefaults } from '../src/options.ts'
import type { Options, Unit, UnitResult } from '../src/types.ts'
import transforms from '../transforms/index.ts'
import { hardenUnit } from '../src/unit.ts'
import type { Json } from '../src/prove/meaning.ts'

export { type Json, meaningOf } from '../src/prove/meaning.ts'

const require = createRequire(import.meta.url)

/** Modules that a chart of a test may import, by specifier. */
const MODULES: Readonly<Record<string, string>> = { './imports/k8s': 'cdk8s-plus-33/lib/imports/k8s', '../imports/k8s.ts': 'cdk8s-plus-33/lib/imports/k8s' }

/** Runs a program whose default export makes charts in an App, and gives what it synthesises. */
export function synthesised(source: string): readonly Json[] {
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true } })
  const module = { exports: {} as { default?: (app: unknown) => void } }
  new Function('require', 'module', 'exports', outputText)((name: string) => require(MODULES[name] ?? name), module, module.exports)
  const { App } = require('cdk8s') as typeof import('cdk8s')
  const app = new App({ outdir: join(tmpdir(), 'podharden-none') })
  module.exports.default?.(app)
  return app.charts.flatMap((chart) => chart.toJson() as Json[])
}

export function rewritten(source: string, options: Partial<Options> = {}, files: Readonly<Record<string, string>> = {}): UnitResult & { readonly text: string } {
  const path = 'chart.ts'
  const unit: Unit = {
    id: path,
    kind: 'program',
    root: '',
    files: {
      list: () => [path],
      read: (name) => (name === path ? { path, text: source, bom: false } : files[name] === undefined ? undefined : { path: name, text: files[name], bom: false }),
    },
    writable: () => true,
  }
  const result = hardenUnit(unit, { language: program, transforms, context: contextOf(withDefaults(options, false), EMPTY_SURVEY) })
  return { ...result, text: result.outputs[0]?.text ?? source }
}

export function hardenedObjects(objects: readonly Json[], options: Partial<Options>): readonly Json[] {
  const context = contextOf(withDefaults(options, false), EMPTY_SURVEY)
  return objects.map((object) => hardenObject(object as PlainObject, context).object as Json)
}
