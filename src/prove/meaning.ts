/** What counts of a pod, wherever it is written: the part that hardening is about, and everything else. */

export type Json = { [key: string]: unknown }

/** `rest` is everything else. */
export interface Meaning {
  readonly containers: readonly Json[]
  readonly pod: Json
  readonly rest: Json
}

export function meaningOf(object: Json): Meaning {
  const rest = structuredClone(object)
  const spec = podSpecOf(rest)
  if (spec === undefined) return { containers: [], pod: {}, rest }
  const own = (spec.securityContext ?? {}) as Json
  const volumes = new Map(((spec.volumes ?? []) as Json[]).map((volume) => [volume.name, volume]))
  const containers = [...((spec.initContainers ?? []) as Json[]), ...((spec.containers ?? []) as Json[])].map((container) => {
    const { securityContext = {}, volumeMounts = [], env = [] } = container as { securityContext?: Json; volumeMounts?: Json[]; env?: Json[] }
    const effective = (field: string): unknown => securityContext[field] ?? own[field]
    const meaning = {
      user: [effective('runAsNonRoot'), effective('runAsUser'), effective('runAsGroup')],
      seccomp: effective('seccompProfile'),
      capabilities: sorted(securityContext.capabilities as Json | undefined),
      escalation: securityContext.allowPrivilegeEscalation,
      readOnly: securityContext.readOnlyRootFilesystem,
      // One writable folder is like another, be it a volume or a part of one.
      mounts: volumeMounts
        .map(({ mountPath, name, subPath }) => ('emptyDir' in (volumes.get(name) ?? {}) ? `${mountPath} emptyDir` : `${mountPath} ${name} ${subPath ?? ''}`))
        .sort(),
      env: env.map(({ name, value }) => `${name}=${value}`).sort(),
    }
    delete container.securityContext
    delete container.volumeMounts
    delete container.env
    return meaning
  })
  const pod = { fsGroup: own.fsGroup, policy: own.fsGroupChangePolicy, sysctls: own.sysctls, volumes: [...volumes.values()].filter((volume) => !('emptyDir' in volume)) }
  delete spec.securityContext
  delete spec.volumes
  return { containers, pod, rest }
}

function sorted(capabilities: Json | undefined): Json | undefined {
  return capabilities === undefined ? undefined : Object.fromEntries(Object.entries(capabilities).map(([key, list]) => [key, [...(list as string[])].sort()]))
}

function podSpecOf(object: Json): Json | undefined {
  const spec = object.spec as Json | undefined
  const template = (spec?.template ?? ((spec?.jobTemplate as Json | undefined)?.spec as Json | undefined)?.template) as Json | undefined
  return (template?.spec as Json | undefined) ?? (object.kind === 'Pod' ? spec : undefined)
}
