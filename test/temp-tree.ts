/** Temporary trees on the real file system. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const made: string[] = []
process.on('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

/** Makes the files in a fresh folder that looks like a git checkout, and returns its real path. */
export function tempTree(files: Readonly<Record<string, string | Uint8Array>> = {}, options: { readonly git: boolean } = { git: true }): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'podharden-')))
  made.push(root)
  if (options.git) mkdirSync(join(root, '.git'))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

/** An error as the operating system gives it. */
export function systemError(code: string, words: string): Error {
  return Object.assign(new Error(`${code}: ${words}, call`), { code })
}
