/** Every image of the files, with what is known of it and what is missing. Data only; `print.ts` shows it. */
import { about, type Sources } from '../evidence/about.ts'
import { parseReference, resolveImage } from '../evidence/reference.ts'
import { standingOf } from '../evidence/standing.ts'
import { podOf } from '../pod.ts'
import type { About, Grade, ImageOverride, Site } from '../types.ts'

export interface ImageUse {
  readonly file: string
  readonly line: number
  readonly kind: string
  readonly name: string
  readonly container: string
}

export interface ListedImage {
  /** As written, or as a kustomization makes it. */
  readonly image: string
  /** In full form; null for what is no reference (a placeholder). */
  readonly reference: string | null
  readonly uses: readonly ImageUse[]
  /** The user that it can run as: null where no number is known. */
  readonly uid: number | null
  readonly gid: number | null
  /** USER of the image: null is root by default. Absent: not known. */
  readonly user?: string | null
  /** How sure the user is; `assumed`: nothing is known. */
  readonly grade: Grade
  /** null: not known. */
  readonly writablePaths: readonly string[] | null
  readonly ports: readonly number[]
  /** It cannot run without root. */
  readonly needsRoot: boolean
  /** Where it is said. */
  readonly sources: readonly string[]
  /** Less direct sources that give another number. */
  readonly otherUsers: readonly { readonly uid: number; readonly source: string }[]
  /** Dockerfiles that may all have made it. */
  readonly candidates: readonly string[]
  readonly missing: readonly ('user' | 'writablePaths')[]
}

/** What an image by itself is known for: the command and variables of its containers are left out. */
export function knownOf(image: string, sources: Sources): About {
  return about(image, { commandReplaced: false, env: new Map(), args: [] }, sources)
}

export class ImageList {
  readonly #images = new Map<string, ImageUse[]>()
  containers = 0

  /** `images`: what kustomizations make of the names in the file. */
  add(site: Site, lineOf: (offset: number) => number, images: readonly ImageOverride[] = []): void {
    const pod = podOf(site, () => site.root)
    for (const container of pod.containers) {
      if (container.image === undefined) continue
      this.containers++
      const { file, span } = pod.place([...container.path, 'image'])
      const use = { file, line: lineOf(span.start), kind: site.object.kind, name: site.object.name, container: container.name }
      this.name(resolveImage(container.image, images)).push(use)
    }
  }

  /** An image that is asked for by name. */
  name(image: string): ImageUse[] {
    const known = this.#images.get(image)
    if (known !== undefined) return known
    const uses: ImageUse[] = []
    this.#images.set(image, uses)
    return uses
  }

  /** By name. */
  list(sources: Sources): readonly ListedImage[] {
    return [...this.#images].sort(([a], [b]) => (a < b ? -1 : 1)).map(([image, uses]) => listed(image, uses, knownOf(image, sources)))
  }
}

function listed(image: string, uses: readonly ImageUse[], known: About): ListedImage {
  const { uid, gid, isKnown, needsRoot, grade } = standingOf(known)
  const facts = [known.user ?? known.defaultUser, known.stepsDownTo, known.rootRequired, known.toolbox]
  const ofPaths = known.writablePaths?.value.map(({ path, source }) => (source === undefined ? known.writablePaths?.source : `${path}: ${source}`)) ?? []
  const sources = new Set([...facts.map((fact) => fact?.source), ...(ofPaths.length === 0 ? [known.writablePaths?.source] : ofPaths)].filter((source) => source !== undefined))
  const paths = known.writablePaths?.value.map(({ path }) => path) ?? null
  return {
    image,
    reference: parseReference(image) === undefined ? null : (known.reference ?? null),
    uses,
    uid,
    gid,
    ...(known.defaultUser === undefined ? {} : { user: known.defaultUser.value }),
    grade,
    writablePaths: paths,
    ports: known.ports?.value ?? [],
    needsRoot,
    sources: [...sources],
    otherUsers: (known.otherUsers ?? []).map(({ value, source }) => ({ uid: value, source })),
    candidates: known.candidates ?? [],
    missing: [...(isKnown ? [] : (['user'] as const)), ...(paths === null && known.toolbox === undefined ? (['writablePaths'] as const) : [])],
  }
}
