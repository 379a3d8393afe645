/** Sites to proposals: the transforms in order, each seeing what the earlier ones want. */
import { covers } from './exemptions/covers.ts'
import { fingerprint } from './fingerprint.ts'
import { objectPath, podOf } from './pod.ts'
import { covers as coversPath, pathText } from './text/paths.ts'
import { applyChange } from './tree.ts'
import type { Context, Exemption, FixProposal, Grade, NonEmpty, Pod, Problem, Proposal, ReviewReason, Site, Transform, Wanted } from './types.ts'

const STRENGTH: Readonly<Record<Grade, number>> = { certain: 3, known: 2, likely: 1, assumed: 0 }

/** Why a proposal must not be written: asked not to, or could not. */
export interface Block {
  readonly reason: ReviewReason
  readonly message: string
  readonly todo: string
  readonly severity: 'decide' | 'know'
}

export interface Planned {
  readonly id: string
  readonly site: Site
  readonly transform: Transform
  readonly proposal: Proposal
  /** From names only: stays the same when lines move. */
  readonly fingerprint: string
  /** Set when the proposal was blocked: nothing of it is written. */
  readonly block?: Block
  /** Whose word leaves it as it is, the strongest first. */
  readonly exempt?: NonEmpty<Exemption>
}

/** Neither blocked nor exempt: what is written. */
export function isWanted({ proposal, block, exempt }: Planned): boolean {
  return proposal.outcome === 'fix' && block === undefined && exempt === undefined
}

export interface SitePlan {
  readonly pod: Pod
  readonly planned: readonly Planned[]
  readonly problems: readonly Problem[]
}

export function atLeast(grade: Grade, wanted: Grade): boolean {
  return STRENGTH[grade] >= STRENGTH[wanted]
}

/** A change is as sure as its weakest field. */
export function weakest(grades: readonly Grade[]): Grade {
  return grades.reduce<Grade>((low, grade) => (STRENGTH[grade] < STRENGTH[low] ? grade : low), 'certain')
}

const LEVELS = { baseline: ['baseline'], restricted: ['baseline', 'restricted'], hardened: ['baseline', 'restricted', 'hardened'] } as const

/** The transforms that the options pick, in their order. `only` picks beyond the level, `skip` takes away. */
export function selected(transforms: readonly Transform[], options: Context['options']): readonly Transform[] {
  const levels: readonly string[] = LEVELS[options.level]
  return transforms.filter(({ id, level }) => (options.only.length > 0 ? options.only.includes(id) : levels.includes(level)) && !options.skip.includes(id))
}

/** Plans one site. `blocked` holds proposals, by id, that must not be made; what depends on them is planned without them. */
export function planSite(site: Site, transforms: readonly Transform[], context: Context, blocked: ReadonlyMap<string, Block>): SitePlan {
  let root = site.root
  const planned: Planned[] = []
  const problems: Problem[] = []
  // A pod is remembered by what was read of it, so each override gets one anew: the author has never said it.
  let pod = podOf(site, () => root)
  for (let again = context.options.override.length > 0 && site.isNamespace !== true; again; ) {
    again = false
    for (const { transform, proposal } of overridesOf(pod, transforms, context)) {
      const one = plannedOf(site, transform, proposal, pod, context)
      if (planned.some(({ id }) => id === one.id)) continue
      if (one.exempt !== undefined) {
        planned.push(one)
        continue
      }
      const block = blocked.get(one.id) ?? heldBack(proposal, context)
      if (block !== undefined) {
        planned.push({ ...one, block })
        continue
      }
      const made = apply(site, root, one, problems)
      if (made === undefined || made === root) continue
      root = made
      planned.push(one)
      // One override can open the way for another: root on purpose counts only once nothing else needs root.
      again = true
    }
    if (again) pod = podOf(site, () => root)
  }
  for (const transform of selected(transforms, context.options)) {
    if ((transform.on === 'namespace') !== (site.isNamespace === true)) continue
    for (const proposal of transform.plan(pod, context)) {
      if (proposal.outcome === 'fix' && proposal.stage > context.options.stage) continue
      const one = plannedOf(site, transform, proposal, pod, context)
      if (proposal.outcome === 'review' || one.exempt !== undefined) {
        planned.push(one)
        continue
      }
      const block = blocked.get(one.id) ?? heldBack(proposal, context)
      if (block !== undefined) {
        planned.push({ ...one, block })
        continue
      }
      const made = apply(site, root, one, problems)
      // A proposal for what is there already is none.
      if (made === undefined || made === root) continue
      root = made
      planned.push(one)
    }
  }
  return { pod, planned, problems }
}

