/** Which Dockerfile of the tree makes an image: by a file that says so, else by the name of its folder. */
import type { Build, Builds, FoundBuild, UnclearBuild } from '../../types.ts'
import type { Link } from './link.ts'
import { isBuildFile, isDockerfile, linksOf } from './links.ts'
import { readDockerfile } from './read.ts'

/** Larger ones are no Dockerfiles; in UTF-16 units. */
const LIMIT = 256 * 1024

/** Dockerfiles of others, and of tests: they make nothing that runs by their folder's name. */
const FOREIGN = /(?:^|\/)(?:third[_-]party|vendor|node_modules|testdata|fixtures|e2e|tests?|examples?|samples?|demos?)\//i
/** Folders that say where a Dockerfile lies, not what it makes. */
const PLACES =
  /^(?:docker|dockerfiles?|build|container|containers|src|app|deploy|deployment|image|images|rootfs|package|packaging|dist|ci|dev|prod|k8s|kubernetes|test|tests|examples?|linux|windows|base|\d[\d.]*|.*alpine.*|.*debian.*)$/i
/** Endings of `Dockerfile.x` that name a variant of the same image. */
const VARIANTS =
  /^(?:dev|development|prod|production|release|local|test|tests|ci|debug|base|build|builder|multi|multiarch|multistage|amd64|arm64|arm|x86_64|linux|windows|alpine|debian|ubuntu|ubi\d?|distroless|slim|gpu|cpu|cuda|cross|ko|goreleaser)$/i

/** Collects files, one at a time, Dockerfiles first: without one nothing else is looked at. Only they and links are kept. */
export class BuildFiles {
  readonly #dockerfiles = new Map<string, string>()
  readonly #links: Link[] = []

  /** `path` relative to the root. */
  add(path: string, text: string): void {
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (isDockerfile(name)) {
      if (text.length <= LIMIT && /^\s*FROM\s/im.test(text)) this.#dockerfiles.set(path, text)
    } else if (this.#dockerfiles.size > 0 && (isBuildFile(name) || /\.ya?ml$/i.test(name))) this.#links.push(...linksOf(path, text))
  }

  finish(): Builds {
    return new KnownBuilds(this.#dockerfiles, this.#links)
  }
}

class KnownBuilds implements Builds {
  readonly #texts: ReadonlyMap<string, string>
  readonly #explicit = new Map<string, Link[]>()
  readonly #partial = new Map<string, Link[]>()
  readonly #linkedFiles = new Set<string>()
  readonly #byName: ReadonlyMap<string, readonly string[]>
  readonly #read = new Map<string, Build | undefined>()

  constructor(texts: ReadonlyMap<string, string>, links: readonly Link[]) {
    this.#texts = texts
    for (const link of links) {
      const into = link.partial ? this.#partial : this.#explicit
      const list = into.get(link.image)
      if (list === undefined) into.set(link.image, [link])
      else list.push(link)
    }
    // What is said to make another image, is not guessed to make this one.
    for (const { files } of links) {
      const file = files.find((one) => texts.has(one))
      if (file !== undefined) this.#linkedFiles.add(file)
    }
    this.#byName = namesOf([...texts.keys()].filter((path) => !FOREIGN.test(path)).sort())
  }

  of(repository: string, tag: string | undefined, isPublic: boolean): FoundBuild | UnclearBuild | undefined {
    const explicit = this.#linked(this.#explicit.get(repository) ?? [], tag, 'known')
    if (explicit !== undefined || isPublic) return explicit
    const last = repository.slice(repository.lastIndexOf('/') + 1)
    const partial = this.#linked(this.#partial.get(last) ?? [], tag, 'likely')
    if (partial !== undefined) return partial
    if (!this.#isOurs(repository)) return undefined
    const files = (this.#byName.get(last) ?? []).filter((file) => !this.#linkedFiles.has(file))
    const [file] = files
    if (file === undefined) return undefined
    if (files.length > 1) return { is: 'several', files }
    const build = this.#build(file, undefined, new Map())
    return build === undefined ? undefined : { is: 'one', file, build, grade: 'likely' }
  }

  /** Where the tree says of some images that it makes them, others of the same place may be its own, those of elsewhere are not. */
  #isOurs(repository: string): boolean {
    const places = new Set([...this.#explicit.keys()].map(placeOf))
    return places.size === 0 || places.has(placeOf(repository))
  }

  #linked(links: readonly Link[], tag: string | undefined, grade: FoundBuild['grade']): FoundBuild | UnclearBuild | undefined {
    const found = links.flatMap((link) => {
      // Of another tag: the same Dockerfile, but its stage and arguments may be of that tag only.
      const isOther = tag !== undefined && link.tag !== undefined && link.tag !== tag && (link.target !== undefined || link.given.size > 0)
      const file = link.files.find((one) => this.#texts.has(one))
      const build = file === undefined ? undefined : isOther ? this.#build(file, undefined, new Map()) : this.#build(file, link.target, link.given)
      return file === undefined || build === undefined ? [] : [{ file, build, link, isOther }]
    })
    // A link with this very tag says more than one that leaves it open, and that one more than one with another.
    const exact = found.filter(({ link }) => tag !== undefined && link.tag === tag)
    const open = found.filter(({ isOther }) => !isOther)
    const [first, ...rest] = exact.length > 0 ? exact : open.length > 0 ? open : found
    if (first === undefined) return undefined
    const said = JSON.stringify(first.build)
    const other = rest.filter(({ build }) => JSON.stringify(build) !== said)
    if (other.length > 0) return { is: 'several', files: [...new Set([first, ...other].map(({ file, link }) => (link.target === undefined ? file : `${file} (${link.target})`)))] }
    return { is: 'one', file: first.file, build: first.build, grade: first.isOther ? 'likely' : grade, link: first.link.source }
  }

  #build(file: string, target: string | undefined, given: ReadonlyMap<string, string | undefined>): Build | undefined {
    const key = [file, target ?? '', ...[...given].map((pair) => pair.join('='))].join('\n')
    if (!this.#read.has(key)) this.#read.set(key, readDockerfile(this.#texts.get(file) ?? '', target, given))
    return this.#read.get(key)
  }
}

/** Registry and owner: what is before the last slash. */
function placeOf(repository: string): string {
  return repository.slice(0, Math.max(0, repository.lastIndexOf('/')))
}

/** Name → Dockerfiles that it may stand for. A variant counts only where no plain one lies beside it. */
function namesOf(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const plain = new Map<string, string[]>()
  const variants = new Map<string, string[]>()
  for (const path of paths) {
    const parts = path.split('/')
    const file = parts.pop() as string
    const own = /^(?:docker|container)file[.-](.+)$/i.exec(file)?.[1] ?? /^(.+)\.(?:docker|container)file$/i.exec(file)?.[1]
    const isVariant = own !== undefined && VARIANTS.test(own)
    const name = own !== undefined && !isVariant ? own : parts.findLast((part) => !PLACES.test(part))
    if (name === undefined) continue
    const into = isVariant ? variants : plain
    into.set(name.toLowerCase(), [...(into.get(name.toLowerCase()) ?? []), path])
  }
  for (const [name, files] of variants) if (!plain.has(name)) plain.set(name, files)
  return plain
}
