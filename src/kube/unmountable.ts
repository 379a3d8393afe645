/** Paths that are written and that an empty volume cannot serve. */
import type { Container, Pod } from '../types.ts'
import { canAddVolumes, cleanPath, isAtOrAbove } from './mounts.ts'
import { type Blocked, blocked } from './outcome.ts'
import { coversClaimTemplate } from './paths.ts'

/** Each path once, in the order given. */
export function distinct(paths: readonly string[]): readonly string[] {
  return [...new Map(paths.map((path) => [cleanPath(path), path])).values()]
}

/** Why one of these paths cannot get an empty volume. */
export function volumeProblem(
  pod: Pod,
  container: Container,
  needed: readonly { readonly path: string; readonly keepsImageContent: boolean; readonly persistent: boolean }[],
): Blocked | undefined {
  if (needed.some(({ path }) => cleanPath(path) === '/'))
    return blocked('image-content', 'writes beside the folders of the system, at /, where no volume can be mounted', 'Point the program at another directory, then run again.', '/')
  const content = needed.find(({ keepsImageContent }) => keepsImageContent)
  if (content !== undefined)
    return blocked(
      'image-content',
      `writes to ${content.path}, where the image ships files that an empty volume would hide`,
      `Copy them into an emptyDir with an init container (cp -a ${content.path}/. /copy), mount that at ${content.path}, then run again.`,
      content.path,
    )
  const data = pod.site.object.kind === 'StatefulSet' ? needed.find(({ persistent }) => persistent) : undefined
  if (data !== undefined)
    return blocked(
      'persistent-data',
      `keeps data in ${data.path}, and no volume is mounted there`,
      `Mount a claim at ${data.path} (volumeClaimTemplates), or an emptyDir if the data may go, then run again.`,
      data.path,
    )
  const root = needed.find(({ path }) => isAtOrAbove('/root', cleanPath(path)))
  if (root !== undefined)
    return blocked(
      'needs-knowledge',
      `writes to ${root.path}, which only root can reach`,
      'Point the program at another directory (HOME, or its own setting), then run again.',
      root.path,
    )
  const template = needed.find(({ path }) => coversClaimTemplate(pod, container, path))
  if (template !== undefined)
    return blocked(
      'persistent-data',
      `a volume for ${template.path} would lie above or below the path of a claim template`,
      `Decide by hand what is mounted at ${template.path}.`,
      template.path,
    )
  if (!canAddVolumes(pod, container)) return blocked('opaque', 'volumes or volumeMounts cannot be read in full, so no volume was added', 'Add the emptyDir volumes by hand.')
  return undefined
}
