/** What the user states of images, which counts before anything that was read elsewhere. */
import type { About, Fact, ImageFacts, ImageOptions } from '../types.ts'
import { parseReference } from './reference.ts'

/** The image under the name that the prefix maps give it: `registry.corp/hub/nginx` is `docker.io/nginx`. */
export function mapped(image: string, { prefixes }: ImageOptions): string {
  for (const { from, to } of prefixes) {
    const start = from.replace(/\*$/, '')
    if (image.startsWith(start)) return to.replace(/\*$/, '') + image.slice(start.length)
  }
  return image
}

/** What all entries say that the image matches; where two speak of the same, the first counts. */
export function entryFor(image: string, { images }: ImageOptions): ImageFacts | undefined {
  if (images.length === 0) return undefined
  const names = namesOf(image)
  const [first, ...others] = images.filter((entry) => names.some((name) => pattern(entry.image).test(name)))
  return others.reduce<ImageFacts | undefined>((known, entry) => (known === undefined ? entry : laidUnder(known, entry)), first)
}

/** Who it runs as is one answer; its parts are never taken from two entries. */
function laidUnder(known: ImageFacts, entry: ImageFacts): ImageFacts {
  const { uid: _uid, gid: _gid, needsRoot: _root, ...rest } = entry
  const both = known.uid === undefined && known.needsRoot === undefined ? { ...entry, ...known } : { ...rest, ...known }
  return Object.keys(both).length === Object.keys(known).length ? known : { ...both, source: `${known.source}, ${entry.source}` }
}

/** As written, in full form, and in the short forms of Docker Hub, each with its tag and without. */
function namesOf(image: string): readonly string[] {
  const bare = (name: string): string => name.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
  const full = parseReference(image)
  const repositories =
    full === undefined
      ? []
      : [full.repository, full.repository.replace(/^docker\.io\//, ''), full.repository.replace('/library/', '/'), full.repository.replace(/^docker\.io\/library\//, '')]
  return [...new Set([image, bare(image), ...repositories, ...repositories.map((name) => `${name}:${full?.tag ?? 'latest'}`)])]
}

function pattern(glob: string): RegExp {
  return new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`)
}

/** What the user states: it counts before everything that was read. */
export function ofStatement(stated: ImageFacts): About {
  const fact = <T>(value: T): Fact<T> => ({ value, grade: 'known', source: stated.source })
  return {
    ...(stated.uid === undefined ? {} : { user: fact({ name: '', uid: stated.uid, gid: stated.gid ?? null }), runsAsNonRoot: fact('with-uid' as const) }),
    ...(stated.needsRoot === true ? { rootRequired: fact('stated for the image'), runsAsNonRoot: fact('no' as const) } : {}),
    ...(stated.writablePaths === undefined
      ? {}
      : {
          writablePaths: fact(stated.writablePaths.map((path) => ({ path, purpose: 'data' as const, keepsImageContent: false, persistent: false }))),
          // Who lists every path that is written says that the rest may be read-only.
          pathsAreAll: fact(true as const),
          readOnlyRootSeen: fact('documented' as const),
        }),
    ...(stated.ports === undefined ? {} : { ports: fact(stated.ports) }),
    ...(stated.capabilities === undefined ? {} : { capabilities: fact(stated.capabilities) }),
  }
}
