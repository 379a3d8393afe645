/**
 * Synthesis of a cdk8s project by its own command, on a staged copy: the one place that runs a program of the user,
 * and only when asked to.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { loadAll } from 'js-yaml'
import type { Json } from './meaning.ts'

/** Milliseconds for one synthesis. */
const LIMIT = 300_000

/** The folder of the nearest `cdk8s.yaml` at or above a file, relative to the root, with the command in it. */
export function projectOf(root: string, file: string): { readonly folder: string; readonly command: string } | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const config = join(root, folder, 'cdk8s.yaml')
    if (existsSync(config)) {
      const { app } = (loadAll(readFileSync(config, 'utf8'))[0] ?? {}) as { app?: unknown }
      return typeof app === 'string' ? { folder: folder === '.' ? '' : folder, command: app } : undefined
    }
    if (folder === '.' || folder === '') return undefined
  }
}

/** By output file, in its order. */
export interface Output {
  readonly file: string
  readonly objects: readonly Json[]
}

export type Synthesis = { readonly outputs: readonly Output[] } | { readonly trouble: string }

/** `changed`: files by path from the root, with other bytes than on disk. Installed packages are linked, not copied. */
export function synthesise(root: string, folder: string, command: string, changed: ReadonlyMap<string, string>, env: NodeJS.ProcessEnv): Synthesis {
  const stage = mkdtempSync(join(tmpdir(), 'podharden-synth-'))
  try {
    cpSync(root, stage, {
      recursive: true,
      filter: (source, target) => {
        const name = basename(source)
        if (name === '.git') return false
        if (name !== 'node_modules') return true
        mkdirSync(dirname(target), { recursive: true })
        symlinkSync(source, target)
        return false
      },
    })
    for (const [path, text] of changed) writeFileSync(join(stage, path), text)
    const out = join(stage, folder, '.podharden-out')
    const started = Date.now() - 1000
    // What was synthesised before must not be taken for what is synthesised now.
    for (const name of existsSync(join(stage, folder)) ? filesBelow(join(stage, folder)) : []) if (/\.k8s\.ya?ml$/.test(name)) utimesSync(name, 0, 0)
    const run = spawnSync(command, { cwd: join(stage, folder), shell: true, encoding: 'utf8', timeout: LIMIT, maxBuffer: 1 << 28, env: { ...env, CDK8S_OUTDIR: out } })
    if (run.status !== 0) return { trouble: `${command} failed (${run.signal ?? run.status}): ${run.stderr.trim().split('\n').slice(-3).join(' ').slice(0, 400)}` }
    // An App with a folder of its own writes there, inside of the copy.
    const outputs = existsSync(out) ? manifestsOf(out, () => true) : manifestsOf(join(stage, folder), (path) => /\.k8s\.ya?ml$/.test(path) && statSync(path).mtimeMs >= started)
    return outputs.length === 0 ? { trouble: `${command} wrote no manifest` } : { outputs }
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

function manifestsOf(folder: string, isWanted: (path: string) => boolean): readonly Output[] {
  return filesBelow(folder)
    .filter((path) => /\.ya?ml$/.test(path) && isWanted(path))
    .map((path) => ({ file: relative(folder, path), objects: (loadAll(readFileSync(path, 'utf8')) as Json[]).filter((object) => typeof object === 'object' && object !== null) }))
}

/** Packages are links, which are not followed. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : entry.isFile() ? [join(folder, entry.name)] : []))
}
