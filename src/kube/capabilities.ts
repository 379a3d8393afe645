/** Capability names: as the standard compares them (exact) and as the author meant them (folded). */
import type { Container, Node } from '../types.ts'
import { stateAt } from './fields.ts'

/** The name without prefix and in upper case: `cap_net_raw` is `NET_RAW`. */
export function foldCapability(name: string): string {
  return name.trim().toUpperCase().replace(/^CAP_/, '')
}

export interface Named {
  readonly written: string
  readonly name: string
  readonly node: Node
  readonly index: number
}

/** The readable names of `capabilities.add` or `capabilities.drop`, in order. */
export function capabilitiesOf(container: Container, list: 'add' | 'drop'): readonly Named[] {
  const state = stateAt(container, ['securityContext', 'capabilities', list], 'list')
  if (state.is !== 'set') return []
  return state.value.items.flatMap((node, index) =>
    node.is === 'value' && typeof node.value === 'string' ? [{ written: node.value, name: foldCapability(node.value), node, index }] : [],
  )
}

/** SYS_ADMIN in any spelling: with it, an escalation flag of false is refused or has no meaning. */
export function addsSysAdmin(container: Container): boolean {
  return capabilitiesOf(container, 'add').some(({ name }) => name === 'SYS_ADMIN' || name === 'ALL')
}

/** What the baseline level lets a container add. */
export { ADDABLE_AT_BASELINE as BASELINE_ADDABLE } from '../standards/checks/capabilities_baseline.ts'
