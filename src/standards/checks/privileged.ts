import { accepts, type Check } from '../check.ts'

/** `securityContext.privileged` of every container is absent or false. */
export default {
  id: 'privileged',
  level: 'baseline',
  reason: 'privileged',
  revisions: [
    {
      from: 0,
      *test({ containers }) {
        for (const container of containers) yield* accepts(container, ['securityContext', 'privileged'], (value) => value === false, 'unset or false')
      },
    },
  ],
} satisfies Check
