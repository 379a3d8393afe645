import { entries } from '../../tree.ts'
import { accepts, type Check, issue, shown } from '../check.ts'
import { APPARMOR_ANNOTATION } from '../served.ts'

/** Fields and annotations name RuntimeDefault or a Localhost profile where they name one. Every annotation with the prefix counts. */
export default {
  id: 'appArmorProfile',
  level: 'baseline',
  reason: 'forbidden AppArmor profile',
  revisions: [
    {
      from: 0,
      *test({ pod, containers, annotations }) {
        for (const part of [pod, ...containers]) {
          const path = ['securityContext', 'appArmorProfile']
          yield* accepts(part, [...path, 'type'], (value) => value === 'RuntimeDefault' || value === 'Localhost', 'unset, RuntimeDefault or Localhost')
        }
        if (annotations.node?.is === 'opaque') yield issue(annotations, [], 'unknown', shown(annotations.node), 'readable annotations')
        for (const [key, { node }] of entries(annotations.node)) {
          if (!key.startsWith(APPARMOR_ANNOTATION)) continue
          const value = node.is === 'value' ? (node.value ?? '') : undefined
          const allowed = 'empty, runtime/default or localhost/…'
          if (node.is === 'opaque') yield issue(annotations, [key], 'unknown', shown(node), allowed)
          else if (!(value === '' || value === 'runtime/default' || (typeof value === 'string' && value.startsWith('localhost/'))))
            yield issue(annotations, [key], 'fail', shown(node), allowed)
        }
      },
    },
  ],
} satisfies Check
