#!/usr/bin/env node
'use strict'
// kustomize starts a function by its path alone, without arguments.
process.argv.splice(2, 0, 'fn')
require('./load.cjs').load()
