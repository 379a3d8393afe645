/**
 * One unit through plan, lower and verify: the one loop with its one veto. A proposal that cannot be lowered,
 * or whose edit breaks the law, is blocked, and the unit is planned again without it.
 */
import { notesOf } from './exemptions/notes.ts'
import { makeFindings } from './findings.ts'
import { type Block, isWanted, planSite, selected, type SitePlan, wantedChanges } from './plan.ts'
import { objectPath } from './pod.ts'
import { positions } from './text/lines.ts'
import { overlaps } from './text/paths.ts'
import type { Context, Language, Lowered, Note, Place, Problem, Refusal, Site, SiteVerdict, Transform, Unit, UnitResult } from './types.ts'
import { statusOf } from './statuses.ts'
import { standings } from './standings.ts'
import { nodeAt } from './tree.ts'
import { verdictOf } from './verdicts.ts'
import { type Verified, type Violation, verify } from './verify.ts'

const ROUNDS = 3

export interface Setup {
  readonly language: Language
  readonly transforms: readonly Transform[]
  readonly context: Context
}

export function hardenUnit(unit: Unit, setup: Setup): UnitResult {
  const { language, transforms, context } = setup
  const found = language.locate(unit)
  const located = { ...found, sites: found.sites.filter(({ owner }) => owner === undefined) }
  const blocked = new Map<string, Block>()
  const failures: Violation[] = []
  const dropped = new Set<string>()
  let plans: readonly SitePlan[] = []
  let lowered: Lowered = EMPTY
  let verified: Verified | undefined
  for (let round = 0; ; round++) {
    plans = located.sites.map((site) => planSite(site, transforms, context, blocked))
    const wanted = wantedChanges(plans).filter(({ site }) => !dropped.has(site.document))
    if (wanted.length === 0) {
      lowered = EMPTY
      verified = undefined
      break
    }
    lowered = language.lower(unit, located, wanted)
    if (lowered.refused.length > 0) {
      for (const refusal of lowered.refused) blocked.set(refusal.proposal, refusedBlock(refusal))
      continue
    }
    let violations: readonly Violation[] = []
    // Where the two parsers disagree about a shape that was there before, the one that planned decides.
    for (const read of [language.reread, language.locate]) {
      verified = verify(unit, read, located, lowered)
      violations = [...verified.violations, ...unstable(verified, setup, blockedOrExempt(blocked, plans), lowered)]
      if (violations.length === 0) break
    }
    if (violations.length === 0) break
    // After the last round everything left of the documents concerned is given up, at the very end the whole unit.
    for (const violation of violations) block(violation, plans, blocked, dropped, round >= ROUNDS - 1, failures)
    if (round >= 2 * ROUNDS) for (const site of located.sites) dropped.add(site.document)
  }
  // A Namespace is no workload: it is changed like one, and counted with none.
  const workloads = plans.filter(({ pod }) => pod.site.isNamespace !== true)
  const outputs = verified?.outputs.filter(({ edits }) => edits.length > 0) ?? []
  return {
    unit: unit.id,
    sites: workloads.length,
    containers: workloads.reduce((sum, { pod }) => sum + pod.containers.length, 0),
    standings: standings(
      workloads.map(({ pod }) => pod),
      context,
    ),
    findings: makeFindings(plans, unit.files, dropped),
    verdicts: verdictsOf(workloads, outputs.length === 0 ? EMPTY : lowered, setup, unit),
    problems: [...located.problems, ...plans.flatMap(({ problems }) => problems), ...failures.map((failure) => problemOf(unit, failure))],
    notes: [...located.notes, ...ownedNotes(unit, found.sites), ...exemptionNotes(plans, setup, unit)],
    patches: lowered.patches,
    outputs,
  }
}

function verdictsOf(plans: readonly SitePlan[], { expected }: Lowered, { transforms, context }: Setup, unit: Unit): readonly SiteVerdict[] {
  const places = new Map<string, ReturnType<typeof positions>>()
  return plans.map((plan) => {
    const { site } = plan.pod
    const position = places.get(site.file) ?? positions(unit.files.read(site.file)?.text ?? '')
    places.set(site.file, position)
    const document = expected.get(site.document)
    const after = document === undefined ? undefined : nodeAt(document, site.at)
    const verdict = verdictOf(plan, after ?? site.root, transforms, context, position(site.root.at?.span.start ?? 0).line)
    if (unit.kind !== 'program') return verdict
    const { status, reason } = statusOf(plan, document !== undefined)
    return { ...verdict, status, ...(reason === undefined ? {} : { statusReason: reason }) }
  })
}

