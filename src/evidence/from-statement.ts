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

/** The first entry that the image matches, as written or in full form, with its tag or without. */
export function entryFor(image: string, { images }: ImageOptions): ImageFacts | undefined {
  if (images.length === 0) return undefined
  const full = parseReference(image)
  const bare = (name: string): string => name.replace(/@.*$/, '').replace(/:[^/]*$/, '')
  const names = new Set([image, bare(image), ...(full === undefined ? [] : [full.repository, `${full.repository}:${full.tag ?? 'latest'}`])])
  return images.find(({ image: glob }) => [...names].some((name) => pattern(glob).test(name)))
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
