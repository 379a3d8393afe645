/** Programs that start another one as another user: `gosu app run`, `setpriv --reuid=app run`. */

export interface StepDown {
  readonly by: string
  /** A name or a number, with a group or without. */
  readonly who: string
}

export function stepDownOf(words: readonly string[]): StepDown | undefined {
  const at = words.findIndex((word) => /(?:^|\/)(?:gosu|su-exec|setpriv|runuser|chpst|s6-setuidgid)$/.test(word))
  if (at === -1) return undefined
  const by = (words[at] as string).split('/').at(-1) as string
  const rest = words.slice(at + 1)
  const flag = rest.join(' ').match(/(?:--reuid[= ]|-u ?:?)([\w-]+)/)?.[1]
  const who = flag ?? rest.find((word) => !word.startsWith('-'))
  return who === undefined || !/^[\w.-]+(?::[\w.-]*)?$/.test(who) ? undefined : { by, who }
}
