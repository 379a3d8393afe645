/** What a script of a RUN leaves behind: accounts, owners, file capabilities. */
import type { Said } from '../../types.ts'
import { type Accounts, addAccounts, commandsOf } from './accounts.ts'

export interface Effects {
  readonly accounts: Accounts
  readonly owned: Said<string>[]
  readonly handed: Said<string>[]
  /** Where files were put. */
  readonly filled: Said<string>[]
  readonly fileCapabilities: Said<{ path: string; capabilities: readonly string[] }>[]
  workdir: string
}

export function resolved(folder: string, path: string): string {
  const parts: string[] = []
  for (const part of `${path.startsWith('/') ? '' : folder}/${path}`.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** Somebody other than root. */
export function isOther(owner: string): boolean {
  return !/^(?:root|0)?(?::|$)/.test(owner)
}

const INSTALL_VALUES: ReadonlySet<string> = new Set(['-o', '-g', '-m', '-S', '-t', '--owner', '--group', '--mode'])
const NO_VALUES: ReadonlySet<string> = new Set()

export function runScript(state: Effects, script: string, line: number): void {
  addAccounts(state.accounts, script)
  const made = new Set<string>()
  let folder = state.workdir
  for (const words of commandsOf(script)) {
    const [tool, ...rest] = words.filter((word) => word !== 'sudo')
    const options = tool === 'install' ? INSTALL_VALUES : NO_VALUES
    const paths = rest
      .filter((_, i) => !options.has(rest[i - 1] ?? ''))
      .filter((word) => /^[\w./][\w./-]*$/.test(word) && (word.startsWith('/') || !/^\d+$/.test(word)))
      .map((path) => resolved(folder, path))
    if (tool === 'cd' && rest[0] !== undefined) folder = resolved(folder, rest[0])
    if (tool === 'mkdir' || tool === 'install') for (const path of paths) made.add(path)
    if (tool === 'install' && rest.includes('-d') && rest.some((word) => word === '-o' || word.startsWith('--owner'))) own(state, paths, line)
    if (tool === 'chown') {
      const owner = rest.find((word) => !word.startsWith('-'))
      const targets = paths.filter((path) => path !== resolved(folder, owner ?? ''))
      if (owner !== undefined && isOther(owner)) {
        own(
          state,
          targets.filter((path) => made.has(path)),
          line,
        )
        hand(
          state,
          targets.filter((path) => !made.has(path)),
          line,
        )
      }
    }
    if (tool?.split('/').at(-1) === 'setcap') {
      const names = [...rest.join(' ').matchAll(/\bcap_([a-z_]+)/gi)].map(([, name]) => (name as string).toUpperCase())
      const path = rest.find((word) => word.startsWith('/') || word.startsWith('$('))
      if (names.length > 0) state.fileCapabilities.push({ value: { path: path ?? '', capabilities: names }, line })
    }
  }
}

function own(state: Effects, paths: readonly string[], line: number): void {
  for (const path of paths) if (!state.owned.some(({ value }) => value === path)) state.owned.push({ value: path, line })
}

export function hand(state: Effects, paths: readonly string[], line: number): void {
  for (const path of paths) if (!state.handed.some(({ value }) => value === path)) state.handed.push({ value: path, line })
}
