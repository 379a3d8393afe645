/** Settings that open the kernel to a container: procMount, sysctls, SELinux, AppArmor. */
import { CONTAINER_TYPES } from '../standards/checks/seLinuxOptions.ts'
import { safeSysctls } from '../standards/checks/sysctls.ts'
import { APPARMOR_ANNOTATION } from '../standards/served.ts'
import { NEWEST } from '../standards/versions.ts'
import { entries } from '../tree.ts'
import type { Container, Path, Pod, Reader } from '../types.ts'
import { child, itemsAt, specOf, type State, stateAt, textOf } from './fields.ts'
import { hasUserNamespace } from './platform.ts'

export interface KernelItem {
  readonly kind: 'proc-mount' | 'sysctl' | 'selinux' | 'apparmor'
  readonly text: string
  readonly at: Path
  readonly container?: string
  /** A safe sysctl in the spelling of the standard. */
  readonly respelt?: string
}

/** By the standard at its newest version; names with dots only, as the standard compares them. */
const SAFE_SYSCTLS: ReadonlySet<string> = new Set(safeSysctls(NEWEST))
const SELINUX_TYPES: ReadonlySet<string> = new Set(['', ...CONTAINER_TYPES])

/** Of the pod itself, annotations included. */
export function podKernelItems(pod: Pod): readonly KernelItem[] {
  return [...sysctls(pod), ...selinux(specOf(pod), ['spec']), ...apparmor(specOf(pod), ['spec']), ...apparmorAnnotations(pod)]
}

/** Fields of the pod or a container that are there and cannot be used. One that stands for a whole securityContext is somebody else's. */
export function unusableKernel(reader: Reader, ofPod: boolean): readonly { readonly path: Path; readonly state: Extract<State<unknown>, { is: 'opaque' | 'wrong' }> }[] {
  const strings = [['seLinuxOptions', 'type'], ['seLinuxOptions', 'user'], ['seLinuxOptions', 'role'], ['appArmorProfile', 'type'], ...(ofPod ? [] : [['procMount']])]
  const states = [
    ...(ofPod ? [{ path: ['securityContext', 'sysctls'], state: stateAt(reader, ['securityContext', 'sysctls'], 'list') }] : []),
    ...strings.map((path) => ({ path: ['securityContext', ...path], state: stateAt(reader, ['securityContext', ...path], 'string') })),
  ]
  const seen = new Set<string>()
  return states.flatMap(({ path, state }) => {
    if ((state.is !== 'opaque' && state.is !== 'wrong') || state.path.length < 2 || seen.has(String(state.path))) return []
    seen.add(String(state.path))
    return [{ path, state }]
  })
}

/** `userNamespace` lets a container unmask /proc at the baseline level, never at the restricted one. */
export function containerKernelItems(pod: Pod, container: Container, restricted: boolean): readonly KernelItem[] {
  const found = [...selinux(container, container.path), ...apparmor(container, container.path)]
  const mount = stateAt(container, ['securityContext', 'procMount'], 'string')
  if (mount.is === 'set' && mount.value !== 'Default' && (restricted || !hasUserNamespace(pod)))
    found.unshift({ kind: 'proc-mount', text: `procMount: ${mount.value}`, at: [...container.path, 'securityContext', 'procMount'] })
  return found.map((item) => ({ ...item, container: container.name }))
}

function sysctls(pod: Pod): readonly KernelItem[] {
  return itemsAt(specOf(pod), ['securityContext', 'sysctls']).flatMap((node, index) => {
    const name = textOf(child(node, 'name'))
    if (name === undefined || SAFE_SYSCTLS.has(name)) return []
    const dotted = name.replaceAll('/', '.')
    const hint = SAFE_SYSCTLS.has(dotted) ? ` (the standard wants it spelled ${dotted})` : ''
    return [{ kind: 'sysctl' as const, text: `sysctl ${name}${hint}`, at: ['spec', 'securityContext', 'sysctls', index], ...(hint === '' ? {} : { respelt: dotted }) }]
  })
}

function selinux(reader: Reader, base: Path): KernelItem[] {
  const path = ['securityContext', 'seLinuxOptions']
  return ['type', 'user', 'role'].flatMap((field) => {
    const state = stateAt(reader, [...path, field], 'string')
    if (state.is !== 'set' || (field === 'type' ? SELINUX_TYPES.has(state.value) : state.value === '')) return []
    return [{ kind: 'selinux' as const, text: `seLinuxOptions.${field}: ${state.value}`, at: [...base, ...path, field] }]
  })
}

function apparmor(reader: Reader, base: Path): KernelItem[] {
  const path = ['securityContext', 'appArmorProfile', 'type']
  const state = stateAt(reader, path, 'string')
  if (state.is !== 'set' || state.value === 'RuntimeDefault' || state.value === 'Localhost') return []
  return [{ kind: 'apparmor', text: `appArmorProfile.type: ${state.value}`, at: [...base, ...path] }]
}

function apparmorAnnotations(pod: Pod): readonly KernelItem[] {
  return [...entries(pod.get(['metadata', 'annotations']))].flatMap(([key, entry]) => {
    if (!key.startsWith(APPARMOR_ANNOTATION)) return []
    const value = textOf(entry.node) ?? ''
    if (value === '' || value === 'runtime/default' || value.startsWith('localhost/')) return []
    return [{ kind: 'apparmor' as const, text: `annotation ${key}: ${value}`, at: ['metadata', 'annotations', key] }]
  })
}
