/** What was accepted once: a file of findings, so that a check fails on new ones only. */
import { json } from './report/safe.ts'
import type { Baseline, Finding } from './types.ts'

/** A finding as the file names it, for people to read; `fingerprint` is what counts. */
export interface Accepted {
  readonly fingerprint: string
  readonly file: string
  readonly object: string
  readonly transform: string
  readonly field: string
  readonly container?: string
  /** Of a finding about the whole pod: the containers it had. A new one is not accepted with them. */
  readonly containers?: readonly string[]
}

const VERSION = 1

/** Changes, and what a person must decide. What is only worth knowing fails no check. */
export function acceptable(finding: Finding): boolean {
  return finding.outcome === 'fix' || (finding.outcome === 'review' && finding.severity === 'decide')
}

export function acceptedOf({ fingerprint, place, object, transform, field, container, containers }: Finding): Accepted {
  const { kind, namespace, name } = object
  return {
    fingerprint,
    file: place.file,
    object: `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`,
    transform,
    field,
    ...(container === undefined ? {} : { container }),
    ...(containers === undefined ? {} : { containers }),
  }
}

/** One line for each, in an order of its own: a change of one workload changes its lines only. */
export function baselineText(accepted: Iterable<Accepted>): string {
  const key = ({ file, object, transform, fingerprint }: Accepted): string => JSON.stringify([file, object, transform, fingerprint])
  const lines = [...accepted].map((one): [string, string] => [key(one), `    ${json(one)}`]).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{\n  "podharden": "baseline",\n  "version": ${VERSION},\n  "accepted": [${lines.length === 0 ? '' : `\n${lines.map(([, line]) => line).join(',\n')}\n  `}]\n}\n`
}

/** `name`: what the file is called in reports. */
export function readBaseline(name: string, text: string): (Baseline & { readonly size: number }) | { readonly mistake: string } {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    return { mistake: `${name} is no JSON: ${(error as Error).message}` }
  }
  const { podharden, version, accepted } = (parsed ?? {}) as { podharden?: unknown; version?: unknown; accepted?: unknown }
  if (podharden !== 'baseline' || !Array.isArray(accepted)) return { mistake: `${name} was not written by --write-baseline` }
  if (version !== VERSION) return { mistake: `${name} is of version ${String(version)}, and this podharden reads ${VERSION}; write it again` }
  const entries = (accepted as readonly Partial<Accepted>[]).map(({ fingerprint, containers }): [string, readonly string[]] => [String(fingerprint), containers ?? []])
  return baselineFrom(name, new Map(entries))
}

/** `found`: fingerprints with the containers of the pod. */
export function baselineFrom(name: string, found: ReadonlyMap<string, readonly string[]>): Baseline & { readonly size: number } {
  return { source: `baseline ${name}`, size: found.size, accepted: (fingerprint) => found.get(fingerprint) }
}
