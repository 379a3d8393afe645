import { accepts, type Check } from '../check.ts'

/** `windowsOptions.hostProcess` is absent or false, on the pod and in every container. */
export default {
  id: 'windowsHostProcess',
  level: 'baseline',
  reason: 'hostProcess',
  revisions: [
    {
      from: 0,
      *test({ pod, containers }) {
        for (const part of [pod, ...containers]) yield* accepts(part, ['securityContext', 'windowsOptions', 'hostProcess'], (value) => value === false, 'unset or false')
      },
    },
  ],
} satisfies Check
