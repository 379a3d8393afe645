/**
 * Linux capabilities by number, and the sets of a container. Bit n of a bitmap is capability n; `/proc/PID/status`
 * shows a set as 16 hexadecimal digits.
 * https://man7.org/linux/man-pages/man7/capabilities.7.html, include/uapi/linux/capability.h
 */

export interface Capability {
  readonly bit: number
  /** Without `CAP_`, as manifests write it. */
  readonly name: string
  /** What it permits, in a few words. */
  readonly permits: string
}

export const CAPABILITIES: readonly Capability[] = [
  ['CHOWN', 'change the owner and group of any file'],
  ['DAC_OVERRIDE', 'read, write and run files whatever their modes say'],
  ['DAC_READ_SEARCH', 'read files and search directories whatever their modes say'],
  ['FOWNER', "what only a file's owner may: chmod, times, access lists"],
  ['FSETID', 'keep or set setuid and setgid bits on files of others'],
  ['KILL', 'signal processes of other users'],
  ['SETGID', 'change its own groups'],
  ['SETUID', 'change its own user'],
  ['SETPCAP', 'shrink the bounding set, change the inheritable set'],
  ['LINUX_IMMUTABLE', 'set the immutable and append-only flags of files'],
  ['NET_BIND_SERVICE', 'bind ports below 1024'],
  ['NET_BROADCAST', 'broadcast and multicast (unused)'],
  ['NET_ADMIN', 'configure interfaces, routes and the firewall'],
  ['NET_RAW', 'raw and packet sockets'],
  ['IPC_LOCK', 'lock memory beyond the limits'],
  ['IPC_OWNER', 'ignore the permissions of System V IPC objects'],
  ['SYS_MODULE', 'load and unload kernel modules'],
  ['SYS_RAWIO', 'raw input and output, device memory'],
  ['SYS_CHROOT', 'chroot, enter mount namespaces'],
  ['SYS_PTRACE', 'trace and inspect any process'],
  ['SYS_PACCT', 'process accounting'],
  ['SYS_ADMIN', 'mount, quotas, namespaces and very much more: close to root'],
  ['SYS_BOOT', 'reboot, load another kernel'],
  ['SYS_NICE', 'raise priorities, real-time scheduling, CPU affinity of others'],
  ['SYS_RESOURCE', 'exceed resource limits and quotas'],
  ['SYS_TIME', 'set the clocks'],
  ['SYS_TTY_CONFIG', 'configure terminals'],
  ['MKNOD', 'create device files'],
  ['LEASE', 'take leases on any file'],
  ['AUDIT_WRITE', 'write records to the audit log'],
  ['AUDIT_CONTROL', 'configure auditing'],
  ['SETFCAP', 'set capabilities on files'],
  ['MAC_OVERRIDE', 'override a mandatory access policy'],
  ['MAC_ADMIN', 'change a mandatory access policy'],
  ['SYSLOG', 'control the kernel log, see kernel addresses'],
  ['WAKE_ALARM', 'timers that wake the machine'],
  ['BLOCK_SUSPEND', 'prevent suspending'],
  ['AUDIT_READ', 'read the audit log'],
  ['PERFMON', 'observe performance (perf events)'],
  ['BPF', 'privileged BPF operations'],
  ['CHECKPOINT_RESTORE', 'checkpoint and restore processes, choose process ids'],
].map(([name, permits], bit) => ({ bit, name: name as string, permits: permits as string }))

const BITS: ReadonlyMap<string, bigint> = new Map(CAPABILITIES.map(({ name, bit }) => [name, 1n << BigInt(bit)]))

/** Every capability that Linux has had since 5.9. */
export const ALL = (1n << BigInt(CAPABILITIES.length)) - 1n

export type Runtime = 'docker' | 'containerd' | 'cri-o'

/** containerd took over the list of Docker. */
const MOBY = bitmapOf([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])

/** What a runtime grants when nothing is said. CRI-O reads its own from the node's configuration. */
export const DEFAULTS: Readonly<Record<Runtime, bigint>> = {
  docker: MOBY,
  containerd: MOBY,
  'cri-o': bitmapOf(['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'NET_BIND_SERVICE', 'SETGID', 'SETPCAP', 'SETUID']),
}

/** The bits of a name in any case, with `CAP_` or without, or of a decimal number; undefined for what is no capability. `ALL` is every one. */
export function bitOf(name: string): bigint | undefined {
  const plain = name.trim().toUpperCase().replace(/^CAP_/, '')
  if (/^\d{1,2}$/.test(plain) && Number(plain) < 64) return 1n << BigInt(plain)
  return plain === 'ALL' ? ALL : BITS.get(plain)
}

function bitmapOf(names: readonly string[]): bigint {
  return names.reduce((sum, name) => sum | (BITS.get(name) ?? 0n), 0n)
}

/** Names by number, unknown bits as `bit 45`. */
export function namesOf(bitmap: bigint): readonly string[] {
  const names = CAPABILITIES.filter(({ bit }) => (bitmap & (1n << BigInt(bit))) !== 0n).map(({ name }) => name)
  for (let bit = CAPABILITIES.length; bitmap >> BigInt(bit) !== 0n; bit++) if ((bitmap >> BigInt(bit)) & 1n) names.push(`bit ${bit}`)
  return names
}

/** As `/proc/PID/status` prints it. */
export function hex(bitmap: bigint): string {
  return bitmap.toString(16).padStart(16, '0')
}

export interface Wanted {
  readonly privileged: boolean
  readonly add: readonly string[]
  readonly drop: readonly string[]
}

/**
 * The bounding set: from the runtime's default; `add: ALL` is everything, `drop: ALL` nothing, then the single names are
 * added, then those of `drop` taken away. Unknown names change nothing. A `CAP_` prefix is understood by CRI-O only.
 */
export function boundingSet(runtime: Runtime, { privileged, add, drop }: Wanted): bigint {
  if (privileged) return ALL
  const isAll = (name: string): boolean => name.toUpperCase() === 'ALL'
  const bit = (name: string): bigint => (runtime === 'cri-o' || /^\d/.test(name) ? bitOf(name) : BITS.get(name.toUpperCase())) ?? 0n
  let set = DEFAULTS[runtime]
  if (add.some(isAll)) set = ALL
  if (drop.some(isAll)) set = 0n
  for (const name of add) if (!isAll(name)) set |= bit(name)
  for (const name of drop) if (!isAll(name)) set &= ~bit(name)
  return set
}
