/** Who owns a file, by CODEOWNERS. https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners */
import { matcher } from './gitignore.ts'

/** Where hosts look for it; the first that is there counts. */
export const OWNERS_FILES = ['.github/CODEOWNERS', '.gitlab/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const

export interface Owners {
  /** As the file names them; empty where nobody is named. */
  of(path: string): readonly string[]
}

export const NO_OWNERS: Owners = { of: () => [] }

/** The last line that matches counts. Sections of GitLab are read as if they were one list, each with its default owners. */
export function readOwners(text: string): Owners {
  const rules: { readonly matches: (path: string) => boolean; readonly owners: readonly string[] }[] = []
  let defaults: readonly string[] = []
  for (const line of text.split('\n')) {
    const plain = line.replace(/(?:^|\s)#.*$/, '').trim()
    if (plain === '') continue
    const section = /^\^?\[[^\]]*\](?:\[\d+\])?\s*(.*)$/.exec(plain)
    if (section !== null) {
      defaults = ownersIn(section[1] ?? '')
      continue
    }
    const [, pattern = '', rest = ''] = /^((?:\\.|\S)+)\s*(.*)$/.exec(plain) ?? []
    const owners = ownersIn(rest)
    // Neither negation nor ranges have a meaning there.
    if (!/^!|\[/.test(pattern)) rules.push({ matches: matches(pattern), owners: owners.length === 0 ? defaults : owners })
  }
  return { of: (path) => rules.findLast((rule) => rule.matches(path))?.owners ?? [] }
}

function ownersIn(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word.includes('@'))
}

/** As in `.gitignore`, but `docs/*` means files in docs and not what lies deeper. */
function matches(pattern: string): (path: string) => boolean {
  const rules = matcher().add(pattern)
  if (!/.\/\*$/.test(pattern)) return (path) => rules.ignores(path)
  const depth = pattern.replace(/^\//, '').split('/').length
  return (path) => rules.ignores(path) && (pattern.startsWith('**/') || path.split('/').length === depth)
}
