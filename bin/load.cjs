'use strict'
// Compiles the bundle from a cache that the build made: half the start-up time on the same version of Node.js.
// On any other the cache is refused by V8, and the bundle is compiled as usual.
const { readFileSync } = require('node:fs')
const { createRequire, enableCompileCache } = require('node:module')
const { dirname, join } = require('node:path')
const { setFlagsFromString } = require('node:v8')
const { Script } = require('node:vm')

// Nearly everything is garbage once its file is done; without this the heap grows to a multiple of what lives in it.
setFlagsFromString('--heap-growing-percent=50')

const bundle = join(__dirname, '../dist/cli.cjs')
const cache = join(__dirname, '../dist/cli.cache')

function read(path) {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

/** Runs the bundle; gives the compiled script, from which the build makes the cache. */
exports.load = function load() {
  const cachedData = read(cache)
  if (cachedData === undefined) enableCompileCache?.()
  const source = `(function (exports, require, module, __filename, __dirname) { ${readFileSync(bundle, 'utf8')}\n})`
  const script = new Script(source, { filename: bundle, ...(cachedData === undefined ? {} : { cachedData }) })
  const module = { exports: {} }
  script.runInThisContext()(module.exports, createRequire(bundle), module, bundle, dirname(bundle))
  return script
}
