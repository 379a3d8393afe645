/**
 * Pods that do not use the Kubernetes API get no token for it.
 *
 * Fields:  spec.automountServiceAccountToken
 * Wanted:  false, where nothing in the pod speaks of the API
 * Leaves:  true, which is the author's word; pods with a service account of their own or another sign that they use
 *          the API, which are reported
 * Skips:   kinds whose pods an operator completes, and those without a pod level
 * Source:  https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting
 *
 * No level asks for it, so it runs only when it is named (`--only`).
 */
import { apiSigns } from '../src/kube/apiaccess.ts'
import { specOf, stateAt } from '../src/kube/fields.ts'
import { isPartial } from '../src/kube/platform.ts'
import { withRollOut } from '../src/kube/recreation.ts'
import { review, unusable } from '../src/kube/speaking.ts'
import { override, written } from '../src/kube/override.ts'
import type { Context, Pod, Proposal, Transform } from '../src/types.ts'

const id = 'disable-service-account-token'
const FIELD = 'automountServiceAccountToken'
const AT = ['spec', FIELD] as const

export default {
  id,
  title: 'Pods that do not use the API get no token',
  level: 'opt-in',
  docs: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting',
  fields: ['spec.automountServiceAccountToken'],
  *plan(pod, context) {
    yield* withRollOut(pod, context, id, proposals(pod, context))
  },
  *override(pod) {
    if (written(pod, AT, [[]], (value) => value === true).length === 0) return
    yield override(id, {
      key: 'token',
      at: AT,
      field: FIELD,
      message: 'no token for the API, which was asked for',
      changes: [{ op: 'set', path: AT, value: false }],
      risk: 'Requests to the API fail with 401 or "no such file" for the token.',
    })
  },
} satisfies Transform

function* proposals(pod: Pod, context: Context): Iterable<Proposal> {
  if (pod.site.allows !== 'both' || isPartial(pod)) return
  const state = stateAt(specOf(pod), [FIELD], 'boolean')
  if (state.is === 'opaque' || state.is === 'wrong') yield unusable(state, ['spec'], 'token', FIELD)
  else if (state.is === 'set') {
    if (state.value)
      yield review({
        key: 'token',
        at: AT,
        field: FIELD,
        severity: 'decide',
        reason: 'author-chose',
        message: 'wants a token for the API: automountServiceAccountToken: true',
        todo: 'Delete it if nothing in the pod uses the API, and run again.',
      })
  } else {
    const [first, ...rest] = apiSigns(pod, context)
    if (first === undefined)
      yield {
        outcome: 'fix',
        key: 'token',
        at: AT,
        field: FIELD,
        message: 'no token for the API',
        fields: [
          {
            change: { op: 'set', path: AT, value: false },
            grade: 'likely',
            because: 'nothing in the manifest speaks of the Kubernetes API, and the default service account may do next to nothing there',
          },
        ],
        risk: 'A program that does use the API finds no token ("no such file", 401); taking the line out undoes it.',
        stage: 3,
      }
    else
      yield review({
        key: 'token',
        at: first.at,
        field: FIELD,
        severity: 'decide',
        reason: 'needs-knowledge',
        message: `may use the Kubernetes API: ${[first, ...rest].map(({ text }) => text).join('; ')}`,
        todo: 'Write automountServiceAccountToken: false if it does not.',
        related: rest.map(({ text, at }) => ({ message: text, at })),
      })
  }
}
