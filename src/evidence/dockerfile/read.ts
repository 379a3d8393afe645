/** What a Dockerfile says of the image it builds. https://docs.docker.com/reference/dockerfile/ */
import { createRequire } from 'node:module'
import type { DockerfileParser as Parser, Instruction } from 'dockerfile-ast'
import { type Accounts, addAccounts, commandsOf, noAccounts } from './accounts.ts'

export interface Said<T> {
  readonly value: T
  /** One-based. */
  readonly line: number
}

export interface Build {
  /** The image that the last stage stands on in the end, as written; undefined where an argument without default hides it. */
  readonly base: string | undefined
  /** The last USER; `name` where it is one, with its number where the build fixes it. */
  readonly user?: Said<{ readonly text: string; readonly name: string | null; readonly uid: number | null; readonly gid: number | null }>
  readonly volumes: readonly Said<string>[]
  /** Made and handed to somebody other than root in the build: the program writes there. */
  readonly owned: readonly Said<string>[]
  readonly ports: readonly Said<number>[]
  readonly fileCapabilities: readonly Said<{ readonly path: string; readonly capabilities: readonly string[] }>[]
  /** The entry point starts as root and becomes this account. */
  readonly stepsDown?: Said<{ readonly by: string; readonly name: string; readonly uid: number | null; readonly gid: number | null }>
  readonly home?: string
}

interface Stage {
  readonly name: string | undefined
  /** Index of an earlier stage, or an image; undefined: not known. */
  readonly from: number | string | undefined
  readonly instructions: readonly Instruction[]
}

/** Undefined for a text without a stage. */
export function readDockerfile(text: string, target?: string): Build | undefined {
  const instructions = parser().parse(text).getInstructions()
  const globals = new Map<string, string>()
  const stages: Stage[] = []
  for (const instruction of instructions) {
    const keyword = instruction.getKeyword().toUpperCase()
    if (keyword === 'FROM') stages.push(stageOf(instruction, stages, globals))
    else if (stages.length === 0 && keyword === 'ARG') setArgument(globals, instruction, globals)
    else (stages.at(-1)?.instructions as Instruction[] | undefined)?.push(instruction)
  }
  const last = target === undefined ? stages.length - 1 : stages.findIndex(({ name }) => name === target.toLowerCase())
  if (last < 0) return undefined
  const state = run(stages, last, globals)
  return {
    base: state.base,
    ...(state.user === undefined ? {} : { user: state.user }),
    volumes: state.volumes,
    owned: state.owned,
    ports: state.ports,
    fileCapabilities: state.fileCapabilities,
    ...(state.stepsDown === undefined ? {} : { stepsDown: state.stepsDown }),
    ...(state.env.get('HOME') === undefined ? {} : { home: state.env.get('HOME') as string }),
  }
}

/** Loaded when the first Dockerfile is read: most runs need none. */
let loaded: typeof Parser | undefined
function parser(): typeof Parser {
  loaded ??= (createRequire(import.meta.url)('dockerfile-ast') as { DockerfileParser: typeof Parser }).DockerfileParser
  return loaded
}

function stageOf(instruction: Instruction, stages: readonly Stage[], globals: ReadonlyMap<string, string>): Stage {
  const words = argumentsOf(instruction).filter((word) => !word.startsWith('--'))
  const image = expand(words[0] ?? '', globals)
  const name = words[1]?.toUpperCase() === 'AS' ? words[2]?.toLowerCase() : undefined
  const earlier = image === undefined ? -1 : stages.findLastIndex((stage, index) => stage.name === image.toLowerCase() || String(index) === image)
  return { name, from: earlier === -1 ? image : earlier, instructions: [] }
}

interface State {
  base: string | undefined
  readonly accounts: Accounts
  readonly env: Map<string, string>
  user: Build['user']
  readonly volumes: Said<string>[]
  readonly owned: Said<string>[]
  readonly ports: Said<number>[]
  readonly fileCapabilities: Said<{ path: string; capabilities: readonly string[] }>[]
  stepsDown: Build['stepsDown']
}

