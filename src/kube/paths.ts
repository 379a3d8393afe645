/** Which paths a container must be able to write, and which of them still need a volume. */
import type { Container, Context, Fact, Path, Pod, WritablePath } from '../types.ts'
import { about } from './about.ts'
import { commandWords, envOf } from './commands.ts'
import { effective } from './effective.ts'
import { cleanPath, isAtOrAbove, isWritable, mountsOf, tidyPath, volumesOf } from './mounts.ts'

/** Always writable, or not for volumes of ours. */
const NOT_OURS = ['/dev', '/proc', '/sys']

export function isNotOurs(path: string): boolean {
  return NOT_OURS.some((directory) => isAtOrAbove(directory, path))
}

/** What is known of the image's paths holds for this container: a toolbox with a command of its own says nothing. */
export function knownPaths(pod: Pod, container: Container, context: Context): Fact<readonly WritablePath[]> | undefined {
  const known = about(pod, container, context)
  if (known.writablePaths === undefined) return undefined
  if (known.toolbox !== undefined && known.recorded === undefined && commandWords(container).length > 0) return undefined
  return known.writablePaths
}

export type Standing = 'mounted' | 'read-only' | 'open'

/** Whether a path is under a writable mount, under one that cannot be written, or in the image's own file system. */
export function standing(pod: Pod, container: Container, path: string): Standing {
  const clean = cleanPath(path)
  const nearest = mountsOf(container)
    .filter((mount) => isAtOrAbove(mount.path, clean))
    .sort((a, b) => b.path.length - a.path.length)[0]
  if (nearest === undefined) return 'open'
  return isWritable(
    nearest,
    volumesOf(pod).find(({ name }) => name === nearest.volume),
  )
    ? 'mounted'
    : 'read-only'
}

/** A claim template of the StatefulSet lies below: nothing is mounted above it. */
export function coversClaimTemplate(pod: Pod, container: Container, path: string): boolean {
  const clean = cleanPath(path)
  const volumes = volumesOf(pod)
  return mountsOf(container).some(
    (mount) =>
      mount.path !== clean &&
      (isAtOrAbove(clean, mount.path) || isAtOrAbove(mount.path, clean)) &&
      volumes.find(({ name }) => name === mount.volume)?.kind === 'volumeClaimTemplate',
  )
}

const NAME = /DIR|PATH|HOME|CACHE|LOG|DATA|TMP|TEMP|SOCK|PID/i
/** Names of things that are read, and of programs: an empty volume there would hide them. */
const READ_NAME =
  /CONF|CERT|KEY|TLS|SSL|CA_|SECRET|TOKEN|CRED|STATIC|TEMPLATE|PLUGIN|LIB|BIN|CLASS|PYTHON|JAVA|GOROOT|NODE_|MODULE|ASSET|SCHEMA|MIGRAT|URL|URI|ENDPOINT|PREFIX|ROUTE|HEALTH|METRIC|^PATH$/i
/** Places and directory names that are there to be written. */
const WRITABLE_PLACE =
  /^\/(?:tmp|run|data|cache|logs?|var\/(?:cache|log|tmp|spool|run|lib))(?:\/|$)|\/(?:tmp|temp|caches?|logs?|data|state|run|pids?|uploads?|storage|spool|sockets?|work)(?:\/|$)/
const FILE_NAME = /\/[^/]*\.[a-z0-9]{1,6}$/i

export interface Candidate {
  readonly path: string
  /** The variable or flag. */
  readonly name: string
  readonly at: Path
}

/** Paths that the manifest itself names in variables and arguments, and that look as if they were written. */
export function namedPaths(container: Container): readonly Candidate[] {
  const found = new Map<string, Candidate>()
  const consider = (name: string, value: string | undefined, at: Path): void => {
    if (value === undefined || !value.startsWith('/') || /[\s$:*?{}]/.test(value) || !NAME.test(name) || READ_NAME.test(name)) return
    const clean = tidyPath(value)
    const path = FILE_NAME.test(clean) ? clean.slice(0, clean.lastIndexOf('/')) : clean
    if (path.split('/').length < 2 || path === '' || !WRITABLE_PLACE.test(cleanPath(path)) || isNotOurs(path)) return
    if (!found.has(cleanPath(path))) found.set(cleanPath(path), { path, name, at: [...container.path, ...at] })
  }
  for (const { name, value, index } of envOf(container)) consider(name, value, ['env', index])
  const words = commandWords(container)
  for (const [index, { text, path }] of words.entries()) {
    const flag = /^--?([A-Za-z][\w.-]*)(?:=(.*))?$/.exec(text)
    if (flag?.[1] !== undefined) consider(flag[1], flag[2] ?? words[index + 1]?.text, path)
  }
  return [...found.values()]
}

/** The number the process runs as, where the manifest (with pending changes) says so. */
export function writtenUid(pod: Pod, container: Container): number | undefined {
  const uid = effective(pod, container, 'runAsUser')
  return uid.is === 'set' ? uid.value : undefined
}
