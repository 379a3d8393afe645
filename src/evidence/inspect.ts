/** Images that were read themselves: from archives, and from registries where the user asks for it. */
import type { About, ImageAnswers, Problem } from '../types.ts'
import { ofImage } from './from-image.ts'
import { readArchive } from './image/archive.ts'
import type { ImageContent, ImageProblem } from './image/content.ts'
import { problemOf } from './image/read.ts'
import { Registry, type RegistryOptions } from './image/registry.ts'
import { isKo, parseReference, type Reference, referenceText } from './reference.ts'

export class Inspected implements ImageAnswers {
  /** By the reference in full form; with a digest without its tag. */
  readonly #images = new Map<string, About>()
  readonly problems: Problem[] = []

  of(image: string): About {
    const reference = parseReference(image)
    return (reference === undefined ? undefined : this.#images.get(keyOf(reference))) ?? {}
  }

  /** `[IMAGE=]PATH`: an archive, with the name that its only image has in the manifests where it holds none. */
  async archive(argument: string): Promise<void> {
    const [, name, path = argument] = /^([^=]+)=(.+)$/s.exec(argument) ?? []
    const { images, problems } = await readArchive(path)
    for (const problem of problems) this.#trouble(path, problem)
    const given = name === undefined ? undefined : parseReference(name)
    for (const { names, content } of images) {
      const keys = given !== undefined && images.length === 1 ? [keyOf(given)] : names.flatMap((one) => parseReference(one) ?? []).map(keyOf)
      if (keys.length === 0)
        this.#trouble(path, {
          code: 'UNSUPPORTED',
          message: `${images.length > 1 ? 'one of its images' : 'its image'} has no name`,
          hint: `Name it: --image-archive IMAGE=${path}`,
        })
      this.#add(path, keys, content)
    }
  }

  /** Asks the registries, `parallel` images at a time. `done` is told after each, and says whether to stop there. */
  async registries(images: Iterable<string>, options: RegistryOptions, done: (image: string) => boolean = () => false, parallel = 4): Promise<void> {
    const registry = new Registry(options)
    const wanted = new Map<string, Reference>()
    for (const image of [...images].sort()) {
      // A mirror is asked itself: it is what the cluster pulls from.
      const reference = isKo(image) ? undefined : parseReference(image)
      if (reference !== undefined && reference.openTag !== true && !this.#images.has(keyOf(reference))) wanted.set(keyOf(reference), reference)
    }
    const queue = [...wanted].values()
    const work = async (): Promise<void> => {
      for (const [key, reference] of queue) {
        try {
          this.#add(referenceText(reference), [key], await registry.image(reference))
        } catch (error) {
          this.#trouble(referenceText(reference), problemOf(error))
        }
        if (done(referenceText(reference))) return
      }
    }
    await Promise.all(Array.from({ length: parallel }, work))
    this.problems.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0))
  }

  #add(file: string, keys: readonly string[], content: ImageContent): void {
    for (const problem of content.problems) this.#trouble(file, problem)
    const about = ofImage(content)
    for (const key of keys) this.#images.set(key, about)
  }

  #trouble(file: string, { message, hint }: ImageProblem): void {
    this.problems.push({ code: 'IMAGE_UNREAD', file, message, hint })
  }
}

function keyOf({ repository, tag, digest }: Reference): string {
  return digest === undefined ? `${repository}:${tag ?? 'latest'}` : `${repository}@${digest}`
}