function run(stages: readonly Stage[], index: number, globals: ReadonlyMap<string, string>): State {
  const stage = stages[index] as Stage
  const state: State =
    typeof stage.from === 'number'
      ? run(stages, stage.from, globals)
      : { base: stage.from, accounts: noAccounts(), env: new Map(), user: undefined, volumes: [], owned: [], ports: [], fileCapabilities: [], stepsDown: undefined }
  for (const instruction of stage.instructions) step(state, instruction, stages, index, globals)
  return state
}

function step(state: State, instruction: Instruction, stages: readonly Stage[], index: number, globals: ReadonlyMap<string, string>): void {
  const { accounts, env } = state
  const line = instruction.getRange().start.line + 1
  const words = argumentsOf(instruction)
  switch (instruction.getKeyword().toUpperCase()) {
    case 'ARG':
      setArgument(env, instruction, globals)
      break
    case 'ENV':
      for (const [name, value] of pairs(instruction.getRawArgumentsContent() ?? '')) {
        const full = expand(value, env)
        if (full === undefined) env.delete(name)
        else env.set(name, full)
      }
      break
    case 'USER': {
      const text = expand(words[0] ?? '', env)
      state.user = text === undefined ? { value: { text: words[0] ?? '', name: null, uid: null, gid: null }, line } : { value: userOf(text, accounts), line }
      break
    }
    case 'VOLUME':
      for (const path of listOf(instruction)) {
        const full = expand(path, env)
        if (full?.startsWith('/')) state.volumes.push({ value: full, line })
      }
      break
    case 'EXPOSE':
      for (const word of words) {
        const port = /^(\d+)(?:\/tcp)?$/i.exec(expand(word, env) ?? '')?.[1]
        if (port !== undefined) state.ports.push({ value: Number(port), line })
      }
      break
    case 'COPY':
    case 'ADD':
      copyAccounts(state, instruction, stages, index, globals)
      break
    case 'RUN':
      runScript(state, expandAll(scriptOf(instruction), env), line)
      break
    case 'ENTRYPOINT':
    case 'CMD':
      stepDown(state, listOf(instruction), line)
      break
  }
}

function argumentsOf(instruction: Instruction): readonly string[] {
  return instruction.getArguments().map((argument) => argument.getValue().replace(/^"(.*)"$|^'(.*)'$/s, (_, double?: string, single?: string) => double ?? single ?? ''))
}

/** The words of the JSON form, else those of the shell form. */
function listOf(instruction: Instruction): readonly string[] {
  const text = (instruction.getArgumentsContent() ?? '').trim()
  if (text.startsWith('[')) {
    try {
      return (JSON.parse(text) as unknown[]).map(String)
    } catch {
      // Not JSON after all: docker takes it for a shell command, too.
    }
  }
  return text.split(/\s+/).filter((word) => word !== '')
}

function scriptOf(instruction: Instruction): string {
  const text = (instruction.getArgumentsContent() ?? '').trim()
  return text.startsWith('[') ? listOf(instruction).join(' ') : text
}

