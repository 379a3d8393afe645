// What the README's first command shows: the diff and the summary for examples/shop. Writes nothing.
import { spawnSync } from 'node:child_process'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const { status } = spawnSync(process.execPath, [resolve(root, 'bin/podharden.cjs'), 'examples/shop'], { cwd: root, stdio: 'inherit' })
process.exitCode = status ?? 2
