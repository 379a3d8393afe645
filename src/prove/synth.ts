/**
 * Synthesis of a cdk8s project by its own command, on a staged copy: the one place that runs a program of the user,
 * and only when asked to.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
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

export type Synthesis = { readonly objects: readonly Json[] } | { readonly trouble: string }

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
    const run = spawnSync(command, { cwd: join(stage, folder), shell: true, encoding: 'utf8', timeout: LIMIT, maxBuffer: 1 << 28, env: { ...env, CDK8S_OUTDIR: out } })
    if (run.status !== 0) return { trouble: `${command} failed (${run.signal ?? run.status}): ${run.stderr.trim().split('\n').slice(-3).join(' ').slice(0, 400)}` }
    if (!existsSync(out)) return { trouble: `${command} wrote nothing into CDK8S_OUTDIR` }
    return { objects: manifestsOf(out) }
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

function manifestsOf(folder: string): readonly Json[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .flatMap((name) => loadAll(readFileSync(join(folder, name), 'utf8')) as Json[])
    .filter((object) => typeof object === 'object' && object !== null)
}
