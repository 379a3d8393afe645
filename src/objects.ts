/** Plain Kubernetes objects: no text, no file, the reference for every language. */
import transforms from '../transforms/index.ts'
import { makeFindings } from './findings.ts'
import { metadataBeside, podSpecPaths } from './kube/workloads.ts'
import { planSite, type SitePlan, wantedChanges } from './plan.ts'
import { objectPath } from './pod.ts'
import { applyChange, fromJson, nodeAt, toJson } from './tree.ts'
import type { Context, Files, Finding, Json, Node, ObjectRef, Site, SiteVerdict, WorkloadKind } from './types.ts'
import { verdictOf } from './verdicts.ts'

/** A Kubernetes object as `JSON.parse` and YAML parsers give it. */
export type PlainObject = { readonly [key: string]: unknown }

export interface HardenedObject {
  /** A new object when something was changed, else the one given. */
  readonly object: PlainObject
  readonly changed: boolean
  readonly findings: readonly Finding[]
  /** What the Pod Security Standards say of each workload, before and after. */
  readonly verdicts: readonly SiteVerdict[]
}

export const NO_FILES: Files = { list: () => [], read: () => undefined }

/** `file` goes into findings and verdicts: where the object comes from, in the caller's words. */
export function hardenObject(object: PlainObject, context: Context, file = ''): HardenedObject {
  const { root: before, plans } = planObject(object, context, file)
  let root = before
  for (const { site, change } of wantedChanges(plans)) {
    const path = objectPath(site, change.path)
    if (path !== undefined) root = applyChange(root, { ...change, path: [...site.at, ...path] }).root ?? root
  }
  const changed = root !== before
  return {
    object: changed ? (toJson(root) as PlainObject) : object,
    changed,
    findings: makeFindings(plans, NO_FILES, new Set()),
    verdicts: plans.map((plan) => verdictOf(plan, nodeAt(root, plan.pod.site.at) ?? plan.pod.site.root, transforms, context, 1)),
  }
}

export function planObject(object: PlainObject, context: Context, file = ''): { readonly root: Node; readonly plans: readonly SitePlan[] } {
  const { root, sites } = locateObject(object, file, context.options.workloads)
  return { root, plans: sites.map((site) => planSite(site, transforms, context, new Map())) }
}

/** Its pod templates, also those of the items of a list. `kinds`: the user's own that hold pods. */
export function locateObject(object: PlainObject, file: string, kinds: readonly WorkloadKind[]): { readonly root: Node; readonly sites: readonly Site[] } {
  const root = fromJson(object as Json)
  return { root, sites: sitesOf(root, object, file, [], kinds) }
}

function sitesOf(root: Node, object: PlainObject, file: string, at: readonly (string | number)[], kinds: readonly WorkloadKind[]): readonly Site[] {
  const { apiVersion, kind, metadata, items } = object as { apiVersion?: unknown; kind?: unknown; metadata?: { name?: unknown; namespace?: unknown }; items?: unknown }
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return []
  if (kind.endsWith('List') && Array.isArray(items))
    return items.flatMap((item: unknown, i) => {
      const node = nodeAt(root, ['items', i])
      return typeof item === 'object' && item !== null && node !== undefined ? sitesOf(node, item as PlainObject, file, [...at, 'items', i], kinds) : []
    })
  const ref: ObjectRef = { apiVersion, kind, name: String(metadata?.name ?? ''), ...(typeof metadata?.namespace === 'string' ? { namespace: metadata.namespace } : {}) }
  return podSpecPaths(ref, kinds).flatMap(({ path, allows }) => {
    const containers = nodeAt(root, [...path, 'containers'])
    if (path.includes('[]') || path.includes('*') || containers?.is !== 'list') return []
    const beside = metadataBeside(path, allows)
    const id = `${file}${apiVersion}/${kind}/${ref.namespace ?? ''}/${ref.name}`
    const partial = containers.items.some((item) => toJson(nodeAt(item, ['image'])) === undefined)
    return [{ id, source: id, file, document: id, object: ref, root, at, spec: path, allows, partial, comments: [], ...(beside === undefined ? {} : { metadata: beside }) }]
  })
}
