/**
 * Scripts in ConfigMaps and Secrets that call what only root may run. A configuration file that merely mentions
 * such a word, in a comment or as a directive, is no script.
 */
import { rootVerb } from './kube/commands.ts'

/** Cheap and generous: only what passes is parsed. */
export function mayHoldRootScript(text: string, secret: boolean): boolean {
  // `IyEv` is `#!/` in base64.
  return rootVerb(text) !== undefined || (secret && /IyEv|\.sh["']?:/.test(text))
}

/** The first word found in any value. */
export function rootScript(values: Readonly<Record<string, unknown>>): string | undefined {
  for (const [key, value] of Object.entries(values)) {
    const verb = typeof value === 'string' ? verbOf(key, value) : undefined
    if (verb !== undefined) return verb
  }
  return undefined
}

/** `data` of a Secret as text; values that are no base64 stay as they are. */
export function decoded(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, typeof value === 'string' && /^[A-Za-z0-9+/=\s]+$/.test(value) ? Buffer.from(value, 'base64').toString('utf8') : value]),
  )
}

const SCRIPT_KEY = /\.(?:ba|da|a|k|z)?sh$/
const SHEBANG = /^\s*#!(.*)/
/** Where a shell expects a command: at the start, behind an operator, or behind a word that takes one. */
const COMMAND = /(?:\b(?:then|do|else|if|while|until|exec|env|xargs|nohup|time)[ \t]|^|[;&|(){`!])(?=[ \t]*(?:\w+=\S*[ \t]+)*(?:\/[\w./-]*\/)?([a-z][a-z-]*)(?:$|[\s;&|)`]))/gm
/** A program in another language gives the command as text: `run(["chown", …])`. */
const QUOTED = /["'](?:\/[\w./-]*\/)?([a-z][a-z-]*)(?=["' ])/g
const FIRST_ON_LINE = /^[ \t]*(?:\/[\w./-]*\/)?([a-z][a-z-]*)[ \t]+([^\s=:]\S*)/gm
/** Also directives (`su root adm` of logrotate) and plain English: as commands they are followed by an option or a path. */
const AMBIGUOUS: ReadonlySet<string> = new Set(['su', 'mount', 'umount', 'apt'])

function verbOf(key: string, value: string): string | undefined {
  const interpreter = SHEBANG.exec(value)?.[1]
  const code = value.replace(/^[ \t]*#.*$/gm, '')
  if (interpreter !== undefined && !/\b(?:ba|da|a|k|z)?sh\b/.test(interpreter)) return firstVerb(code, QUOTED)
  if (interpreter !== undefined || SCRIPT_KEY.test(key)) return firstVerb(code, COMMAND)
  for (const [, word = '', next = ''] of code.matchAll(FIRST_ON_LINE)) {
    if (rootVerb(word) === word && (!AMBIGUOUS.has(word) || /^[-/$]/.test(next))) return word
  }
  return undefined
}

function firstVerb(code: string, pattern: RegExp): string | undefined {
  for (const [, word = ''] of code.matchAll(pattern)) if (rootVerb(word) === word) return word
  return undefined
}
