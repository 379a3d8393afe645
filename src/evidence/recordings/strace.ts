/**
 * `strace -f -e trace=file`, on a terminal or by `-o`, with or without time stamps and `-y`. What failed because the
 * root was read-only already is a write that would have been.
 * https://man7.org/linux/man-pages/man1/strace.1.html
 */
import { SeenPaths } from './paths.ts'
import type { Recording } from './recording.ts'

const LINE = /^(?:\[pid\s+(\d+)\]\s+|(\d+)\s+(?=[\d:<a-z]))?\s*(?:(\d\d:\d\d:\d\d(?:\.\d+)?|\d+\.\d+)\s+)?(?:<\.\.\. (\w+) resumed>,?|(\w+)\()(.*)$/
const DONE = /^(.*?)\)\s*=\s*(-?\d+|\?)(?:<[^>]*>)?(?:\s+(E[A-Z]+))?.*$/s

/** Which arguments name a place (folder, name), and what is done there. */
type Place = readonly [folder: number | undefined, name: number, what: 'write' | 'make']

const CALLS: Readonly<Record<string, readonly Place[]>> = {
  creat: [[undefined, 0, 'write']],
  mkdir: [[undefined, 0, 'make']],
  mkdirat: [[0, 1, 'make']],
  mknod: [[undefined, 0, 'write']],
  mknodat: [[0, 1, 'write']],
  unlink: [[undefined, 0, 'write']],
  unlinkat: [[0, 1, 'write']],
  rmdir: [[undefined, 0, 'write']],
  rename: [
    [undefined, 0, 'write'],
    [undefined, 1, 'write'],
  ],
  renameat: [
    [0, 1, 'write'],
    [2, 3, 'write'],
  ],
  renameat2: [
    [0, 1, 'write'],
    [2, 3, 'write'],
  ],
  link: [[undefined, 1, 'write']],
  linkat: [[2, 3, 'write']],
  symlink: [[undefined, 1, 'write']],
  symlinkat: [[1, 2, 'write']],
  truncate: [[undefined, 0, 'write']],
  chmod: [[undefined, 0, 'write']],
  fchmodat: [[0, 1, 'write']],
  chown: [[undefined, 0, 'write']],
  lchown: [[undefined, 0, 'write']],
  fchownat: [[0, 1, 'write']],
  utime: [[undefined, 0, 'write']],
  utimes: [[undefined, 0, 'write']],
  utimensat: [[0, 1, 'write']],
  setxattr: [[undefined, 0, 'write']],
}
const OPENS: Readonly<Record<string, Place>> = { open: [undefined, 0, 'write'], openat: [0, 1, 'write'], openat2: [0, 1, 'write'] }

export function isStrace(text: string): boolean {
  return text.split('\n', 200).some((line) => LINE.test(line) && /\)\s*=\s*(?:-?\d+|\?)|<unfinished \.\.\.>\s*$/.test(line))
}

export function ofStrace(text: string): Pick<Recording, 'directories' | 'seconds' | 'partial'> {
  const reader = new StraceReader()
  for (const line of text.split('\n')) reader.line(line)
  return reader.finish()
}

class StraceReader {
  readonly #paths = new SeenPaths()
  /** Calls that were interrupted, by process. */
  readonly #pending = new Map<string, string>()
  readonly #folders = new Map<string, string>()
  /** Something was written below a folder that the lines do not name. */
  #missed = false
  #first: number | undefined
  #last = 0

