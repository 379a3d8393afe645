/** Which language a file is read in. */
import { isProblem } from '../decode.ts'
import { readSource } from '../read.ts'
import type { Files, Language, Source, Unit, WorkloadKind } from '../types.ts'
import { manifest } from './manifest/index.ts'
import { isProgram } from './program/files.ts'
import { program } from './program/index.ts'

export function languageOf(path: string): Language {
  return isProgram(path) ? program : manifest
}

/** One file; a program may look at others of the tree (its imports, the declarations of its packages). */
export function unitOf(root: string, source: Source, kinds: readonly WorkloadKind[] = [], namespaces = false): Unit {
  const { kind } = languageOf(source.path)
  const files: Files = {
    list: () => [source.path],
    read: (path) => {
      if (path === source.path) return source
      const other = kind === 'program' ? readSource(root, path) : undefined
      return other === undefined || isProblem(other) ? undefined : other
    },
  }
  return { id: source.path, kind, root, files, kinds, namespaces, writable: (path) => path === source.path }
}
