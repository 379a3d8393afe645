/** Expected file system trouble in words for people. Anything else is a bug and is thrown on. */

/** What a person can do about it. Everything that is not here gets a general hint. */
const NEXT_STEP: Readonly<Record<string, string>> = {
  EACCES: 'Check the permissions of the file and of its folder.',
  EPERM: 'Check the permissions and the owner of the file and of its folder.',
  EROFS: 'The file system is read-only; use --out-dir to write somewhere else.',
  ENOSPC: 'Free some space, then run again.',
  EDQUOT: 'Free some space, then run again.',
  EMFILE: 'Raise the limit of open files (ulimit -n), then run again.',
  ENFILE: 'Raise the limit of open files (ulimit -n), then run again.',
}

/** `ENOENT`, `EACCES`, …; throws the error on when it does not come from the operating system. */
export function errnoOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (typeof code !== 'string' || !/^E[A-Z0-9]+$/.test(code)) throw error
  return code
}

/** `no space left on device (ENOSPC)`: the system's words, without call and path. */
export function errnoText(error: unknown): string {
  const code = errnoOf(error)
  const words = /^E[A-Z0-9]+: ([^,]+)/.exec((error as Error).message)?.[1]
  return words === undefined ? code : `${words} (${code})`
}

export function nextStep(error: unknown): string {
  return NEXT_STEP[errnoOf(error)] ?? 'Check the path and the state of the disk, then run again.'
}
