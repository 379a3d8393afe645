/** What holds for a call: its flags, and under them the config file. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CONFIG_FILE, type ConfigOrMistakes, catalogueMistake, configAt, configOf, underneath } from '../config/read.ts'
import type { Config } from '../config/keys.ts'
import { DISCOVER_IO } from '../discover.ts'
import { findRoot } from '../named-paths.ts'
import { STDIN, UsageError } from '../requests.ts'
import type { Options } from '../types.ts'

export interface Where {
  readonly paths: readonly string[]
  readonly root: string | undefined
}

export interface Settings {
  readonly options: Partial<Options>
  readonly ignore: readonly string[]
}

export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

export function rootOf({ paths, root }: Where): string {
  const first = paths[0]
  return root === undefined ? findRoot(first === undefined || first === STDIN || !existsSync(first) ? '.' : first, process.cwd(), DISCOVER_IO) : resolve(root)
}

/** @throws UsageError for a file that cannot be understood: without it the result would be another one. */
export function settingsOf(where: Where & { readonly config: string | undefined; readonly options: Partial<Options> }): Settings {
  const config = configFor(where)
  const mistake = catalogueMistake(config, where.config ?? CONFIG_FILE)
  if (mistake !== undefined) throw new UsageError(mistake)
  const options = { ...underneath(where.options, config), today: today() }
  const atLeast = options.atLeast ?? (where.paths.includes(STDIN) ? 'known' : 'assumed')
  if ((options.override ?? []).length > 0 && (atLeast === 'known' || atLeast === 'certain'))
    throw new UsageError(
      `--override changes what the author wrote, for which there is no evidence: it needs --at-least likely or assumed, not ${atLeast}${options.atLeast === undefined ? ' (the default for -)' : ''}`,
    )
  return { options, ignore: config.ignore }
}

function configFor(where: Where & { readonly config: string | undefined }): Config {
  const found: ConfigOrMistakes = where.config === undefined ? configAt(rootOf(where), readText) : named(where.config)
  if ('mistakes' in found) throw new UsageError(found.mistakes.join('; '))
  return found.config
}

function named(file: string): ConfigOrMistakes {
  const text = readText(file)
  if (text === undefined) throw new UsageError(`--config: ${file} cannot be read`)
  return configOf(file, text)
}

/** The only date there is: what expires is judged by it. https://reproducible-builds.org/specs/source-date-epoch/ */
export function today(): string {
  const epoch = Number(process.env.SOURCE_DATE_EPOCH)
  const date = process.env.SOURCE_DATE_EPOCH !== undefined && Number.isSafeInteger(epoch) ? new Date(epoch * 1000) : new Date()
  return date.toISOString().slice(0, 10)
}
