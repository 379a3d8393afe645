/** Whether an exemption speaks of a proposal, or of a container as a whole. */
import { objectPath } from '../pod.ts'
import type { Container, Exemption, Path, Pod, Proposal, Site } from '../types.ts'

/**
 * A proposal for several containers at once is covered when one of them is exempt and the change would reach it: all of
 * it is written or none. `all`: the exemptions of the workload, since single fields that are exempt count together.
 */
export function covers(
  exemption: Exemption,
  { site, containers }: Pick<Pod, 'site' | 'containers'>,
  transform: string,
  proposal: Proposal,
  all: readonly Exemption[] = [exemption],
): boolean {
  if (!isOf(exemption, transform)) return false
  if (exemption.fields !== undefined) {
    const fields = all.flatMap((one) => (isOf(one, transform) ? (one.fields ?? []) : []))
    return [proposal.at, ...(proposal.related ?? []).map(({ at }) => at)].every((at) => fields.some((field) => at.includes(field)))
  }
  const names = proposal.container?.split(', ')
  if (exemption.below !== undefined) {
    const at = objectPath(site, proposal.at)
    if (exemption.isExact === true) {
      const paths = [proposal.at, ...(proposal.related ?? []).map((one) => one.at)].map((path) => objectPath(site, path)?.join('\n'))
      return paths.every((path) => path === exemption.below?.join('\n'))
    }
    // One of several that a review names together.
    if (names !== undefined && names.length > 1 && exemption.below.length > site.spec.length + 1) return false
    if (at !== undefined && startsWith(at, exemption.below)) return true
    // The container as a whole, and a change at the pod that would reach it.
    const container = containerAt(site, exemption.below)
    return container !== undefined && names === undefined && reachesAll(proposal)
  }
  if (exemption.container === undefined) return true
  if (names === undefined) return reachesAll(proposal) && containers.some(({ name }) => name === exemption.container)
  return names.every((name) => name === exemption.container)
}

/** The whole container is exempt, so nothing at the pod may reach it. */
export function coversContainer(exemption: Exemption, site: Site, transform: string, container: Container): boolean {
  if (!isOf(exemption, transform) || exemption.fields !== undefined || exemption.isExact === true) return false
  if (exemption.below !== undefined) {
    const own = objectPath(site, container.path) ?? []
    return containerAt(site, exemption.below) !== undefined && startsWith([...own, 'securityContext'], exemption.below)
  }
  return exemption.container === container.name
}

function isOf({ transforms }: Exemption, transform: string): boolean {
  return transforms === undefined || transforms.includes(transform)
}

/** What is written into the pod's own security context holds for every container that says nothing. */
function reachesAll(proposal: Proposal): boolean {
  return proposal.outcome === 'fix' && proposal.fields.some(({ change }) => change.path[0] === 'spec' && change.path[1] === 'securityContext')
}

function startsWith(path: Path, start: Path): boolean {
  return start.length <= path.length && start.every((step, i) => step === path[i])
}

/** A path to one container, or to its security context. */
function containerAt(site: Site, below: Path): number | undefined {
  const rest = startsWith(below, site.spec) ? below.slice(site.spec.length) : []
  const [group, index, ...more] = rest
  if (typeof index !== 'number' || typeof group !== 'string' || !group.endsWith('ontainers')) return undefined
  return more.length === 0 || (more.length === 1 && more[0] === 'securityContext') ? index : undefined
}
