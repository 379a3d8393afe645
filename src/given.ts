/** What the library is given: a text that stands for itself, without a tree around it. */
import { decode } from './decode.ts'
import type { Files, Problem, Source, Unit, WorkloadKind } from './types.ts'

export function isText(input: unknown): input is string | Uint8Array {
  // Bytes of another realm (a frame, a test runner) are no instance of ours.
  return typeof input === 'string' || ArrayBuffer.isView(input)
}

export function sourceOf(input: string | Uint8Array, path = 'stdin.yaml'): Source | Problem {
  return decode(path, typeof input === 'string' ? new TextEncoder().encode(input) : input)
}

export function unitOf(source: Source, kinds: readonly WorkloadKind[]): Unit {
  const files: Files = { list: () => [source.path], read: (path) => (path === source.path ? source : undefined) }
  return { id: source.path, kind: 'manifest', root: '', files, kinds, writable: () => true }
}
