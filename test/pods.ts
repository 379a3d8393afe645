/** Plain objects through the transforms, as the planner does it: for tables of small pods. */
import { EMPTY_SURVEY, withDefaults } from '../src/options.ts'
import { planSite, wantedChanges } from '../src/plan.ts'
import { objectPath, podOf } from '../src/pod.ts'
import { applyChange, fromJson, toJson } from '../src/tree.ts'
import transforms from '../transforms/index.ts'
import type { About, Context, FixProposal, Grade, Json, Options, Pod, Proposal, ReviewProposal, Site, Survey } from '../src/types.ts'

type Plain = { readonly [key: string]: Json }

export interface Setting {
  readonly options?: Partial<Options>
  readonly survey?: Partial<Survey>
  /** What is known, by image as written. */
  readonly images?: Readonly<Record<string, About>>
  readonly allows?: Site['allows']
}

export interface Outcome {
  /** The object afterwards. */
  readonly after: Plain
  readonly spec: Plain
  readonly fixes: readonly (FixProposal & { readonly transform: string; readonly grade: Grade })[]
  /** Fixes that were not strong enough. */
  readonly held: readonly string[]
  readonly reviews: readonly (ReviewProposal & { readonly transform: string })[]
}

const SPECS: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  Prometheus: ['spec'],
}

export function siteOf(object: Plain, allows: Site['allows'] = 'both'): Site {
  const kind = String(object.kind)
  const spec = SPECS[kind] ?? ['spec', 'template', 'spec']
  const metadata = object.metadata as { readonly name?: string; readonly namespace?: string } | undefined
  const id = `${object.apiVersion}/${kind}/${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`
  const ref = { apiVersion: String(object.apiVersion), kind, name: metadata?.name ?? '', ...(metadata?.namespace === undefined ? {} : { namespace: metadata.namespace }) }
  const beside = allows === 'pod' ? undefined : [...spec.slice(0, -1), 'metadata']
  return {
    id,
    source: id,
    file: 'pod.yaml',
    document: id,
    object: ref,
    root: fromJson(object),
    at: [],
    spec,
    ...(beside === undefined ? {} : { metadata: beside }),
    allows,
    partial: false,
    comments: [],
  }
}

export function contextFor({ options = {}, survey = {}, images = {} }: Setting): Context {
  return {
    options: withDefaults(options, true),
    survey: { ...EMPTY_SURVEY, ...survey },
    about: (_pod, container) => images[container.image ?? ''] ?? {},
    exemptions: () => ({ list: [], left: [] }),
    isExempt: () => false,
  }
}

/** The pod as transforms see it before anything is planned. */
export function podFor(object: Plain, allows?: Site['allows']): Pod {
  const site = siteOf(object, allows)
  return podOf(site, () => site.root)
}

export function run(object: Plain, setting: Setting = {}): Outcome {
  const site = siteOf(object, setting.allows)
  const plan = planSite(site, transforms, contextFor(setting), new Map())
  if (plan.problems.length > 0) throw new Error(plan.problems.map(({ message }) => message).join('\n'))
  let root = site.root
  for (const { change } of wantedChanges([plan])) {
    const applied = applyChange(root, { ...change, path: objectPath(site, change.path) ?? [] })
    if (applied.root === undefined) throw new Error(`clash at ${applied.path.join('.')}`)
    root = applied.root
  }
  const after = toJson(root) as Plain
  const spec = site.spec.reduce<Json>((value, step) => (value as Plain)[step] as Json, after) as Plain
  const fixes = plan.planned.flatMap(({ proposal, transform, block }) =>
    proposal.outcome === 'fix' && block === undefined ? [{ ...proposal, transform: transform.id, grade: gradeOf(proposal) }] : [],
  )
  const held = plan.planned.flatMap(({ proposal, transform, block }) => (proposal.outcome === 'fix' && block !== undefined ? [`${transform.id} ${proposal.key}`] : []))
  const reviews = plan.planned.flatMap(({ proposal, transform }) => (proposal.outcome === 'review' ? [{ ...proposal, transform: transform.id }] : []))
  return { after, spec, fixes, held, reviews }
}

const STRENGTH: readonly Grade[] = ['certain', 'known', 'likely', 'assumed']

function gradeOf(proposal: Extract<Proposal, { outcome: 'fix' }>): Grade {
  return STRENGTH[Math.max(...proposal.fields.map(({ grade }) => STRENGTH.indexOf(grade)))] as Grade
}

/** A Deployment around the pod spec. */
export function deployment(spec: Plain, metadata: Plain = {}): Plain {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'shop' }, spec: { template: { metadata, spec } } }
}

export function workload(kind: string, spec: Plain, more: Plain = {}): Plain {
  const apiVersion = kind === 'Pod' ? 'v1' : kind === 'Job' || kind === 'CronJob' ? 'batch/v1' : 'apps/v1'
  if (kind === 'Pod') return { apiVersion, kind, metadata: { name: 'shop' }, spec }
  if (kind === 'CronJob') return { apiVersion, kind, metadata: { name: 'shop' }, spec: { jobTemplate: { spec: { template: { spec } } } } }
  return { apiVersion, kind, metadata: { name: 'shop' }, spec: { ...more, template: { spec } } }
}

/** A short line per review: who, where, why. */
export function lines(outcome: Outcome): readonly string[] {
  return outcome.reviews.map(({ transform, container, reason }) => `${transform} ${container ?? '-'} ${reason}`)
}

/** The same per fix, with its grade. */
export function fixLines(outcome: Outcome): readonly string[] {
  return outcome.fixes.map(({ transform, container, grade }) => `${transform} ${container ?? '-'} ${grade}`)
}
