import { accepts, type Check, each, isIssue } from '../check.ts'

/** `ports[*].hostPort` is absent or 0. `hostIP` is not looked at. */
export default {
  id: 'hostPorts',
  level: 'baseline',
  reason: 'hostPort',
  revisions: [
    {
      from: 0,
      *test({ containers }) {
        for (const container of containers) {
          for (const item of each(container, ['ports'], 'unset or 0')) {
            if (isIssue(item)) yield item
            else yield* accepts(container, [...item.path, 'hostPort'], (value) => value === 0, 'unset or 0')
          }
        }
      },
    },
  ],
} satisfies Check