  line(line: string): void {
    const [, bracketed, leading, clock, resumed, name = resumed ?? '', rest = ''] = LINE.exec(line.trimEnd()) ?? []
    if (name === '') return
    const process = bracketed ?? leading ?? ''
    if (clock !== undefined) this.#time(clock)
    if (rest.endsWith('<unfinished ...>')) {
      this.#pending.set(process, rest.replace(/,?\s*<unfinished \.\.\.>$/, ''))
      return
    }
    const before = resumed === undefined ? '' : (this.#pending.get(process) ?? '')
    if (resumed !== undefined) this.#pending.delete(process)
    const more = rest.replace(/^[\s,]+/, '')
    const [, body, result, error] = DONE.exec(before === '' ? rest : `${before}${more.startsWith(')') ? '' : ', '}${more}`) ?? []
    if (body === undefined || result === '?') return
    this.#call(process, name, words(body), Number(result) >= 0 ? 'done' : error === 'EROFS' ? 'read-only' : 'failed')
  }

  finish(): Pick<Recording, 'directories' | 'seconds' | 'partial'> {
    const seconds = this.#first === undefined ? 0 : this.#last - this.#first
    return { directories: this.#paths.directories(), partial: this.#missed, ...(seconds > 0 ? { seconds } : {}) }
  }

  /** Of the day, since 1970, or since the line before (`-r`). */
  #time(clock: string): void {
    const [hours, minutes, rest] = clock.split(':').map(Number)
    if (rest !== undefined) {
      const now = (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + rest
      this.#first ??= now
      // Past midnight.
      while (this.#last - now > 43_200 && this.#first > now - 1) this.#first -= 86_400
      this.#last = now
    } else if (Number(clock) > 1e8) {
      this.#first ??= Number(clock)
      this.#last = Number(clock)
    } else {
      this.#first ??= 0
      this.#last += Number(clock)
    }
  }

  #call(process: string, name: string, args: readonly string[], outcome: 'done' | 'read-only' | 'failed'): void {
    if (outcome === 'failed') return
    if (name === 'execve') {
      const program = this.#path(process, [undefined, 0, 'write'], args)
      if (program !== undefined) this.#paths.read(program)
      return
    }
    const socket = name === 'bind' ? /sun_path="(\/[^"]*)"/.exec(args.join(','))?.[1] : undefined
    if (socket !== undefined) this.#paths.wrote(socket)
    if (name === 'chdir') {
      const folder = this.#path(process, [undefined, 0, 'write'], args)
      if (folder !== undefined) this.#folders.set(process, folder)
      return
    }
    const opened = OPENS[name]
    if (opened !== undefined) {
      const path = this.#path(process, opened, args)
      const flags = args.slice(opened[1] + 1).join(',')
      const isWrite = /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE/.test(flags)
      if (path === undefined) this.#missed ||= isWrite
      else if (isWrite) this.#paths.wrote(path, /O_TMPFILE/.test(flags))
      else if (!/O_DIRECTORY|O_PATH/.test(flags)) this.#paths.read(path)
      return
    }
    for (const place of CALLS[name] ?? []) {
      const path = this.#path(process, place, args)
      if (path === undefined) this.#missed = true
      else if (place[2] === 'make') this.#paths.made(path)
      else this.#paths.wrote(path)
    }
  }

  /** Absolute; undefined where nothing says what the name is relative to. */
  #path(process: string, [folderAt, nameAt]: Place, args: readonly string[]): string | undefined {
    const name = unquoted(args[nameAt] ?? '')
    if (name === undefined || name === '') return undefined
    if (name.startsWith('/')) return name
    const given = folderAt === undefined ? 'AT_FDCWD' : (args[folderAt] ?? '')
    // `-y` adds the path of the descriptor: AT_FDCWD</srv>, 3</data>.
    const shown = /<(\/[^>]*)>$/.exec(given)?.[1]
    const own = given.startsWith('AT_FDCWD') ? (this.#folders.get(process) ?? this.#onlyFolder()) : undefined
    const folder = shown ?? own
    return folder === undefined ? undefined : `${folder}/${name}`
  }

  /** A process that never changed its folder has the one of its parent, which is clear only where there is just one. */
  #onlyFolder(): string | undefined {
    const all = new Set(this.#folders.values())
    return all.size === 1 ? [...all][0] : undefined
  }
}

/** Arguments, split at commas that stand in no quotes or brackets. */
function words(body: string): readonly string[] {
  const found: string[] = []
  let depth = 0
  let quoted = false
  let start = 0
  for (let i = 0; i < body.length; i++) {
    const char = body[i] as string
    if (quoted) {
      if (char === '\\') i++
      else if (char === '"') quoted = false
    } else if (char === '"') quoted = true
    else if ('{[(<'.includes(char)) depth++
    else if ('}])>'.includes(char)) depth--
    else if (char === ',' && depth <= 0) {
      found.push(body.slice(start, i).trim())
      start = i + 1
    }
  }
  found.push(body.slice(start).trim())
  return found
}

/** A C string; undefined for anything else. */
function unquoted(word: string): string | undefined {
  const text = /^"(.*)"(?:\.\.\.)?$/s.exec(word)?.[1]
  if (text === undefined) return undefined
  return text.replace(/\\(?:([0-7]{1,3})|x([0-9a-f]{2})|(.))/g, (_, octal: string | undefined, hex: string | undefined, char: string | undefined) =>
    octal !== undefined ? String.fromCharCode(Number.parseInt(octal, 8)) : hex !== undefined ? String.fromCharCode(Number.parseInt(hex, 16)) : (char ?? ''),
  )
}
