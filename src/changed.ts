/** Files that differ from a revision: what a pull request touches. The only thing here that asks git. */
import { spawnSync } from 'node:child_process'
import type { Problem } from './types.ts'

/**
 * Relative to the root, with `/`: what differs from where the branch left `ref`, committed or not, and files that git
 * does not know yet. Nothing that was deleted.
 */
export function changedSince(root: string, ref: string): ReadonlySet<string> | Problem {
  const commit = git(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`)
  if (commit === undefined)
    return problem(`${ref} is no revision of a repository here`, 'Name a branch, a tag or a commit; in a shallow clone, fetch it first (git fetch origin REF).')
  const base = git(root, 'merge-base', commit.trim(), 'HEAD')
  if (base === undefined) return problem(`${ref} and HEAD have no commit in common`, 'In a shallow clone, fetch more of the history (git fetch --unshallow).')
  const tracked = git(root, 'diff', '--name-only', '-z', '--relative', '--no-renames', '--no-ext-diff', '--diff-filter=d', base.trim(), '--')
  const untracked = git(root, 'ls-files', '-z', '--others', '--exclude-standard')
  if (tracked === undefined || untracked === undefined) return problem(`git cannot tell what differs from ${ref}`, 'Try git diff --name-only there.')
  return new Set([tracked, untracked].flatMap((text) => text.split('\0')).filter((path) => path !== ''))
}

/** Undefined where it fails. No monitor, pager or diff program that the repository's configuration names is started. */
function git(cwd: string, ...args: readonly string[]): string | undefined {
  const run = spawnSync('git', ['--no-optional-locks', '-c', 'core.fsmonitor=false', ...args], { cwd, encoding: 'utf8', maxBuffer: 1 << 28 })
  return run.status === 0 ? run.stdout : undefined
}

function problem(message: string, hint: string): Problem {
  return { code: 'NO_REVISION', file: '--changed-since', message, hint }
}
