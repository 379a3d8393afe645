/** Where the pod runs: Windows, OpenShift, a user namespace of its own. */
import type { Container, Context, Node, Pod } from '../types.ts'
import { child, itemsAt, specOf, textOf, valueAt } from './fields.ts'

/**
 * `declared`: `spec.os.name` says Windows, and the API server refuses every Linux field. `selected`: only the
 * node selector or a required affinity says so; the Linux fields are accepted and mean nothing.
 */
export function windows(pod: Pod): 'declared' | 'selected' | undefined {
  const spec = specOf(pod)
  if (valueAt(spec, ['os', 'name'], 'string') === 'windows') return 'declared'
  const selector = spec.get(['nodeSelector'])
  if (OS_LABELS.some((label) => textOf(child(selector, label)) === 'windows')) return 'selected'
  const terms = itemsAt(spec, ['affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms'])
  return terms.some(wantsWindows) ? 'selected' : undefined
}

const OS_LABELS = ['kubernetes.io/os', 'beta.kubernetes.io/os']

function wantsWindows(term: Node): boolean {
  const expressions = child(term, 'matchExpressions')
  return (expressions?.is === 'list' ? expressions.items : []).some((expression) => {
    const values = child(expression, 'values')
    return (
      OS_LABELS.includes(textOf(child(expression, 'key')) ?? '') &&
      textOf(child(expression, 'operator')) === 'In' &&
      values?.is === 'list' &&
      values.items.length > 0 &&
      values.items.every((value) => textOf(value) === 'windows')
    )
  })
}

/** A container whose image something else fills in: only what holds for every image may be written, and not into it. */
export function isPartialContainer(container: Container): boolean {
  return (container.image === undefined && !isImageComputed(container)) || container.image === 'auto'
}

/** A program fills the image in: the container is whole, only its image is not known here. */
export function isImageComputed(container: Container): boolean {
  const node = container.get(['image'])
  return container.image === undefined && node?.is === 'opaque' && node.why === 'expression'
}

/** No container of the pod can be judged. */
export function isPartial(pod: Pod): boolean {
  return pod.site.allows === 'pod' || pod.containers.every(isPartialContainer)
}

/** Root inside a user namespace is nobody outside: the standard lets it be. */
export function hasUserNamespace(pod: Pod): boolean {
  return valueAt(specOf(pod), ['hostUsers'], 'boolean') === false
}

/** OpenShift hands out the numbers itself; one that is written is refused there. `said`: by the user, else seen in the tree. */
export function openshift(pod: Pod, context: Context): 'said' | 'seen' | undefined {
  if (context.options.platform === 'openshift') return 'said'
  if (context.options.platform === 'kubernetes') return undefined
  if (pod.site.object.kind === 'DeploymentConfig') return 'seen'
  const { file } = pod.site
  const directory = file.slice(0, Math.max(0, file.lastIndexOf('/')))
  return context.survey.openshift.has(file) || context.survey.openshift.has(directory) ? 'seen' : undefined
}
