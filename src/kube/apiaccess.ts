/** Signs, in the manifest, that a program talks to the Kubernetes API with the token of its service account. */
import type { Container, Context, Path, Pod } from '../types.ts'
import { about } from './about.ts'
import { allWords, envOf } from './commands.ts'
import { specOf, valueAt } from './fields.ts'
import { injectedBy } from './injection.ts'
import { mountsOf, volumesOf } from './mounts.ts'

export interface ApiSign {
  readonly text: string
  readonly at: Path
}

const TOKEN_PLACE = '/var/run/secrets/kubernetes.io/serviceaccount'
const PROGRAMS = /(?:^|[\s/])(?:kubectl|helm|oc|kustomize|argocd|flux)(?:\s|$)/
const FLAGS = /leader-?elect|in-?cluster|kube-?config|kubernetes\.default/i
const VARIABLES = /^(?:KUBECONFIG|KUBERNETES_|K8S_|WATCH_NAMESPACE$|OPERATOR_NAME$|LEADER_ELECT)/
const IMAGES =
  /(?:^|[-_/])(?:kubectl|operator|controller|manager|scheduler|autoscaler|webhook|kube|k8s|helm|argocd|flux|prometheus|promtail|fluent|vector|alloy|dashboard|ingress|traefik|external-dns|cert|sealed|velero|reloader|descheduler|metrics)(?=$|[-_.:@/])/

/** In the order of how plainly they say it; empty where nothing speaks for it. */
export function apiSigns(pod: Pod, context: Context): readonly ApiSign[] {
  return [...accountSigns(pod), ...injectionSigns(pod, context), ...pod.containers.flatMap((container) => [...containerSigns(pod, container, context)])]
}

function* accountSigns(pod: Pod): Iterable<ApiSign> {
  for (const field of ['serviceAccountName', 'serviceAccount']) {
    const name = valueAt(specOf(pod), [field], 'string')
    if (name === undefined || name === '' || name === 'default') continue
    yield { text: `has the service account ${name} of its own`, at: ['spec', field] }
    return
  }
}

function* injectionSigns(pod: Pod, context: Context): Iterable<ApiSign> {
  const by = injectedBy(pod, context)
  if (by !== undefined) yield { text: `gets a container from ${by}, which may need the token`, at: ['metadata'] }
}

function* containerSigns(pod: Pod, container: Container, context: Context): Iterable<ApiSign> {
  const { name } = container
  const mount = mountsOf(container).find(({ path }) => path === TOKEN_PLACE)
  // A token that is mounted by hand does not come from the automount.
  const own = mount === undefined ? undefined : volumesOf(pod).find((volume) => volume.name === mount.volume)
  if (mount !== undefined && own?.kind !== 'projected') yield { text: `${name} mounts ${TOKEN_PLACE}`, at: [...container.path, 'volumeMounts', mount.index] }
  const word = allWords(container).find(({ text }) => PROGRAMS.test(text) || FLAGS.test(text) || text.includes(TOKEN_PLACE))
  if (word !== undefined) yield { text: `the command of ${name} speaks of the API (${word.text.trim().slice(0, 40)})`, at: [...container.path, ...word.path] }
  const variable = envOf(container).find((one) => VARIABLES.test(one.name))
  if (variable !== undefined) yield { text: `${name} has the variable ${variable.name}`, at: [...container.path, 'env', variable.index] }
  if (about(pod, container, context).hostAgent !== undefined || IMAGES.test(container.image ?? ''))
    yield { text: `${name} runs ${container.image ?? ''}, which may use the API`, at: [...container.path, 'image'] }
}
