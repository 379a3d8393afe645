/** Labels and annotations of a Namespace by which a webhook adds a container to every pod in it. */

const MARKS: readonly { readonly key: string; readonly value: RegExp }[] = [
  // https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
  { key: 'istio-injection', value: /^enabled$/ },
  { key: 'istio.io/rev', value: /./ },
  // https://linkerd.io/2/features/proxy-injection/
  { key: 'linkerd.io/inject', value: /^(?:enabled|ingress)$/ },
  // https://kuma.io/docs/latest/reference/kubernetes-annotations/
  { key: 'kuma.io/sidecar-injection', value: /^(?:enabled|true)$/ },
  { key: 'openservicemesh.io/sidecar-injection', value: /^(?:enabled|yes|true)$/ },
  { key: 'appmesh.k8s.aws/sidecarInjectorWebhook', value: /^enabled$/ },
  { key: 'consul.hashicorp.com/connect-inject', value: /^true$/ },
  // https://opentelemetry.io/docs/kubernetes/operator/automatic/
  { key: 'sidecar.opentelemetry.io/inject', value: /^(?!false$)./ },
  { key: 'sidecar.jaegertracing.io/inject', value: /^(?!false$)./ },
]

/** As a person would write it, `istio-injection: enabled`; undefined where nothing is injected. */
export function injectionLabel(labels: Readonly<Record<string, unknown>>, annotations: Readonly<Record<string, unknown>>): string | undefined {
  // Istio's older label is asked first, and its "disabled" wins over a revision.
  const off = labels['istio-injection'] === 'disabled'
  for (const { key, value } of MARKS) {
    const found = String(labels[key] ?? annotations[key] ?? '')
    if (value.test(found) && !(off && key.startsWith('istio'))) return `${key}: ${found}`
  }
  return undefined
}
