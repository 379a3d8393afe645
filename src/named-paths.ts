/** The paths of the command line: what they are, and where they lie below the root. */
import { dirname, join, resolve, sep } from 'node:path'
import { errnoOf, errnoText, nextStep } from './errno.ts'
import type { Problem } from './types.ts'
import type { DiscoverIo } from './walk.ts'

export interface NamedPath {
  /** Relative to the root, with `/`, links resolved; `` is the root itself. */
  readonly path: string
  readonly is: 'file' | 'folder'
}

/**
 * The root, as a real path: the nearest folder with `.git` at or above the first path; without one the working
 * directory, or, for a path outside of it, the path's own folder.
 */
export function findRoot(first: string, cwd: string, io: DiscoverIo): string {
  const start = folderOf(resolve(cwd, first), io)
  for (let folder = start; ; folder = dirname(folder)) {
    if (exists(join(folder, '.git'), io)) return realOr(folder, io)
    if (folder === dirname(folder)) break
  }
  const real = realOr(resolve(cwd), io)
  const known = realOr(start, io)
  return isWithin(real, known) || !exists(start, io) ? real : known
}

export function namedPath(given: string, cwd: string, root: string, io: DiscoverIo): NamedPath | Problem {
  const full = resolve(cwd, given)
  try {
    const isLink = io.lstatSync(full).isSymbolicLink()
    const real = io.realpathSync(full)
    if (!isWithin(root, real)) return outside(given, root, isLink)
    const status = io.statSync(real)
    const path = real === root ? '' : real.slice(root.endsWith(sep) ? root.length : root.length + 1).replaceAll(sep, '/')
    if (status.isDirectory()) return { path, is: 'folder' }
    if (status.isFile()) return { path, is: 'file' }
    return { code: 'NOT_A_FILE', file: given, message: 'neither a file nor a folder', hint: 'Name a file or a folder; standard input is read with -.' }
  } catch (error) {
    return missing(given, error)
  }
}

export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

function outside(given: string, root: string, isLink: boolean): Problem {
  const hint = isLink ? 'Name the file that the link leads to, from its own repository.' : 'Run once per repository, or name a common folder with --root.'
  return { code: 'OUTSIDE_ROOT', file: given, message: `${isLink ? 'a link that leads' : 'lies'} outside of ${root}`, hint }
}

function missing(given: string, error: unknown): Problem {
  const errno = errnoOf(error)
  if (errno === 'ELOOP') return { code: 'NOT_FOUND', file: given, message: 'a link that leads back to itself', hint: 'Repair the link, or name the file.' }
  if (errno === 'ENOENT' || errno === 'ENOTDIR') return { code: 'NOT_FOUND', file: given, message: 'no such file or folder', hint: 'Check the path; a link may lead nowhere.' }
  return { code: 'UNREADABLE', file: given, message: `cannot be read: ${errnoText(error)}`, hint: nextStep(error) }
}

/** Where the search for the root begins. A link is looked at from outside: it may lead into another repository. */
function folderOf(path: string, io: DiscoverIo): string {
  try {
    return io.lstatSync(path).isDirectory() ? path : dirname(path)
  } catch (error) {
    errnoOf(error)
    return dirname(path)
  }
}

function exists(path: string, io: DiscoverIo): boolean {
  try {
    io.lstatSync(path)
    return true
  } catch (error) {
    errnoOf(error)
    return false
  }
}

function realOr(path: string, io: DiscoverIo): string {
  try {
    return io.realpathSync(path)
  } catch (error) {
    errnoOf(error)
    return path
  }
}
