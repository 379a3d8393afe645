import { accepts, type Check } from '../check.ts'

const HANDLERS = [['livenessProbe'], ['readinessProbe'], ['startupProbe'], ['lifecycle', 'postStart'], ['lifecycle', 'preStop']] as const

/** Probes and lifecycle hooks name no host of their own; localhost counts as one. */
export default {
  id: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  reason: 'probe or lifecycle host',
  revisions: [
    {
      from: 34,
      *test({ containers }) {
        for (const container of containers)
          for (const handler of HANDLERS)
            for (const action of ['httpGet', 'tcpSocket']) yield* accepts(container, [...handler, action, 'host'], (value) => value === '', 'unset or empty')
      },
    },
  ],
} satisfies Check
