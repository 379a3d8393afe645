/** Names and values come from files: nothing in them may act on a terminal. */

/**
 * Control characters, and those that reorder text, as visible escapes. Line breaks too. What a workflow runner would
 * take for a command at the start of a line (`::error`, `##[error]`) loses its first character the same way.
 */
export function safe(text: string): string {
  const inert = text.replace(/^(\s*)(:(?=:)|#(?=#\[))/, (_, blanks: string, first: string) => `${blanks}\\x${first.charCodeAt(0).toString(16)}`)
  return visible(inert)
}

/** The same where no line can be taken for a command. `keep`: of these characters, those that do no harm in this place. */
export function visible(text: string, keep = ''): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (char) => {
    if (keep.includes(char)) return char
    const code = char.charCodeAt(0)
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/** JSON in which the same characters are escapes, so that printing it does no harm either. Reads as the same value. */
export function json(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** `shop/web`, or `web` where no namespace is named. Not escaped yet. */
export function qualified({ namespace, name }: { readonly namespace?: string; readonly name: string }): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

export function plural(count: number, word: string, words = `${word}s`): string {
  return `${count} ${count === 1 ? word : words}`
}