function setArgument(into: Map<string, string>, instruction: Instruction, globals: ReadonlyMap<string, string>): void {
  for (const word of argumentsOf(instruction)) {
    const at = word.indexOf('=')
    const name = at === -1 ? word : word.slice(0, at)
    const value = at === -1 ? globals.get(name) : expand(word.slice(at + 1).replace(/^(["'])(.*)\1$/s, '$2'), into)
    if (value !== undefined) into.set(name, value)
  }
}

/** `KEY=value KEY2="a b"`, and the old form `KEY value`. */
function pairs(text: string): readonly (readonly [string, string])[] {
  const old = /^([A-Za-z_]\w*)[ \t]+([^=].*)$/s.exec(text.trim())
  if (old !== null && !/^[A-Za-z_]\w*=/.test(text.trim())) return [[old[1] as string, (old[2] as string).trim()]]
  return [...text.matchAll(/([A-Za-z_]\w*)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|((?:\\.|[^\s\\])*))/g)].map(([, name, double, single, plain]) => [
    name as string,
    double ?? single ?? plain ?? '',
  ])
}

const VARIABLE = /\$(?:\{([A-Za-z_]\w*)(?:(:?[-+])([^}]*))?\}|([A-Za-z_]\w*))/g

/** Undefined where a variable has no value that is known. */
function expand(text: string, env: ReadonlyMap<string, string>): string | undefined {
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
function expandAll(text: string, env: ReadonlyMap<string, string>): string {
  return text.replace(VARIABLE, (whole) => expand(whole, env) ?? whole)
}

function userOf(text: string, accounts: Accounts): NonNullable<Build['user']>['value'] {
  const [user = '', group] = text.split(':')
  const account = accounts.users.get(user)
  const isNumber = /^\d+$/.test(user)
  const uid = isNumber ? Number(user) : user === 'root' ? 0 : (account?.uid ?? null)
  const byNumber = isNumber ? [...accounts.users.values()].find((one) => one.uid === uid) : undefined
  const gid =
    group === undefined || group === ''
      ? (account?.gid ?? byNumber?.gid ?? null)
      : /^\d+$/.test(group)
        ? Number(group)
        : (accounts.groups.get(group) ?? (group === 'root' ? 0 : null))
  return { text, name: isNumber ? null : user, uid, gid }
}

/** `COPY --from=builder /etc/passwd /etc/`: the accounts come with the file. */
function copyAccounts(state: State, instruction: Instruction, stages: readonly Stage[], index: number, globals: ReadonlyMap<string, string>): void {
  const text = instruction.getRawArgumentsContent() ?? instruction.getArgumentsContent() ?? ''
  if (!/\/etc\/(?:passwd|group)\b/.test(text)) return
  const from = /--from=(\S+)/.exec(instruction.getTextContent())?.[1]?.toLowerCase()
  const earlier = stages.slice(0, index).findLastIndex((stage, at) => stage.name === from || String(at) === from)
  if (earlier === -1) return
  const { accounts } = run(stages, earlier, globals)
  for (const [name, account] of accounts.users) state.accounts.users.set(name, account)
  for (const [name, gid] of accounts.groups) state.accounts.groups.set(name, gid)
}

function runScript(state: State, script: string, line: number): void {
  addAccounts(state.accounts, script)
  const made = new Set<string>()
  for (const words of commandsOf(script)) {
    const [tool, ...rest] = words.filter((word) => word !== 'sudo')
    const paths = rest.filter((word) => /^\/[\w./-]+$/.test(word)).map((path) => path.replace(/\/+$/, ''))
    if (tool === 'mkdir' || tool === 'install') for (const path of paths) made.add(path)
    if (tool === 'install' && rest.includes('-d') && rest.some((word) => word === '-o' || word.startsWith('--owner'))) own(state, paths, line)
    if (tool === 'chown') {
      const owner = rest.find((word) => !word.startsWith('-') && !word.startsWith('/'))
      if (owner !== undefined && !/^(?:root|0)(?::|$)/.test(owner))
        own(
          state,
          paths.filter((path) => made.has(path)),
          line,
        )
    }
    if (tool?.split('/').at(-1) === 'setcap') {
      const names = [...rest.join(' ').matchAll(/\bcap_([a-z_]+)/gi)].map(([, name]) => (name as string).toUpperCase())
      const path = rest.find((word) => word.startsWith('/') || word.startsWith('$('))
      if (names.length > 0) state.fileCapabilities.push({ value: { path: path ?? '', capabilities: names }, line })
    }
  }
}

function own(state: State, paths: readonly string[], line: number): void {
  for (const path of paths) if (!state.owned.some(({ value }) => value === path)) state.owned.push({ value: path, line })
}

/** `gosu app prog`, `su-exec app prog`, `setpriv --reuid=app`, `runuser -u app`. */
function stepDown(state: State, words: readonly string[], line: number): void {
  const at = words.findIndex((word) => /(?:^|\/)(?:gosu|su-exec|setpriv|runuser|chpst|s6-setuidgid)$/.test(word))
  if (at === -1) return
  const by = (words[at] as string).split('/').at(-1) as string
  const rest = words.slice(at + 1)
  const flag = rest.join(' ').match(/(?:--reuid[= ]|-u ?:?)([\w-]+)/)?.[1]
  const who = flag ?? rest.find((word) => !word.startsWith('-'))
  if (who === undefined) return
  const { name, uid, gid } = userOf(who, state.accounts)
  state.stepsDown = { value: { by, name: name ?? who, uid, gid }, line }
}
