/** From paths that were seen written to the directories that must be writable. */
import type { Written } from './recording.ts'

/** Writable in every container, or given by the kubelet. */
const OTHERS = /^\/(?:dev|proc|sys|run\/secrets|var\/run\/secrets)(?:\/|$)|^\/etc\/(?:hosts|hostname|resolv\.conf)$|^\/\.dockerenv$/
/** Full of the image's files in every image. */
const SYSTEM = /^\/(?:etc|usr(?:\/.*)?|bin|sbin|lib\w*|boot|opt|var|home|srv|var\/lib|var\/log|var\/cache|var\/spool)?$/
/** Nobody ships anything there that is needed. */
const SCRATCH = /^\/(?:tmp|var\/tmp|run|var\/run)(?:\/|$)/
/** So many directories beside each other are one that grows. */
const SIBLINGS = 3

export class SeenPaths {
  /** Path → whether it is a directory itself. */
  readonly #written = new Map<string, boolean>()
  readonly #made = new Set<string>()
  readonly #read = new Set<string>()
  readonly #shipped = new Set<string>()

  /** `isDirectory`: what is below it is written, not it. */
  wrote(path: string, isDirectory = false): void {
    const { clean, isOpen } = fixedPart(path)
    if (!OTHERS.test(clean)) this.#written.set(clean, isOpen || isDirectory || this.#written.get(clean) === true)
  }

  /** A directory that the program makes itself. */
  made(path: string): void {
    const { clean, isOpen } = fixedPart(path)
    if (OTHERS.test(clean)) return
    if (!isOpen) this.#made.add(clean)
    this.#written.set(clean, true)
  }

  read(path: string): void {
    this.#read.add(path)
  }

  /** It comes with the image, whatever the program does to it. */
  shipped(path: string): void {
    this.#shipped.add(path)
  }

  directories(): readonly Written[] {
    const found = new Set([...this.#written].map(([path, isDirectory]) => this.#outermost(isDirectory ? path : parentOf(path))))
    let joined: ReadonlySet<string> = found
    // A tree of hashed names grows at every level.
    for (let before = -1; before !== joined.size; ) {
      before = joined.size
      joined = joinSiblings(joined)
    }
    return [...joined]
      .filter((path) => ![...joined].some((other) => isBelow(path, other)))
      .sort()
      .map((path) => ({ path, filled: this.#isFilled(path) }))
  }

  /** The program makes the directories above by itself, too. */
  #outermost(path: string): string {
    const scratch = /^\/(?:var\/)?tmp(?=\/|$)/.exec(path)?.[0]
    if (scratch !== undefined) return scratch
    let top = path
    for (let above = path; above !== '/'; above = parentOf(above)) if (this.#made.has(above)) top = above
    return top
  }

  #isFilled(directory: string): boolean {
    if (SYSTEM.test(directory)) return true
    if (SCRATCH.test(directory)) return false
    if ([...this.#shipped].some((path) => isBelow(path, directory))) return true
    return [...this.#read].some((path) => isBelow(path, directory) && !this.#written.has(fixedPart(path).clean) && ![...this.#made].some((made) => isBelow(path, made)))
  }
}

/** Below the parent of several, what was seen is a part of what comes. */
function joinSiblings(found: ReadonlySet<string>): ReadonlySet<string> {
  const count = new Map<string, number>()
  for (const path of found) count.set(parentOf(path), (count.get(parentOf(path)) ?? 0) + 1)
  return new Set([...found].map((path) => ((count.get(parentOf(path)) ?? 0) >= SIBLINGS && !SYSTEM.test(parentOf(path)) ? parentOf(path) : path)))
}

/** The path up to its first part that stands for many: `⋯` and `*` of kubescape, globs of AppArmor. */
function fixedPart(path: string): { readonly clean: string; readonly isOpen: boolean } {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (/[⋯*?[\]{}]/.test(part)) return { clean: `/${parts.join('/')}`, isOpen: true }
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return { clean: `/${parts.join('/')}`, isOpen: false }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')))
}

function isBelow(path: string, directory: string): boolean {
  return path !== directory && path.startsWith(directory === '/' ? '/' : `${directory}/`)
}
