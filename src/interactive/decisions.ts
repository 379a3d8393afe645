/** What a person decided so far, and the options that follow from it. */
import type { Decided } from '../config/decided.ts'
import type { ExemptionRule, ImageFacts, Options, Site } from '../types.ts'

export class Decisions implements Decided {
  readonly exemptions: ExemptionRule[] = []
  readonly images: ImageFacts[] = []
  /** Images whose workloads need no question any more. */
  readonly taken = new Set<string>()
  all = false

  get count(): number {
    return this.exemptions.length + this.images.length
  }

  /** Everything of a workload, or some transforms of it, stay as they are. */
  leave({ file, object }: Pick<Site, 'file' | 'object'>, transforms?: readonly string[]): void {
    const { kind, name, namespace } = object
    this.exemptions.push({
      reason: 'declined in a review',
      source: 'at the prompt',
      path: `/${file.replace(/[\\\s*?[!#]/g, '\\$&')}`,
      kind,
      ...(name === '' ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(transforms === undefined ? {} : { transforms }),
    })
  }

  /** The user that an image runs as. The last word counts. */
  setUser(image: string, uid: number): void {
    const at = this.images.findIndex((one) => one.image === image)
    if (at !== -1) this.images.splice(at, 1)
    this.images.push({ image, uid, source: 'at the prompt' })
  }

  over(options: Options): Options {
    return {
      ...options,
      exemptions: [...this.exemptions, ...options.exemptions],
      images: { ...options.images, images: [...this.images, ...options.images.images] },
    }
  }
}
