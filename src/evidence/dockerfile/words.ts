/** Words of an instruction, and the variables in them. https://docs.docker.com/reference/dockerfile/#environment-replacement */
import type { Instruction } from 'dockerfile-ast'

export interface Arguments {
  /** Those before the first FROM. */
  readonly globals: ReadonlyMap<string, string>
  /** Undefined: given, but with a value that cannot be read. */
  readonly given: ReadonlyMap<string, string | undefined>
}

export function argumentsOf(instruction: Instruction): readonly string[] {
  return instruction.getArguments().map((argument) => argument.getValue().replace(/^"(.*)"$|^'(.*)'$/s, (_, double?: string, single?: string) => double ?? single ?? ''))
}

/** The words of the JSON form, else those of the shell form. */
export function listOf(instruction: Instruction): readonly string[] {
  const text = (instruction.getArgumentsContent() ?? '').trim().replace(/^(?:--[a-z]+(?:=\S+)?\s+)+(?=\[)/, '')
  if (text.startsWith('[')) {
    try {
      return (JSON.parse(text) as unknown[]).map(String)
    } catch {
      // Not JSON after all: docker takes it for a shell command, too.
    }
  }
  return text.split(/\s+/).filter((word) => word !== '')
}

export function scriptOf(instruction: Instruction): string {
  const text = (instruction.getArgumentsContent() ?? '').trim()
  return text.startsWith('[') ? listOf(instruction).join(' ') : text
}

/** `fixed`: variables that ENV has set, which count before any argument. */
export function setArgument(into: Map<string, string>, instruction: Instruction, { globals, given }: Arguments, fixed: ReadonlySet<string> = new Set()): void {
  for (const word of argumentsOf(instruction)) {
    const at = word.indexOf('=')
    const name = at === -1 ? word : word.slice(0, at)
    if (fixed.has(name)) continue
    if (given.has(name) && given.get(name) === undefined) {
      into.delete(name)
      continue
    }
    const value = given.get(name) ?? (at === -1 ? globals.get(name) : expand(word.slice(at + 1).replace(/^(["'])(.*)\1$/s, '$2'), into))
    if (value !== undefined) into.set(name, value)
  }
}

/** `KEY=value KEY2="a b"`, and the old form `KEY value`. */
export function pairs(text: string): readonly (readonly [string, string])[] {
  const old = /^([A-Za-z_]\w*)[ \t]+([^=].*)$/s.exec(text.trim())
  if (old !== null && !/^[A-Za-z_]\w*=/.test(text.trim())) return [[old[1] as string, (old[2] as string).trim()]]
  return [...text.matchAll(/([A-Za-z_]\w*)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|((?:\\.|[^\s\\])*))/g)].map(([, name, double, single, plain]) => [
    name as string,
    double ?? single ?? plain ?? '',
  ])
}

const VARIABLE = /\$(?:\{([A-Za-z_]\w*)(?:(:?[-+])([^}]*))?\}|([A-Za-z_]\w*))/g

/** Undefined where a variable has no value that is known. */
export function expand(text: string, env: ReadonlyMap<string, string>): string | undefined {
  let known = true
  const full = text.replace(VARIABLE, (_, braced?: string, sign?: string, word?: string, bare?: string) => {
    const value = env.get(braced ?? bare ?? '')
    if (sign?.endsWith('-')) return value === undefined || (sign === ':-' && value === '') ? (word ?? '') : value
    if (sign?.endsWith('+')) return value === undefined || (sign === ':+' && value === '') ? '' : (word ?? '')
    if (value === undefined) known = false
    return value ?? ''
  })
  return known ? full : undefined
}

/** In a script a variable without value may be the shell's own: it stays as it is. */
export function expandAll(text: string, env: ReadonlyMap<string, string>): string {
  return text.replace(VARIABLE, (whole) => expand(whole, env) ?? whole)
}
