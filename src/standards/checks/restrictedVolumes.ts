import { isNull } from '../../tree.ts'
import { type Check, each, isIssue, issue, shown } from '../check.ts'

export const VOLUME_TYPES: ReadonlySet<string> = new Set(['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'])

/** Volumes hold configuration, secrets, scratch space or a claim. Claim templates of a StatefulSet are not looked at. */
export default {
  id: 'restrictedVolumes',
  level: 'restricted',
  reason: 'restricted volume types',
  revisions: [
    {
      from: 0,
      overrides: ['hostPathVolumes'],
      *test({ pod }) {
        const allowed = `one of ${[...VOLUME_TYPES].join(', ')}`
        for (const item of each(pod, ['volumes'], allowed)) {
          if (isIssue(item)) {
            yield item
            continue
          }
          const { node, path } = item
          if (node.is === 'opaque') yield issue(pod, path, 'unknown', shown(node), allowed)
          if (node.is !== 'map') continue
          const types = [...node.entries].filter(([key, entry]) => key !== 'name' && !isNull(entry.node)).map(([key]) => key)
          if (node.open) yield issue(pod, path, 'unknown', 'a volume that is not written out', allowed)
          else if (types.length === 0) yield issue(pod, path, 'fail', 'unknown', allowed)
          for (const type of types) if (!VOLUME_TYPES.has(type)) yield issue(pod, [...path, type], 'fail', type, allowed)
        }
      },
    },
  ],
} satisfies Check
