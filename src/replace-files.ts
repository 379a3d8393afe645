/**
 * Replacing files in two phases: everything is staged in temporary files first, then renamed into place. Until the
 * first rename nothing is changed; a rename that fails takes the earlier ones back.
 */
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { errnoOf, errnoText, nextStep } from './errno.ts'
import type { Problem } from './types.ts'

/** The file system calls used here; tests put failures in. */
export type WriteIo = Pick<
  typeof fs,
  | 'realpathSync'
  | 'lstatSync'
  | 'readFileSync'
  | 'accessSync'
  | 'openSync'
  | 'writeSync'
  | 'fstatSync'
  | 'fchownSync'
  | 'fchmodSync'
  | 'fsyncSync'
  | 'closeSync'
  | 'renameSync'
  | 'unlinkSync'
  | 'mkdirSync'
  | 'rmdirSync'
>

/** Temporary files that exist at this moment. */
const pending = new Set<string>()

/** Removes the temporary files of an interrupted run. To be called on signals and at exit. */
export function cleanUp(io: Pick<WriteIo, 'unlinkSync'> = fs): void {
  for (const path of pending) {
    try {
      io.unlinkSync(path)
    } catch (error) {
      errnoOf(error)
    }
    pending.delete(path)
  }
}

/** One file to be replaced, real path and all. */
export interface Target {
  readonly file: string
  readonly real: string
  /** Empty for a file that is made. */
  readonly before: Buffer
  readonly bytes: Buffer
  /** Undefined for a file that is made. */
  readonly status: fs.Stats | undefined
  readonly mode: number
}

/** Stages all, then renames all. */
export function replaceAll(targets: readonly Target[], io: WriteIo): readonly Problem[] {
  const staged: string[] = []
  for (const target of targets) {
    try {
      staged.push(stage(target, io))
    } catch (error) {
      cleanUp(io)
      return [unwritable(target.file, error)]
    }
  }
  const moved = targets.filter((target) => !sameStatus(target, io))
  if (moved.length > 0) {
    cleanUp(io)
    return moved.map(({ file }) => changed(file, 'was changed by someone else while it was written'))
  }
  for (const [index, target] of targets.entries()) {
    try {
      io.renameSync(staged[index] as string, target.real)
      pending.delete(staged[index] as string)
    } catch (error) {
      cleanUp(io)
      const left = targets.slice(0, index).flatMap((done) => takeBack(done, io))
      return [unwritable(target.file, error, left.length === 0 ? 'nothing was changed' : 'other files were'), ...left]
    }
  }
  return []
}

/** A complete file beside the target, on the disk and with its owner and mode; only the name is missing. */
function stage({ real, bytes, status, mode }: Target, io: WriteIo): string {
  const path = join(dirname(real), `.podharden-${randomBytes(6).toString('hex')}.tmp`)
  // Nobody else may read it before it has the owner and mode of the file.
  const descriptor = io.openSync(path, 'wx', 0o600)
  pending.add(path)
  try {
    for (let at = 0; at < bytes.length; ) at += io.writeSync(descriptor, bytes, at)
    // The owner first: changing it clears set-user-ID bits.
    const now = io.fstatSync(descriptor)
    if (status !== undefined && (status.uid !== now.uid || status.gid !== now.gid)) io.fchownSync(descriptor, status.uid, status.gid)
    io.fchmodSync(descriptor, mode)
    io.fsyncSync(descriptor)
  } finally {
    io.closeSync(descriptor)
  }
  return path
}

function sameStatus({ real, status }: Target, io: WriteIo): boolean {
  const now = statusOf(real, io)
  return now?.ino === status?.ino && now?.size === status?.size && now?.mtimeMs === status?.mtimeMs
}

/** The old bytes again, or no file where there was none. */
function takeBack(target: Target, io: WriteIo): readonly Problem[] {
  try {
    if (target.status === undefined) io.unlinkSync(target.real)
    else {
      const path = stage({ ...target, bytes: target.before }, io)
      io.renameSync(path, target.real)
      pending.delete(path)
    }
    return []
  } catch (error) {
    cleanUp(io)
    return [
      {
        code: 'UNWRITABLE',
        file: target.file,
        message: `written, although other files of the same change were not, and could not be taken back: ${errnoText(error)}`,
        hint: 'Restore it from version control, then run again.',
      },
    ]
  }
}

export function statusOf(path: string, io: WriteIo): fs.Stats | undefined {
  return io.lstatSync(path, { throwIfNoEntry: false })
}

export function changed(file: string, what: string): Problem {
  return { code: 'CHANGED_MEANWHILE', file, message: `${what}; nothing was written`, hint: 'Run again.' }
}

export function unwritable(file: string, error: unknown, outcome = 'nothing was changed'): Problem {
  return { code: 'UNWRITABLE', file, message: `cannot be written: ${errnoText(error)}; ${outcome}`, hint: nextStep(error) }
}
