/** Every check, in the order of the API server's messages: baseline, then restricted, each by byte value of its id. */
import type { Check, Revision, StandardLevel } from './check.ts'
import allowPrivilegeEscalation from './checks/allowPrivilegeEscalation.ts'
import appArmorProfile from './checks/appArmorProfile.ts'
import capabilitiesBaseline from './checks/capabilities_baseline.ts'
import capabilitiesRestricted from './checks/capabilities_restricted.ts'
import hostNamespaces from './checks/hostNamespaces.ts'
import hostPathVolumes from './checks/hostPathVolumes.ts'
import hostPorts from './checks/hostPorts.ts'
import hostProbesAndHostLifecycle from './checks/hostProbesAndHostLifecycle.ts'
import privileged from './checks/privileged.ts'
import procMount from './checks/procMount.ts'
import procMountRestricted from './checks/procMount_restricted.ts'
import restrictedVolumes from './checks/restrictedVolumes.ts'
import runAsNonRoot from './checks/runAsNonRoot.ts'
import runAsUser from './checks/runAsUser.ts'
import seLinuxOptions from './checks/seLinuxOptions.ts'
import seccompBaseline from './checks/seccompProfile_baseline.ts'
import seccompRestricted from './checks/seccompProfile_restricted.ts'
import sysctls from './checks/sysctls.ts'
import windowsHostProcess from './checks/windowsHostProcess.ts'
import { NEWEST } from './versions.ts'

export const checks: readonly Check[] = [
  appArmorProfile,
  capabilitiesBaseline,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbesAndHostLifecycle,
  privileged,
  procMount,
  seLinuxOptions,
  seccompBaseline,
  sysctls,
  windowsHostProcess,
  allowPrivilegeEscalation,
  capabilitiesRestricted,
  procMountRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
]

export interface InForce {
  readonly check: Check
  readonly revision: Revision
}

const remembered = new Map<string, readonly InForce[]>()

/** The checks that run at a level and minor version, each with the revision that counts. */
export function inForce(level: StandardLevel, minor: number): readonly InForce[] {
  const version = Math.min(minor, NEWEST)
  const key = `${level} ${version}`
  let list = remembered.get(key)
  if (list === undefined) {
    const all = checks.flatMap((check): InForce[] => {
      const revision = (check.revisions as readonly Revision[]).findLast(({ from }) => from <= version)
      return revision === undefined || (level === 'baseline' && check.level === 'restricted') ? [] : [{ check, revision }]
    })
    const replaced = new Set(all.flatMap(({ revision }) => revision.overrides ?? []))
    list = all.filter(({ check }) => !replaced.has(check.id))
    remembered.set(key, list)
  }
  return list
}
