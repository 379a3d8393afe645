/** Programs that start another one as another user: `gosu app run`, `setpriv --reuid=app run`. */

export interface StepDown {
  readonly by: string
  /** A name or a number, with a group or without. */
  readonly who: string
}

/** Those that take the account by an option; the others take it as the first word. */
const FLAGS: Readonly<Record<string, readonly string[]>> = { setpriv: ['--reuid'], runuser: ['-u', '--user'], chpst: ['-u'] }

function flagged(words: readonly string[], names: readonly string[]): string | undefined {
  for (const [i, word] of words.entries()) {
    if (names.includes(word)) return words[i + 1]?.replace(/^:/, '')
    const [name = '', value] = word.split('=', 2)
    if (value !== undefined && names.includes(name)) return value
    // The program's own options follow its name.
    if (!word.startsWith('-') && !words[i - 1]?.startsWith('-')) break
  }
  return undefined
}

export function stepDownOf(words: readonly string[]): StepDown | undefined {
  const at = words.findIndex((word) => /(?:^|\/)(?:gosu|su-exec|setpriv|runuser|chpst|s6-setuidgid)$/.test(word))
  if (at === -1) return undefined
  const by = (words[at] as string).split('/').at(-1) as string
  const rest = words.slice(at + 1)
  const who = FLAGS[by] === undefined ? rest.find((word) => !word.startsWith('-')) : flagged(rest, FLAGS[by])
  return who === undefined || !/^[\w.-]+(?::[\w.-]*)?$/.test(who) ? undefined : { by, who }
}
