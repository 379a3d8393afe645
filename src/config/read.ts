/** `podharden.yaml` at the root of the repository: what holds for every run there. */
import { join } from 'node:path'
import { catalogueVersion } from '../evidence/catalogue.ts'
import { readShape } from '../shape.ts'
import type { ImageOptions, Options } from '../types.ts'
import { CONFIG, type Config } from './keys.ts'

export const CONFIG_FILE = 'podharden.yaml'
export const NO_CONFIG: Config = { options: {}, ignore: [], catalogue: undefined }

/** The text of a file, undefined where there is none. */
export type ReadText = (file: string) => string | undefined

export type ConfigOrMistakes = { readonly config: Config } | { readonly mistakes: readonly string[] }

/** Each mistake with its place, `podharden.yaml:3:5: …`. Without a file: nothing is said. */
export function configAt(root: string, read: ReadText): ConfigOrMistakes {
  const text = read(join(root, CONFIG_FILE))
  return text === undefined ? { config: NO_CONFIG } : configOf(CONFIG_FILE, text)
}

export function configOf(name: string, text: string): ConfigOrMistakes {
  const found = readShape(name, text, CONFIG)
  if ('value' in found) return { config: found.value }
  return { mistakes: found.mistakes.map(({ line, column, message }) => `${name}:${line}:${column}: ${message}`) }
}

/** Another catalogue would write other numbers. `where`: who asks for it. */
export function catalogueMistake({ catalogue }: Config, where: string): string | undefined {
  if (catalogue === undefined || catalogue === catalogueVersion()) return undefined
  return `${where} asks for the catalogue ${catalogue}, and this podharden has ${catalogueVersion()}. Install the version that has it, or change the line`
}

/** What a flag says counts before the file; of images the first entry that matches does, so both are kept. */
export function underneath(flags: Partial<Options>, { options }: Config): Partial<Options> {
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as Partial<Options>
  return { ...options, ...given, images: both(flags.images, options.images), exemptions: [...(flags.exemptions ?? []), ...(options.exemptions ?? [])] }
}

function both(flags: ImageOptions | undefined, config: ImageOptions | undefined): ImageOptions {
  return { images: [...(flags?.images ?? []), ...(config?.images ?? [])], prefixes: [...(flags?.prefixes ?? []), ...(config?.prefixes ?? [])] }
}
