/** Writing what was verified: in place, or to a mirrored tree. All files of one call or none. */
import * as fs from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { errnoOf } from './errno.ts'
import { isWithin } from './named-paths.ts'
import { encode } from './read.ts'
import { changed, replaceAll, statusOf, type Target, unwritable, type WriteIo } from './replace-files.ts'
import type { Problem, Source } from './types.ts'

export { cleanUp } from './replace-files.ts'

export interface ToWrite {
  readonly source: Source
  readonly text: string
}

/**
 * Writes the files of one patch, all or none. `source` is what was read: a file that reads otherwise now, also one
 * whose text stays as it is, stops all of them. Mode and owner are kept; a link stays a link, and its target is written.
 */
export function writeFiles(root: string, outputs: readonly ToWrite[], io: WriteIo = fs): readonly Problem[] {
  const targets = outputs.map((output) => existing(root, output, io))
  const problems = targets.flatMap((target) => ('code' in target ? [target] : []))
  if (problems.length > 0) return problems
  return replaceAll(
    (targets as Target[]).filter(({ before, bytes }) => !before.equals(bytes)),
    io,
  )
}

export interface Inputs {
  /** What the paths of the outputs are relative to. */
  readonly root: string
  /** Files that must stay as they are, beside the sources of the outputs. */
  readonly files?: readonly string[]
}

/**
 * Writes to the same relative paths below `outDir`, making folders as needed, all or none. Refuses where that would
 * overwrite an input, replace a link, or leave `outDir` through one.
 */
export function writeTree(outDir: string, outputs: readonly ToWrite[], inputs: Inputs, io: WriteIo = fs): readonly Problem[] {
  const made: string[] = []
  const kept = new Set([...(inputs.files ?? []), ...outputs.map(({ source }) => source.path)].map((path) => join(realOr(inputs.root, io), path)))
  const targets = outputs.map((output) => mirrored(resolve(outDir), inputs.root, output, kept, made, io))
  const problems = targets.flatMap((target) => ('code' in target ? [target] : []))
  const failed = problems.length > 0 ? problems : replaceAll(targets as Target[], io)
  if (failed.length > 0) {
    for (const folder of made.reverse()) quietly(() => io.rmdirSync(folder))
  }
  return failed
}

const NEW_MODE = 0o644

function existing(root: string, { source, text }: ToWrite, io: WriteIo): Target | Problem {
  const file = source.path
  try {
    const real = io.realpathSync(join(root, file))
    if (!isWithin(io.realpathSync(root), real)) {
      return { code: 'OUTSIDE_ROOT', file, message: 'a link that leads out of the root', hint: 'Name the file that the link leads to, from its own repository.' }
    }
    const status = io.lstatSync(real)
    if (!status.isFile()) return changed(file, 'is no regular file any more')
    const before = io.readFileSync(real)
    if (!before.equals(encode(source, source.text))) return changed(file, 'was changed by someone else since it was read')
    const bytes = encode(source, text)
    // A rename would also replace a file that its owner made read-only.
    if (!before.equals(bytes)) io.accessSync(real, fs.constants.W_OK)
    return { file, real, before, bytes, status, mode: status.mode & 0o7777 }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return changed(file, 'was removed since it was read')
    return unwritable(file, error)
  }
}

function mirrored(outDir: string, root: string, { source, text }: ToWrite, kept: ReadonlySet<string>, made: string[], io: WriteIo): Target | Problem {
  const file = source.path
  const wanted = join(outDir, file)
  try {
    const folder = dirname(wanted)
    if (!isWithin(outDir, wanted) || wanted === outDir) return refused(file, 'lies outside of the output folder')
    makeFolder(folder, made, io)
    const real = join(io.realpathSync(folder), basename(wanted))
    if (!isWithin(io.realpathSync(outDir), real)) return refused(file, 'a link leads out of the output folder')
    if (kept.has(real)) return refused(file, 'would overwrite a file that was read')
    const status = statusOf(real, io)
    if (status?.isSymbolicLink() === true) return refused(file, 'would replace a link in the output folder')
    if (status?.isFile() === false) return refused(file, 'something that is no file stands in its place in the output folder')
    const before = status === undefined ? Buffer.alloc(0) : io.readFileSync(real)
    const mode = status?.mode ?? statusOf(join(root, file), io)?.mode ?? NEW_MODE
    return { file, real, before, bytes: encode(source, text), status, mode: mode & 0o7777 }
  } catch (error) {
    return unwritable(file, error)
  }
}

/** Makes the folders that are missing and adds them to `made`, outermost first. */
function makeFolder(path: string, made: string[], io: WriteIo): void {
  const status = statusOf(path, io)
  if (status !== undefined) return
  makeFolder(dirname(path), made, io)
  io.mkdirSync(path)
  made.push(path)
}

function realOr(path: string, io: WriteIo): string {
  try {
    return io.realpathSync(path)
  } catch (error) {
    errnoOf(error)
    return resolve(path)
  }
}

function quietly(action: () => void): void {
  try {
    action()
  } catch (error) {
    errnoOf(error)
  }
}

function refused(file: string, why: string): Problem {
  return { code: 'UNWRITABLE', file, message: `${why}; nothing was written`, hint: 'Choose another, empty folder for --out-dir.' }
}
