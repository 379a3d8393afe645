/** What a Dockerfile says of the image it builds. https://docs.docker.com/reference/dockerfile/ */
import { createRequire } from 'node:module'
import type { DockerfileParser as Parser, Instruction } from 'dockerfile-ast'
import type { Build, Said } from '../../types.ts'
import { stepDownOf } from '../step-down.ts'
import { type Accounts, noAccounts } from './accounts.ts'
import { type Effects, hand, isOther, resolved, runScript } from './script.ts'
import { type Arguments, argumentsOf, expand, expandAll, listOf, pairs, scriptOf, setArgument } from './words.ts'

interface Stage {
  readonly name: string | undefined
  /** Index of an earlier stage, or an image; undefined: not known. */
  readonly from: number | string | undefined
  readonly line: number
  readonly instructions: readonly Instruction[]
}

/** Undefined for a text without a stage. `given`: build arguments, before their defaults. */
export function readDockerfile(text: string, target?: string, given: ReadonlyMap<string, string | undefined> = new Map()): Build | undefined {
  const instructions = parser().parse(text).getInstructions()
  const globals = new Map<string, string>()
  const context: Arguments = { globals, given }
  const stages: Stage[] = []
  for (const instruction of instructions) {
    const keyword = instruction.getKeyword().toUpperCase()
    if (keyword === 'FROM') stages.push(stageOf(instruction, stages, globals))
    else if (stages.length === 0 && keyword === 'ARG') setArgument(globals, instruction, context)
    else (stages.at(-1)?.instructions as Instruction[] | undefined)?.push(instruction)
  }
  const last = target === undefined ? stages.length - 1 : stages.findIndex(({ name }) => name === target.toLowerCase())
  if (last < 0) return undefined
  const state = run(stages, last, context, new Map())
  return {
    base: state.base,
    ...(state.user === undefined ? {} : { user: state.user }),
    volumes: state.volumes,
    owned: state.owned,
    handed: state.handed,
    filled: state.filled,
    ...(state.accounts.unclear ? { accountsUnclear: true } : {}),
    ports: state.ports,
    fileCapabilities: state.fileCapabilities,
    ...(state.stepsDown === undefined ? {} : { stepsDown: state.stepsDown }),
    ...(state.env.get('HOME') === undefined ? {} : { home: state.env.get('HOME') as string }),
    entrypoint: state.entrypoint,
    line: (stages[last] as Stage).line,
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
  return { name, from: earlier === -1 ? image : earlier, line: instruction.getRange().start.line + 1, instructions: [] }
}

interface State extends Effects {
  base: string | undefined
  readonly env: Map<string, string>
  /** Variables that ENV has set. */
  readonly fixed: Set<string>
  user: Build['user']
  readonly volumes: Said<string>[]
  readonly ports: Said<number>[]
  stepsDown: Build['stepsDown']
  entrypoint: boolean
}

/** `done`: stages that were run already; several may stand on one. */
function run(stages: readonly Stage[], index: number, context: Arguments, done: Map<number, State>): State {
  const known = done.get(index)
  if (known !== undefined) return copyOf(known)
  const stage = stages[index] as Stage
  const state: State =
    typeof stage.from === 'number'
      ? run(stages, stage.from, context, done)
      : {
          base: stage.from,
          accounts: noAccounts(),
          env: new Map(),
          fixed: new Set(),
          user: undefined,
          volumes: [],
          owned: [],
          handed: [],
          filled: [],
          workdir: '/',
          ports: [],
          fileCapabilities: [],
          stepsDown: undefined,
          entrypoint: false,
        }
  for (const instruction of stage.instructions) step(state, instruction, stages, index, context, done)
  done.set(index, state)
  return copyOf(state)
}

function copyOf(state: State): State {
  return structuredClone(state)
}

function step(state: State, instruction: Instruction, stages: readonly Stage[], index: number, context: Arguments, done: Map<number, State>): void {
  const { accounts, env } = state
  const line = instruction.getRange().start.line + 1
  const words = argumentsOf(instruction)
  switch (instruction.getKeyword().toUpperCase()) {
    case 'ARG':
      setArgument(env, instruction, context, state.fixed)
      break
    case 'ENV':
      for (const [name, value] of pairs(instruction.getRawArgumentsContent() ?? '')) {
        const full = expand(value, env)
        state.fixed.add(name)
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
    case 'WORKDIR': {
      const to = expand(words[0] ?? '', env)
      if (to !== undefined) state.workdir = resolved(state.workdir, to)
      break
    }
    case 'COPY':
    case 'ADD':
      copyAccounts(state, instruction, stages, index, context, done)
      copied(state, instruction, line)
      break
    case 'RUN':
      // What the build makes in its folder lies among the program's files.
      if (state.workdir !== '/') state.filled.push({ value: state.workdir, line })
      runScript(state, expandAll(scriptOf(instruction), env), line)
      break
    case 'ENTRYPOINT':
      state.entrypoint = true
      state.stepsDown = undefined
      stepDown(state, listOf(instruction), line)
      break
    case 'CMD':
      if (!state.entrypoint) stepDown(state, listOf(instruction), line)
      break
  }
}

/** What Kubernetes takes for a user. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#security-context-1 */
const MOST = 2147483647

function userOf(text: string, accounts: Accounts): NonNullable<Build['user']>['value'] {
  const [user = '', group] = text.split(':')
  const account = accounts.unclear ? undefined : accounts.users.get(user)
  const isNumber = /^\d+$/.test(user)
  const uid = isNumber ? (Number(user) <= MOST ? Number(user) : null) : user === 'root' ? 0 : (account?.uid ?? null)
  const byNumber = isNumber && !accounts.unclear ? [...accounts.users.values()].find((one) => one.uid === uid) : undefined
  const gid =
    group === undefined || group === ''
      ? (account?.gid ?? byNumber?.gid ?? null)
      : /^\d+$/.test(group)
        ? Number(group)
        : (accounts.groups.get(group) ?? (group === 'root' ? 0 : null))
  return { text, name: isNumber ? null : user, uid, gid }
}

/** `COPY --from=builder /etc/passwd /etc/`: the accounts come with the file. */
function copyAccounts(state: State, instruction: Instruction, stages: readonly Stage[], index: number, context: Arguments, done: Map<number, State>): void {
  const text = instruction.getRawArgumentsContent() ?? instruction.getArgumentsContent() ?? ''
  const words = listOf(instruction).filter((word) => !word.startsWith('--'))
  const to = words.at(-1) ?? ''
  const isReplaced = /^\/etc\/(?:passwd|group)$/.test(to) || (/^\/etc\/?$/.test(to) && words.slice(0, -1).some((word) => /(?:^|\/)(?:passwd|group)$/.test(word)))
  if (!isReplaced) return
  const from = /--from=(\S+)/.exec(instruction.getTextContent())?.[1]?.toLowerCase()
  const earlier = stages.slice(0, index).findLastIndex((stage, at) => stage.name === from || String(at) === from)
  if (earlier === -1 || !/\/etc\/(?:passwd|group)\b/.test(text)) {
    // A file that is not read here takes their place.
    state.accounts.unclear = true
    return
  }
  const { accounts } = run(stages, earlier, context, done)
  for (const [name, account] of accounts.users) state.accounts.users.set(name, account)
  for (const [name, gid] of accounts.groups) state.accounts.groups.set(name, gid)
}

/** Files come to a place; with `--chown=app` the program may write among them. */
function copied(state: State, instruction: Instruction, line: number): void {
  const owner = /--chown=(\S+)/.exec(instruction.getTextContent())?.[1]
  const to = listOf(instruction)
    .filter((word) => !word.startsWith('--'))
    .at(-1)
  const full = to === undefined ? undefined : expand(to, state.env)
  if (full === undefined) return
  state.filled.push({ value: resolved(state.workdir, full), line })
  if (owner !== undefined && isOther(owner)) hand(state, [resolved(state.workdir, full)], line)
}

function stepDown(state: State, words: readonly string[], line: number): void {
  const step = stepDownOf(words)
  if (step === undefined) return
  const { name, uid, gid } = userOf(step.who, state.accounts)
  state.stepsDown = { value: { by: step.by, name: name ?? step.who, uid, gid }, line }
}
