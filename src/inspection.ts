/** Reads the images that the user wants read, before anything is planned: the only stage that may use the network. */
import { join } from 'node:path'
import type { Inspection } from './requests.ts'
import { resolveImage } from './evidence/reference.ts'
import { Inspected } from './evidence/inspect.ts'
import type { Looked } from './look.ts'
import { podOf } from './pod.ts'

export interface Places {
  /** docker's `config.json` with credentials. */
  readonly dockerConfig: string
  /** Facts of images by digest. */
  readonly cache: string
}

/** https://specifications.freedesktop.org/basedir-spec/latest/ */
export function placesOf(env: Readonly<Record<string, string | undefined>>, home: string): Places {
  const caches = env.XDG_CACHE_HOME ?? env.LOCALAPPDATA ?? join(home, '.cache')
  return { dockerConfig: join(env.DOCKER_CONFIG ?? join(home, '.docker'), 'config.json'), cache: join(caches, 'podharden', 'images') }
}

/** `looked` is asked only where registries are. */
export async function inspect(
  { archives, registries }: Inspection,
  looked: () => Iterable<Looked>,
  more: Iterable<string>,
  places: Places,
  stop: { readonly asked: boolean; progress(text: string): void },
): Promise<Inspected> {
  const inspected = new Inspected()
  for (const archive of archives) await inspected.archive(archive)
  if (registries) {
    const images = new Set(more)
    for (const part of looked()) for (const image of imagesOf(part)) images.add(image)
    let done = 0
    await inspected.registries(images, places, () => {
      stop.progress(`${++done} of ${images.size} images read`)
      return stop.asked
    })
    stop.progress('')
  }
  return inspected
}

function* imagesOf({ sites, survey }: Looked): Generator<string> {
  for (const site of sites) for (const { image } of podOf(site, () => site.root).containers) if (image !== undefined) yield resolveImage(image, survey.images.get(site.file) ?? [])
}
