/** Proposals stamped with who, where and for whom: what reports print. */
import { type Planned, type SitePlan, weakest } from './plan.ts'
import { positions } from './text/lines.ts'
import { pathText } from './text/paths.ts'
import type { Change, Files, Finding, FindingBase, Json, Pod } from './types.ts'

export function makeFindings(plans: readonly SitePlan[], files: Files, dropped: ReadonlySet<string>): readonly Finding[] {
  const lines = new Map<string, ReturnType<typeof positions>>()
  const position = (file: string): ReturnType<typeof positions> => {
    let known = lines.get(file)
    if (known === undefined) {
      known = positions(files.read(file)?.text ?? '')
      lines.set(file, known)
    }
    return known
  }
  return plans.flatMap(({ pod, planned }) =>
    planned.filter(({ proposal, site, exempt }) => proposal.outcome === 'review' || exempt !== undefined || !dropped.has(site.document)).map((one) => finding(one, pod, position)),
  )
}

function finding(one: Planned, pod: Pod, position: (file: string) => ReturnType<typeof positions>): Finding {
  const { proposal, transform, site, block } = one
  const place = pod.place(proposal.at)
  const image = proposal.container === undefined ? undefined : pod.containers.find(({ name }) => name === proposal.container)?.image
  const base: FindingBase = {
    transform: transform.id,
    object: site.object,
    ...(proposal.container === undefined ? { containers: pod.containers.map(({ name }) => name) } : { container: proposal.container }),
    field: proposal.field,
    message: proposal.message,
    place,
    ...position(place.file)(place.span.start),
    related: (proposal.related ?? []).map(({ message, at }) => {
      const other = pod.place(at)
      return { message, place: other, line: position(other.file)(other.span.start).line }
    }),
    fingerprint: one.fingerprint,
    ...(image === undefined ? {} : { image }),
  }
  const exemption = one.exempt?.[0]
  if (exemption !== undefined) {
    const { by, reason, expires } = exemption
    return { ...base, outcome: 'exempt', by, text: reason, ...(expires === undefined ? {} : { expires }) }
  }
  if (proposal.outcome === 'review') return { ...base, outcome: 'review', severity: proposal.severity, reason: proposal.reason, todo: proposal.todo }
  if (block !== undefined) return { ...base, outcome: 'review', severity: block.severity, reason: block.reason, message: `${proposal.message}: ${block.message}`, todo: block.todo }
  return {
    ...base,
    outcome: 'fix',
    grade: weakest(proposal.fields.map(({ grade }) => grade)),
    fields: proposal.fields.map(({ change, grade, because }) => ({ path: pathText(change.path), proposed: proposed(change), grade, because })),
    ...(proposal.risk === undefined ? {} : { risk: proposal.risk }),
    stage: proposal.stage,
    patch: site.document,
    proof: 'verified',
  }
}

function proposed(change: Change): Json | undefined {
  return change.op === 'remove' ? undefined : change.value
}
