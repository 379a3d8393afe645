/** What every command shares: the terminal, signals, and what is looked at. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { styleText } from 'node:util'
import { type Inspection, STDIN } from '../requests.ts'
import type { Recordings } from '../evidence/from-recording.ts'
import type { Inspected } from '../evidence/inspect.ts'
import { inspect, placesOf } from '../inspection.ts'
import { type Looked, lookAt, lookThrough, nothingBut } from '../look.ts'
import { decode, isProblem } from '../decode.ts'
import { safe } from '../report/safe.ts'
import { type Paint, plain } from '../report/text.ts'
import type { Options, Problem } from '../types.ts'
import { cleanUp } from '../write.ts'

export function painter(color: boolean): Paint {
  return color ? (style, text) => styleText(style, text, { validateStream: false }) : plain
}

export interface Stop {
  readonly asked: boolean
  readonly closed: boolean
  /** One rewritten line on a terminal; nothing elsewhere. */
  progress(text: string): void
}

/** `waits`: stdin is read, in one call in which no handler can run: there the signal itself ends us. */
export function stopOnSignals(waits: boolean): Stop {
  const state = { asked: false, closed: false }
  for (const signal of waits ? [] : (['SIGINT', 'SIGTERM'] as const))
    process.once(signal, () => {
      state.asked = true
      cleanUp()
    })
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    state.closed = true
  })
  process.stderr.on('error', () => {})
  const terminal = process.stderr.isTTY === true && process.stdout.isTTY !== true
  return {
    get asked() {
      return state.asked
    },
    get closed() {
      return state.closed
    },
    progress: (text) => {
      if (terminal) process.stderr.write(`\r\u001b[K${text}`)
    },
  }
}

/** Images that are asked for are read first; what is wrong with one is a problem of the run. */
export function inspection(request: { readonly inspection: Inspection }, looked: () => Iterable<Looked>, stop: Stop, more: Iterable<string> = []): Promise<Inspected> {
  return inspect(request.inspection, looked, more, placesOf(process.env, homedir()), stop)
}

/** Every file that is looked at, or stdin. */
export function* looked(paths: readonly string[], root: string | undefined, kinds: Options['workloads'] = []): Generator<Looked> {
  if (!paths.includes(STDIN)) {
    yield* lookThrough(paths, { cwd: process.cwd(), kinds, ...(root === undefined ? {} : { root }) })
    return
  }
  const source = decode('stdin.yaml', readFileSync(0))
  yield isProblem(source) ? nothingBut([source]) : lookAt(source, { kinds })
}

/** A name that is spelt otherwise would go unnoticed. */
export function reportUnused({ recorded }: { readonly recorded: Recordings }): void {
  for (const name of recorded.unused) process.stderr.write(`podharden: --evidence ${safe(name)}: says nothing of any container that was looked at\n`)
}

export function reportProblems(problems: readonly Problem[]): number {
  for (const { file, line, message, hint } of problems) process.stderr.write(`podharden: ${safe(file)}${line === undefined ? '' : `:${line}`}: ${safe(message)}. ${safe(hint)}\n`)
  return problems.length > 0 ? 2 : 0
}
