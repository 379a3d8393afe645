/** Facts of images by digest: what has a digest never changes. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ImageContent } from './content.ts'

/** Raised when what is read of an image changes. */
const VERSION = 1

function fileOf(folder: string, digest: string): string {
  return join(folder, `${digest.replace(/[^a-z0-9]/g, '-')}.json`)
}

/** Undefined for what is not there, of another version, or broken. */
export function readCached(folder: string, digest: string): ImageContent | undefined {
  try {
    const { version, content } = JSON.parse(readFileSync(fileOf(folder, digest), 'utf8')) as { readonly version?: unknown; readonly content?: ImageContent }
    return version === VERSION && content?.digest === digest && content.layers !== undefined ? content : undefined
  } catch {
    return undefined
  }
}

/** A cache that cannot be written is none: nothing is said. */
export function writeCached(folder: string, content: ImageContent): void {
  const file = fileOf(folder, content.digest)
  const fresh = `${file}.${Math.random().toString(36).slice(2)}.tmp`
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(fresh, JSON.stringify({ version: VERSION, content }), { mode: 0o600 })
    renameSync(fresh, file)
  } catch {
    rmSync(fresh, { force: true })
  }
}
