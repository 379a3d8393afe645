import { accepts, type Check } from '../check.ts'

/** `hostNetwork`, `hostPID` and `hostIPC` are absent or false. */
export default {
  id: 'hostNamespaces',
  level: 'baseline',
  reason: 'host namespaces',
  revisions: [
    {
      from: 0,
      *test({ pod }) {
        for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) yield* accepts(pod, [field], (value) => value === false, 'unset or false')
      },
    },
  ],
} satisfies Check
