// Run by the build: hardens the examples once, so that the functions a run needs are compiled, and keeps the result.
'use strict'
const { writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { load } = require('../bin/load.cjs')

process.argv.splice(2, process.argv.length, 'examples/shop')
process.chdir(join(__dirname, '..'))
const script = load()
process.on('exit', () => writeFileSync('dist/cli.cache', script.createCachedData()))
