/** Variables that a file gives a value itself: Makefiles, shell scripts, YAML `KEY: value`. */

/** What stands in for a part that the file does not say. */
export const OPEN = '\u0000'

export function variablesOf(path: string, text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const pattern = /\.ya?ml$/i.test(path)
    ? /^[ \t-]*([A-Z_][A-Z0-9_]*):[ \t]+(.+)$/gm
    : /^[ \t]*(?:export[ \t]+|readonly[ \t]+|local[ \t]+)*([A-Za-z_]\w*)[ \t]*(?:::?|\?)?=[ \t]*(.+)$/gm
  for (const [, name, value] of text.matchAll(pattern)) {
    const plain = (value as string).replace(/[ \t]+#.*$/, '').trim()
    // The first wins: what a file sets again depends on conditions that are not read here.
    if (!found.has(name as string)) found.set(name as string, plain.replace(/^(["'])(.*)\1;?$/s, '$2'))
  }
  return found
}

/** `$$` is a dollar sign of the shell behind make and compose. */
const USE = /\$\$(?:\([^)]*\)|\{[^}]*\}|\w+)?|\$\{\{\s*(?:env|vars)\.(\w+)\s*\}\}|\$\{\{[^}]*\}\}|\$\{(\w+)(?:(:?[-=])([^}]*))?\}|\$\((\w+)\)|\$\([^)]*\)|\$(\w+)|`[^`]*`/g

/** The text with variables filled in; parts that nobody says become `OPEN`. */
export function filledIn(text: string, variables: ReadonlyMap<string, string>, depth = 6): string {
  return text.replace(USE, (_, action?: string, braced?: string, sign?: string, otherwise?: string, made?: string, bare?: string) => {
    const name = action ?? braced ?? made ?? bare
    const value = name === undefined ? undefined : (variables.get(name) ?? (sign === undefined ? undefined : otherwise))
    return value === undefined || depth === 0 ? OPEN : filledIn(value, variables, depth - 1)
  })
}
