/**
 * `docker diff CONTAINER` (also of podman and nerdctl): `A` added, `C` changed, `D` deleted. A directory is `C` when
 * something in it is.
 * https://docs.docker.com/reference/cli/docker/container/diff/
 */
import { SeenPaths } from './paths.ts'
import type { Written } from './recording.ts'

/** Comes with the image, like everything that is changed; elsewhere a folder that comes with it is not empty. */
const USUALLY_EMPTY = /^\/(?:var|run|tmp|data|cache|logs?|home|mnt|state|storage|work)(?:\/|$)/
const LINE = /^([ACD])\s+(\/.*)$/

export function isDockerDiff(text: string): boolean {
  const lines = linesOf(text)
  return lines.length > 0 && lines.every((line) => LINE.test(line))
}

export function ofDockerDiff(text: string): readonly Written[] {
  const paths = new SeenPaths()
  const entries = linesOf(text).map((line) => LINE.exec(line) as RegExpExecArray)
  const above = new Set<string>()
  for (const [, , path = ''] of entries) for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) above.add(path.slice(0, at))
  for (const [, what, path = ''] of entries) {
    if (!above.has(path)) {
      // A file of the image that is changed or deleted is there to begin with.
      if (what !== 'A') paths.shipped(path)
      // Programs make no files beside /etc and /usr, but mounts make their folders there.
      paths.wrote(path, what === 'A' && /^\/[^/.]+$/.test(path))
    } else if (what === 'A') paths.made(path)
    else if (what === 'C' && !USUALLY_EMPTY.test(path)) paths.shipped(`${path}/`)
  }
  return paths.directories()
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '')
}
