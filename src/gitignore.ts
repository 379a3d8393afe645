/** `.gitignore` as git reads it (https://git-scm.com/docs/gitignore): nested files, the deepest word counts. */
import ignore from 'ignore'

/** The patterns of one file, which speak of paths below its folder (`` for the root). */
export interface Patterns {
  readonly folder: string
  readonly rules: ignore.Ignore
}

export function patterns(folder: string, text: string): Patterns {
  return { folder, rules: matcher().add(text.replace(/^\uFEFF/, '')) }
}

/** Matches as git does on Linux: by case, and without complaint about strange names. */
export function matcher(): ignore.Ignore {
  return ignore({ ignorecase: false, allowRelativePaths: true })
}

/** `path` as seen from `folder`, which it lies in. */
export function below(folder: string, path: string): string {
  return folder === '' ? path : path.slice(folder.length + 1)
}

/**
 * Whether the path itself is ignored; its parents are known not to be. `layers` from the root inwards. The last
 * pattern of the deepest file that says anything wins.
 */
export function isIgnored(layers: readonly Patterns[], path: string, isFolder: boolean): boolean {
  for (let i = layers.length - 1; i >= 0; i--) {
    const { folder, rules } = layers[i] as Patterns
    const relative = below(folder, path)
    const { ignored, unignored } = rules.test(isFolder ? `${relative}/` : relative)
    if (unignored) return false
    if (ignored && !parentIgnored(rules, relative)) return true
  }
  return false
}

/**
 * These patterns exclude a parent that a deeper file, or the user's own word, took back in: then they say nothing
 * of what is in it.
 */
function parentIgnored(rules: ignore.Ignore, relative: string): boolean {
  const slash = relative.lastIndexOf('/')
  return slash !== -1 && rules.test(relative.slice(0, slash + 1)).ignored
}
