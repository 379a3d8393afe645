import { type Check, each, isIssue, issue, look, shown } from '../check.ts'

/** No volume is a hostPath, mounted or not. */
export default {
  id: 'hostPathVolumes',
  level: 'baseline',
  reason: 'hostPath volumes',
  revisions: [
    {
      from: 0,
      *test({ pod }) {
        const allowed = 'unset'
        for (const item of each(pod, ['volumes'], allowed)) {
          if (isIssue(item)) {
            yield item
            continue
          }
          const found = look(item.node, ['hostPath'])
          const path = [...item.path, 'hostPath']
          if (found.is === 'opaque') yield issue(pod, path, 'unknown', shown(found.node), allowed)
          else if (found.is === 'there')
            yield issue(
              pod,
              path,
              'fail',
              shown(look(found.node, ['path']).is === 'there' ? (look(found.node, ['path']) as { node: typeof found.node }).node : found.node),
              allowed,
            )
        }
      },
    },
  ],
} satisfies Check
