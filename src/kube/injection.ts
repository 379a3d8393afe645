/**
 * Sidecars that a webhook will add. They bring their own user, and some need the one of their image: a
 * pod-level uid would be laid over it.
 */
import type { Context, Pod } from '../types.ts'
import { entries } from '../tree.ts'

const MARKS: readonly { readonly key: RegExp; readonly value?: RegExp; readonly by: string }[] = [
  { key: /^sidecar\.istio\.io\/inject$/, value: /^true$/i, by: 'istio' },
  { key: /^(?:istio\.io\/rev|proxy\.istio\.io\/config)$|^(?:inject|sidecar)\.istio\.io\/(?!inject$)/, by: 'istio' },
  { key: /^linkerd\.io\/inject$/, value: /^(enabled|ingress)$/i, by: 'linkerd' },
  { key: /^config\.linkerd\.io\/opaque-ports$/, by: 'linkerd' },
  { key: /^vault\.hashicorp\.com\/agent-inject$/, value: /^true$/i, by: 'vault' },
  { key: /^dapr\.io\/enabled$/, value: /^true$/i, by: 'dapr' },
  { key: /^consul\.hashicorp\.com\/connect-inject$/, value: /^true$/i, by: 'consul' },
  { key: /^kuma\.io\/sidecar-injection$/, value: /^(enabled|true)$/i, by: 'kuma' },
  { key: /^(sidecar|instrumentation)\.opentelemetry\.io\/inject/, value: /^(?!false$).+/i, by: 'opentelemetry' },
  { key: /^admission\.datadoghq\.com\/enabled$/, value: /^true$/i, by: 'datadog' },
  { key: /^agent\.datadoghq\.com\/sidecar$/, by: 'datadog' },
  { key: /^sidecar\.jaegertracing\.io\/inject$/, value: /^(?!false$).+/i, by: 'jaeger' },
  { key: /^gke-gcsfuse\/volumes$/, value: /^true$/i, by: 'gcsfuse' },
  { key: /^tailscale\.com\/inject/, by: 'tailscale' },
]

/** Who will add a container to this pod, with the label that says so. */
export function injectedBy(pod: Pod, context: Context): string | undefined {
  for (const place of ['labels', 'annotations']) {
    const node = pod.get(['metadata', place])
    for (const [key, entry] of entries(node)) {
      if (!key.includes('/')) continue
      const value = entry.node.is === 'value' ? String(entry.node.value ?? '') : ''
      if (key === 'sidecar.istio.io/inject' && value.toLowerCase() === 'false') return undefined
      const mark = MARKS.find((one) => one.key.test(key) && (one.value === undefined || one.value.test(value)))
      if (mark !== undefined) return `${mark.by} (${key})`
    }
  }
  const label = context.survey.injectedNamespaces.get(pod.site.object.namespace ?? '')
  return label === undefined ? undefined : `the namespace's label ${label}`
}