function plannedOf(site: Site, transform: Transform, proposal: Proposal, pod: Pod, context: Context): Planned {
  const print = fingerprint([site.id, transform.id, proposal.container ?? '', proposal.key])
  const { list } = context.exemptions(site)
  const [first, ...rest] = [...list.filter((one) => covers(one, pod, transform.id, proposal, list)), ...acceptedBefore(print, proposal, pod, context)]
  return { id: `${site.id}|${transform.id}|${proposal.key}`, site, transform, proposal, fingerprint: print, ...(first === undefined ? {} : { exempt: [first, ...rest] }) }
}

/** What concerns the whole pod was accepted for the containers that it had then. */
function acceptedBefore(print: string, proposal: Proposal, pod: Pod, { options: { baseline } }: Context): readonly Exemption[] {
  const names = baseline?.accepted(print)
  if (baseline === undefined || names === undefined) return []
  if (proposal.container === undefined && pod.containers.some(({ name }) => !names.includes(name))) return []
  return [{ by: baseline.source, reason: 'accepted before', isOurs: true }]
}

/** What the user wants changed against the author's word, whatever the level; `--skip` still takes a transform away. */
function* overridesOf(pod: Pod, transforms: readonly Transform[], context: Context): Iterable<{ readonly transform: Transform; readonly proposal: FixProposal }> {
  const { override, skip } = context.options
  if (override.length === 0) return
  const { kind, name } = pod.site.object
  for (const transform of transforms) {
    if (transform.override === undefined || skip.includes(transform.id)) continue
    const targets = override.flatMap((entry) => {
      const [id, target] = entry.split('=')
      return id === transform.id ? [target?.split('/') ?? []] : []
    })
    const mine = targets.filter(([ofKind, ofName]) => (ofKind === undefined || ofKind === kind) && (ofName === undefined || ofName === name))
    if (mine.length === 0) continue
    for (const proposal of transform.override(pod, context)) {
      if (mine.some(([, , container]) => container === undefined || container === proposal.container)) yield { transform, proposal }
    }
  }
}

function heldBack(proposal: Extract<Proposal, { outcome: 'fix' }>, context: Context): Block | undefined {
  const grade = weakest(proposal.fields.map((field) => field.grade))
  const wanted = context.options.atLeast
  if (atLeast(grade, wanted)) return undefined
  const weak = proposal.fields.find((field) => field.grade === grade)
  return {
    reason: 'held-back',
    severity: 'know',
    message: `not written: ${grade} (${weak?.because ?? 'no evidence'}), and --at-least is ${wanted}`,
    todo: `Run with --at-least ${grade}, or state what is known of the image.`,
  }
}

/** The object with a proposal's changes, all of them; undefined, with a problem, when it must not be made. */
function apply(site: Site, root: Site['root'], { transform, proposal }: Planned, problems: Problem[]): Site['root'] | undefined {
  if (proposal.outcome !== 'fix') return undefined
  let next = root
  for (const { change } of proposal.fields) {
    const path = objectPath(site, change.path)
    if (path === undefined || !coversPath([...transform.fields, ...(transform.overrides ?? [])], change.path)) {
      problems.push(bug(site, 'UNDECLARED_FIELD', `${transform.id} wants to change ${pathText(change.path)}, which it does not declare`))
      return undefined
    }
    const applied = applyChange(next, { ...change, path })
    if (applied.root === undefined) {
      problems.push(bug(site, 'CONFLICTING_CHANGES', `${transform.id} (${proposal.key}) cannot change ${pathText(change.path)}: ${applied.clash}`))
      return undefined
    }
    next = applied.root
  }
  return next
}

function bug(site: Site, code: Problem['code'], message: string): Problem {
  const span = site.root.at?.span
  return { code, file: site.file, ...(span === undefined ? {} : { span }), message, hint: 'Please report this with the file; the file is left as it is.' }
}

/** The changes of all proposals that are not blocked. */
export function wantedChanges(plans: readonly SitePlan[]): readonly Wanted[] {
  const wanted: Wanted[] = []
  for (const { planned } of plans) {
    for (const one of planned) {
      if (one.proposal.outcome !== 'fix' || !isWanted(one)) continue
      for (const { change } of one.proposal.fields) wanted.push({ site: one.site, proposal: one.id, change })
    }
  }
  return wanted
}
