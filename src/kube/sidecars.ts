/** Which container is the pod's own program. */
import type { Container, Context, Pod } from '../types.ts'
import { about } from './about.ts'

/** Helpers that stand beside a program, by the last part of the image name. */
const SIDECAR =
  /(^|\/)(proxyv2|proxy|istio-proxy|linkerd2?-proxy|envoy|cloud-?sql-proxy|gce-proxy|alloydb-auth-proxy|vault|vault-k8s|daprd|consul-dataplane|consul-k8s(-control-plane)?|kuma-dp|fluent-bit|fluentd|filebeat|vector|promtail|telegraf|jaeger-agent|opentelemetry-collector(-contrib)?|kube-rbac-proxy|oauth2[-_]proxy|(configmap|prometheus-config|config)-reload(er)?|git-sync|k8s-sidecar|pgbouncer|statsd|[a-z0-9-]+[-_]exporter|aws-xray-daemon|cloudwatch-agent|datadog-agent|livenessprobe|csi-[a-z-]+|socat)$/

/** The first regular container that is no known sidecar, else the first one. */
export function mainContainer(pod: Pod, context: Context): Container | undefined {
  const regular = pod.containers.filter(({ group }) => group === 'containers')
  return regular.find((container) => !isKnownSidecar(pod, container, context)) ?? regular[0]
}

function isKnownSidecar(pod: Pod, container: Container, context: Context): boolean {
  if (container.image === undefined) return false
  const repository = about(pod, container, context).repository ?? container.image.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
  return SIDECAR.test(repository)
}
