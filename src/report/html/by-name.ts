/** Second best, where no keys lead to a line: all of it stands in one line, or the language has other words. */
import { type Candidate, hasWord, leafOf } from './owners.ts'

/** What cdk8s-plus calls them. */
const OTHERWISE: Readonly<Record<string, string>> = { runAsUser: 'user', runAsGroup: 'group', runAsNonRoot: 'ensureNonRoot' }

/**
 * The only one of the lines that names the field; of several, the only one that also names the container. `undefined`
 * where more than one could be meant.
 */
export function namedBy(lines: readonly string[], { path, container }: Candidate): number | undefined {
  const leaf = leafOf(path)
  const named = lines.flatMap((line, index) => (hasWord(line, leaf) || hasWord(line, OTHERWISE[leaf] ?? leaf) ? [index] : []))
  const meant = named.length > 1 && container !== undefined ? named.filter((index) => hasWord(lines[index] as string, container)) : named
  return meant.length === 1 ? meant[0] : undefined
}
