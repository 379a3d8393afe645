/** What the user states of images: the file of `--images`, and the same keys of `podharden.yaml`. */
import { each, flag, isText, type Keys, listOf, map, type Mistake, readShape, scalar, TEXT } from '../shape.ts'
import type { ImageFacts, ImageOptions } from '../types.ts'

export type ImagesFile = { readonly options: ImageOptions } | { readonly mistakes: readonly Mistake[] }

const isId = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0 && (value as number) <= 2147483647
const isPath = (value: unknown): value is string => typeof value === 'string' && /^\/[^\0:]/.test(value) && !value.split('/').includes('..')
const isPort = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0 && (value as number) < 65536
const isName = (value: unknown): value is string => typeof value === 'string' && /^[A-Z][A-Z_]+$/.test(value) && !value.startsWith('CAP_')

/** A user or group id. 0 is root, which is never written. */
export const id = (what: string) => scalar(`a ${what} id from 1 to 2147483647`, isId, { type: 'integer', minimum: 1, maximum: 2147483647 })

type Entry = Omit<ImageFacts, 'source'>

const ENTRY: Keys<Entry> = {
  image: { shape: scalar('a name or glob', isText, TEXT), says: 'Name or glob, with a tag or without. The first entry that matches counts.', required: true },
  uid: { shape: id('user'), says: 'User id that the program runs as.' },
  gid: { shape: id('group'), says: 'Group id that the program runs as.' },
  writablePaths: {
    shape: listOf('a list of absolute paths', isPath, { type: 'string', pattern: '^/[^:]' }),
    says: 'Paths that the program writes. Each gets an emptyDir when the root is made read-only; [] says that nothing is written.',
  },
  ports: { shape: listOf('a list of ports', isPort, { type: 'integer', minimum: 1, maximum: 65535 }), says: 'Ports below 1024 that the program binds.' },
  capabilities: {
    shape: listOf('a list of names without CAP_', isName, { type: 'string', pattern: '^(?!CAP_)[A-Z][A-Z_]+$' }),
    says: 'Capabilities that the program cannot do without.',
  },
  needsRoot: { shape: flag(), says: 'The program needs root: its container is left as it is, with this as the reason.' },
}

export const IMAGE_KEYS: Keys<{ images: readonly ImageFacts[]; prefixes: ImageOptions['prefixes'] }> = {
  images: {
    shape: each(
      map(ENTRY, ({ image = '', ...rest }, at) => {
        if (rest.gid !== undefined && rest.uid === undefined) at.wrong('gid says nothing without uid')
        if (rest.needsRoot === true && rest.uid !== undefined) at.wrong('uid and needsRoot: true exclude each other')
        return { image, ...rest, source: at.source }
      }),
    ),
    says: 'What you know of your images.',
  },
  prefixes: {
    shape: each(
      map<{ from: string; to: string }, { from: string; to: string }>(
        {
          from: { shape: scalar('the beginning of a name', isText, TEXT), says: 'The beginning of the name as written.', required: true },
          to: { shape: scalar('the beginning of a name', isText, TEXT), says: 'What it stands for.', required: true },
        },
        ({ from = '', to = '' }) => ({ from, to }),
      ),
    ),
    says: 'Private mirrors: an image whose name begins with from is known by the name that begins with to.',
  },
}

/** `name` goes into the source of each fact: `images.yaml:3`. */
export function readImagesFile(name: string, text: string): ImagesFile {
  const found = readShape(
    name,
    text,
    map(IMAGE_KEYS, ({ images = [], prefixes = [] }) => ({ images, prefixes })),
  )
  return 'value' in found ? { options: found.value } : found
}
