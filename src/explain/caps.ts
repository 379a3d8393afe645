/** `podharden caps`: capability names to the bitmap of `/proc/PID/status` and back. */
import { ADDABLE_AT_BASELINE } from '../standards/checks/capabilities_baseline.ts'
import { ADDABLE_AT_RESTRICTED } from '../standards/checks/capabilities_restricted.ts'
import { bitOf, boundingSet, CAPABILITIES, DEFAULTS, hex, namesOf, type Runtime } from '../capabilities.ts'

export interface CapsRequest {
  /** Bitmaps (hexadecimal, with `0x` or without) or names, mixed; empty: the runtime's default. */
  readonly values: readonly string[]
  readonly add: readonly string[]
  readonly drop: readonly string[]
  readonly runtime: Runtime
  readonly format: 'text' | 'json'
}

export type CapsAnswer = { readonly text: string } | { readonly error: string }

export function caps(request: CapsRequest): CapsAnswer {
  const { values, add, drop, runtime } = request
  for (const name of [...add, ...drop]) if (bitOf(name) === undefined) return { error: unknown(name) }
  if (values.length > 0 && (add.length > 0 || drop.length > 0)) return { error: 'give either bitmaps and names, or --add and --drop' }
  let bitmap = values.length === 0 ? boundingSet(runtime, { privileged: false, add: add.map(plain), drop: drop.map(plain) }) : 0n
  for (const value of values) {
    const bits = parse(value)
    if (typeof bits === 'string') return { error: bits }
    bitmap |= bits
  }
  return { text: request.format === 'json' ? json(bitmap) : text(bitmap, values.length === 0 ? origin(request) : undefined) }
}

function plain(name: string): string {
  return name.trim().toUpperCase().replace(/^CAP_/, '')
}

/** One word is a bitmap, or a name; in a list with commas, as `capsh --decode` prints it, a number is a bit. */
function parse(value: string): bigint | string {
  if (value.includes(',')) {
    let all = 0n
    for (const name of value.split(',').filter((part) => part.trim() !== '')) {
      const bits = bitOf(name)
      if (bits === undefined) return unknown(name)
      all |= bits
    }
    return all
  }
  const bits = /^\d+$/.test(value) ? undefined : bitOf(value)
  if (bits !== undefined) return bits
  const digits = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(value.trim())?.[1]
  if (digits !== undefined) return BigInt(`0x${digits}`)
  return unknown(value)
}

function unknown(value: string): string {
  const near = CAPABILITIES.map(({ name }) => name).filter((name) => name.includes(plain(value)) || plain(value).includes(name))
  return `${JSON.stringify(value)} is neither a capability nor a bitmap. A bitmap has up to 16 hexadecimal digits (a80425fb); names are ${near.length > 0 && near.length < 6 ? `like ${near.join(', ')}` : CAPABILITIES.map(({ name }) => name).join(', ')}`
}

function origin({ runtime, add, drop }: CapsRequest): string {
  const parts = [`the default of ${runtime} (${hex(DEFAULTS[runtime])})`]
  if (add.length > 0) parts.push(`with ${add.map(plain).join(', ')} added`)
  if (drop.length > 0) parts.push(`with ${drop.map(plain).join(', ')} dropped`)
  return parts.join(', ')
}

export interface CapsJson {
  readonly bitmap: string
  readonly capabilities: readonly {
    readonly bit: number
    readonly name: string | null
    readonly permits: string | null
    readonly addable: { readonly baseline: boolean; readonly restricted: boolean }
  }[]
}

function rows(bitmap: bigint): CapsJson['capabilities'] {
  return namesOf(bitmap).map((name) => {
    const known = CAPABILITIES.find((one) => one.name === name)
    return {
      bit: known?.bit ?? Number(name.slice('bit '.length)),
      name: known?.name ?? null,
      permits: known?.permits ?? null,
      addable: { baseline: ADDABLE_AT_BASELINE.has(name), restricted: name === ADDABLE_AT_RESTRICTED },
    }
  })
}

function json(bitmap: bigint): string {
  return `${JSON.stringify({ bitmap: hex(bitmap), capabilities: rows(bitmap) } satisfies CapsJson, null, 2)}\n`
}

function text(bitmap: bigint, from: string | undefined): string {
  let out = `${hex(bitmap)}${from === undefined ? '' : `  ${from}`}\n`
  if (bitmap === 0n) return `${out}no capability\n`
  for (const { bit, name, permits, addable } of rows(bitmap)) {
    const may = addable.restricted ? 'restricted' : addable.baseline ? 'baseline' : 'privileged only'
    out += `  ${String(bit).padStart(2)}  ${(name ?? 'unknown').padEnd(20)}${(permits ?? 'not known to Linux 5.9').padEnd(64)}${may}\n`
  }
  return `${out}The last column is the strictest level of the Pod Security Standards at which a manifest may add it.\n`
}