/** What is meant as an exemption and does nothing, or was one until lately. */
export function exemptionNotes(plans: readonly SitePlan[], { transforms, context }: Omit<Setup, 'language'>, unit: Unit): readonly Note[] {
  const lineOf = ({ file, span }: Place): number => positions(unit.files.read(file)?.text ?? '')(span.start).line
  const active = new Set(selected(transforms, context.options).map(({ id }) => id))
  return plans.flatMap(({ pod: { site }, planned }) =>
    notesOf(
      site,
      context.exemptions(site),
      planned.flatMap(({ exempt }) => exempt ?? []),
      active,
      lineOf,
    ),
  )
}

/** Copies of live objects that others made: the maker would undo every change. */
export function ownedNotes(unit: Unit, sites: readonly Site[]): readonly Note[] {
  return sites.flatMap(({ owner, object, file, root }): Note[] => {
    if (owner === undefined) return []
    const { line } = positions(unit.files.read(file)?.text ?? '')(root.at?.span.start ?? 0)
    return [{ code: 'OWNED', file, line, message: `${object.kind}/${object.name} was made by ${owner}; left as it is`, hint: 'Harden the object that makes it.' }]
  })
}

const EMPTY: Lowered = { patches: [], refused: [], expected: new Map() }

function refusedBlock({ reason, message }: Refusal): Block {
  return { reason, severity: 'decide', message: `not written: ${message}`, todo: 'Make this change by hand.' }
}

/** An exemption in a comment is not seen where the other reader keeps no place for it. */
function blockedOrExempt(blocked: ReadonlyMap<string, Block>, plans: readonly SitePlan[]): ReadonlyMap<string, Block> {
  const exempt = plans.flatMap(({ planned }) => planned.filter((one) => one.exempt !== undefined))
  return new Map([...blocked, ...exempt.map(({ id }): [string, Block] => [id, { reason: 'held-back', severity: 'know', message: 'exempt', todo: '' }])])
}

/** Planning the output must give nothing: each fix still planned there is a violation. */
function unstable({ located, outputs }: Verified, setup: Setup, blocked: ReadonlyMap<string, Block>, { expected }: Lowered): readonly Violation[] {
  // Those that only review cannot want anything.
  const writers = setup.transforms.filter(({ fields }) => fields.length > 0)
  return located.sites.flatMap((site): Violation[] => {
    if (!expected.has(site.document) || !outputs.some(({ source }) => source.path === site.file)) return []
    const again = planSite(site, writers, setup.context, blocked).planned.find(isWanted)
    if (again === undefined) return []
    return [{ code: 'NOT_STABLE', document: site.document, file: site.file, at: 0, message: `a second run would change more: ${again.transform.id} (${again.proposal.key})` }]
  })
}

/** Blocks the proposals that may have caused the violation: those of its path, else all of its document. */
function block(violation: Violation, plans: readonly SitePlan[], blocked: Map<string, Block>, dropped: Set<string>, all: boolean, failures: Violation[]): void {
  const candidates = plans
    .flatMap(({ planned }) => planned)
    .filter((one) => isWanted(one) && (violation.document === '' ? one.site.file === violation.file : one.site.document === violation.document))
  // Damage that no proposal of its own explains: nothing of the file can be trusted.
  if (candidates.length === 0) for (const { planned } of plans) for (const { site } of planned) if (site.file === violation.file) dropped.add(site.document)
  const guilty =
    violation.path === undefined || all
      ? candidates
      : candidates.filter(
          ({ site, proposal }) =>
            proposal.outcome === 'fix' && proposal.fields.some(({ change }) => overlaps([...site.at, ...(objectPath(site, change.path) ?? [])], violation.path ?? [])),
        )
  if (all) for (const { site } of candidates) dropped.add(site.document)
  for (const { id } of guilty.length > 0 ? guilty : candidates) {
    blocked.set(id, { reason: 'depends', severity: 'decide', message: `not written: ${violation.message}`, todo: 'Make this change by hand, and please report the file.' })
  }
  if (!failures.some(({ document, code }) => document === violation.document && code === violation.code)) failures.push(violation)
}

function problemOf(unit: Unit, violation: Violation): Problem {
  const text = unit.files.read(violation.file)?.text ?? ''
  return {
    code: violation.code,
    file: violation.file,
    span: { start: violation.at, end: violation.at },
    ...positions(text)(violation.at),
    message: `${violation.message}; that change was dropped`,
    hint: 'Nothing of it was written. Please report this with the file.',
  }
}
