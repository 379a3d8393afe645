/** `podharden.yaml` at the root of the repository: what holds for every run there. */
import { join } from 'node:path'
import { readImagesFile } from './evidence/images-file.ts'
import type { ImageOptions } from './types.ts'

export const CONFIG_FILE = 'podharden.yaml'

export interface Config {
  readonly images: ImageOptions
}

/** The text of a file, undefined where there is none. */
export type ReadText = (file: string) => string | undefined

/** Each mistake with its place, `podharden.yaml:3:5: …`. Without a file: nothing is said. */
export function configAt(root: string, read: ReadText): { readonly config: Config } | { readonly mistakes: readonly string[] } {
  const text = read(join(root, CONFIG_FILE))
  if (text === undefined) return { config: { images: { images: [], prefixes: [] } } }
  const found = readImagesFile(CONFIG_FILE, text)
  if ('options' in found) return { config: { images: found.options } }
  return { mistakes: found.mistakes.map(({ line, column, message }) => `${CONFIG_FILE}:${line}:${column}: ${message}`) }
}

/** The first entry that matches counts, so what a flag names stands before the file. */
export function underneath(flags: ImageOptions, { images }: Config): ImageOptions {
  return { images: [...flags.images, ...images.images], prefixes: [...flags.prefixes, ...images.prefixes] }
}
