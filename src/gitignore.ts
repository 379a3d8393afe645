/** `.gitignore` as git reads it (https://git-scm.com/docs/gitignore): nested files, the deepest word counts. */
import ignore from 'ignore'

/** The patterns of one file, which speak of paths below its folder (`` for the root). */
export interface Patterns {
  readonly folder: string
  readonly rules: ignore.Ignore
}

/** The patterns of a `.gitignore`, together and one by one. */
export interface IgnoreFile extends Patterns {
  readonly lines: () => readonly Line[]
}

interface Line {
  readonly negative: boolean
  readonly rules: ignore.Ignore
}

export function ignoreFile(folder: string, text: string): IgnoreFile {
  const plain = text.replace(/^\uFEFF/, '')
  let lines: readonly Line[] | undefined
  return {
    folder,
    rules: matcher().add(plain),
    lines: () =>
      (lines ??= plain
        .split(/\r?\n/)
        .filter((line) => line !== '')
        .map((line) => {
          const negative = line.startsWith('!')
          return { negative, rules: matcher().add(negative ? line.slice(1) : line) }
        })),
  }
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
export function isIgnored(layers: readonly IgnoreFile[], path: string, isFolder: boolean): boolean {
  for (let i = layers.length - 1; i >= 0; i--) {
    const layer = layers[i] as IgnoreFile
    const relative = below(layer.folder, path) + (isFolder ? '/' : '')
    const { ignored, unignored } = layer.rules.test(relative)
    if (unignored) return false
    if (!ignored) continue
    const own = parentIgnored(layer.rules, relative) ? ownWord(layer, relative) : true
    if (own !== undefined) return own
  }
  return false
}

/**
 * These patterns exclude a parent that a deeper file, or the user's own word, took back in. Then only the patterns
 * count that match the path itself.
 */
function ownWord({ lines }: IgnoreFile, relative: string): boolean | undefined {
  const last = lines().findLast(({ rules }) => rules.ignores(relative) && !parentIgnored(rules, relative))
  return last === undefined ? undefined : !last.negative
}

function parentIgnored(rules: ignore.Ignore, relative: string): boolean {
  const slash = relative.lastIndexOf('/', relative.length - 2)
  return slash !== -1 && rules.ignores(relative.slice(0, slash + 1))
}
