/** The command line: arguments to a command, mistakes to one line and exit code 2. */
import { isatty } from 'node:tty'
import { type Actions, argumentParser } from './arguments.ts'
import { callOf, runAction } from './commands/action.ts'
import { explain } from './commands/explain.ts'
import { hardenFunction } from './commands/fn.ts'
import { hardenPaths } from './commands/harden.ts'
import { init } from './commands/init.ts'
import { listImages } from './commands/images.ts'
import { hardenStdin } from './commands/stdin.ts'
import { readText, settingsOf } from './commands/settings.ts'
import { stopOnSignals } from './commands/terminal.ts'
import { caps } from './explain/caps.ts'
import { safe } from './report/safe.ts'
import { STDIN, type Terminal, UsageError } from './requests.ts'
import { cleanUp } from './write.ts'

/** As a shell says that SIGINT ended a program. */
const STOPPED = 130

export async function main(argv: readonly string[]): Promise<number> {
  const args = argv.map((arg) => (arg === '-' ? STDIN : arg))
  const stop = stopOnSignals(args.includes(STDIN))
  try {
    let code = 0
    const terminal: Terminal = {
      columns: process.stdout.columns,
      color: process.env.NO_COLOR === undefined && process.stderr.isTTY === true,
      // `process.stdin` would make reading it all at once fail where nothing is there yet (EAGAIN).
      interactive: isatty(0) && isatty(1),
      print: (text) => process.stdout.write(text),
      read: readText,
    }
    const actions: Actions = {
      harden: async (given) => {
        const request = { ...given, ...settingsOf(given) }
        code = request.paths.includes(STDIN) ? await hardenStdin(request, stop) : await hardenPaths(request, stop)
      },
      explain: async (request) => {
        code = await explain({ ...request, ...settingsOf(request) }, stop)
      },
      images: async (request) => {
        code = await listImages({ ...request, ...settingsOf(request) }, stop)
      },
      fn: () => {
        code = hardenFunction()
      },
      init: (request) => {
        code = init(request)
      },
      action: async () => {
        const harden: Actions['harden'] = async (given) => {
          code = await runAction({ ...given, ...settingsOf(given) }, stop, process.env)
        }
        await argumentParser(callOf(process.env), terminal, { ...actions, harden }).parseAsync()
      },
      caps: (request) => {
        const answer = caps(request)
        if ('error' in answer) throw new UsageError(answer.error)
        process.stdout.write(answer.text)
      },
    }
    const parser = argumentParser(args, terminal, actions)
    await parser.parseAsync()
    return stop.asked ? STOPPED : code
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`podharden: ${safe(error.message)}\nSee podharden --help.\n`)
      return 2
    }
    cleanUp()
    process.stderr.write(
      `podharden: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nPlease report this. Files already written are complete; no file is half-written.\n`,
    )
    return 2
  }
}
