/**
 * The few facts of the whole tree that rules need. A scan of the text finds the documents that matter; only those,
 * and only small ones, meet a parser. What cannot be parsed says nothing here: it is reported where it is edited.
 * Only facts are kept, no text.
 */
import { parse } from 'yaml'
import { BuildFiles } from './evidence/dockerfile/builds.ts'
import { isBuildFile } from './evidence/dockerfile/links.ts'
import { NeighbourFiles } from './evidence/neighbours.ts'
import { injectionLabel } from './injected-namespaces.ts'
import { slices } from './kube/documents.ts'
import { imagesOf, isKustomization, type Kustomization, patchFilesOf, readKustomization } from './kustomizations.ts'
import { decoded, mayHoldRootScript, rootScript } from './root-scripts.ts'
import { claimNames, metadataOf } from './survey-text.ts'
import type { Survey } from './types.ts'

export interface Surveyed {
  readonly survey: Survey
  /** Files that are patches, with the kustomization that names them. */
  readonly patchFiles: ReadonlyMap<string, string>
}

export interface SurveyBuilder {
  /** `path` relative to the root; the text is not kept. */
  add(path: string, text: string): void
  finish(): Surveyed
}

/** Documents above this are not parsed, in UTF-16 units: dashboards and data, which hold no fact that is asked for. */
const PARSE_LIMIT = 1024 * 1024

export function survey(files: Iterable<readonly [path: string, text: string]>): Surveyed {
  const builder = startSurvey()
  for (const [path, text] of files) builder.add(path, text)
  return builder.finish()
}

export function startSurvey(): SurveyBuilder {
  const facts: Facts = { claims: new Map(), injectedNamespaces: new Map(), rootScripts: new Map(), openshift: new Map(), kustomizations: [], unnamed: 0 }
  const builds = new BuildFiles()
  const neighbours = new NeighbourFiles()
  return {
    add(path, text) {
      builds.add(path, text)
      if (isBuildFile(path.slice(path.lastIndexOf('/') + 1))) return
      if (isKustomization(path)) {
        const found = readKustomization(path, text)
        if (found !== undefined) facts.kustomizations.push(found)
      } else if (/^\s*[{[]/.test(text)) {
        addJson(facts, path, text)
        neighbours.add(path, text, () => 1)
      } else
        for (const { start, end } of slices(text)) {
          const document = text.slice(start, end)
          addDocument(facts, path, document)
          neighbours.add(path, document, () => text.slice(0, start).split('\n').length)
        }
    },
    finish() {
      const all = facts.kustomizations.sort((a, b) => (a.path < b.path ? -1 : 1))
      const claims = new Map([...facts.claims].map(([key, { users, modes }]) => [key, { users: users.size, modes: [...modes].sort() }]))
      const { injectedNamespaces, rootScripts } = facts
      const openshift = openshiftPlaces(facts.openshift)
      return {
        survey: { claims, namespaces: new Map(), injectedNamespaces, rootScripts, openshift, images: imagesOf(all), builds: builds.finish(), neighbours: neighbours.finish() },
        patchFiles: patchFilesOf(all),
      }
    },
  }
}

interface Facts {
  readonly claims: Map<string, { readonly users: Set<string>; readonly modes: Set<string> }>
  readonly injectedNamespaces: Map<string, string>
  readonly rootScripts: Map<string, { readonly verb: string; readonly file: string }>
  /** By file: whether one of its OpenShift kinds is a workload. */
  readonly openshift: Map<string, boolean>
  readonly kustomizations: Kustomization[]
  /** Workloads without a name so far: each is one of its own. */
  unnamed: number
}

const OPENSHIFT: ReadonlySet<string> = new Set(['DeploymentConfig', 'Route', 'ImageStream', 'SecurityContextConstraints'])
/** Kinds that hold other objects. */
const COLLECTIONS: ReadonlySet<string> = new Set(['List', 'Template', 'NamespaceList', 'PersistentVolumeClaimList', 'ConfigMapList', 'SecretList'])
/** Never users of a claim, whatever text they hold. */
const NO_WORKLOADS: ReadonlySet<string> = new Set(['CustomResourceDefinition', 'ConfigMap', 'Secret', 'Namespace', 'PersistentVolumeClaim', 'PersistentVolume'])
const WORTH_PARSING = /claimName|PersistentVolumeClaim|Namespace|ConfigMap|Secret|DeploymentConfig|ImageStream|SecurityContextConstraints|"?Route"?/

function addDocument(facts: Facts, path: string, text: string): void {
  if (/^(?:---)?\s*[{[]/.test(text)) {
    addJson(facts, path, text.replace(/^---/, ''))
    return
  }
  const kind = /^kind:[ \t]*["']?([A-Za-z]+)/m.exec(text)?.[1]
  if (kind === undefined || kind === 'CustomResourceDefinition') return
  if (kind === 'ConfigMap' || kind === 'Secret') {
    if (mayHoldRootScript(text, kind === 'Secret')) addObject(facts, path, parsed(text))
  } else if (kind === 'Namespace' || kind === 'PersistentVolumeClaim') addObject(facts, path, parsed(text))
  else if (COLLECTIONS.has(kind)) {
    if (WORTH_PARSING.test(text)) addObject(facts, path, parsed(text))
  } else {
    if (OPENSHIFT.has(kind)) addOpenshift(facts, path, kind, /^apiVersion:[ \t]*["']?([^\s"']+)/m.exec(text)?.[1])
    if (text.includes('claimName')) addUser(facts, path, kind, metadataOf(text), claimNames(text))
  }
}

function addJson(facts: Facts, path: string, text: string): void {
  if (text.length > PARSE_LIMIT || !text.includes('"kind"') || !WORTH_PARSING.test(text)) return
  try {
    addObject(facts, path, JSON.parse(text))
  } catch {
    // YAML in flow style is no JSON, but looks like it.
    addObject(facts, path, parsed(text))
  }
}

function addObject(facts: Facts, path: string, value: unknown, depth = 0): void {
  const object = record(value)
  const { kind } = object
  if (typeof kind !== 'string') {
    if (Array.isArray(value) && depth === 0) for (const item of value) addObject(facts, path, item, 1)
    return
  }
  const metadata = record(object.metadata)
  const name = textOr(metadata.name, '')
  const namespace = textOr(metadata.namespace, '')
  const items = [object.items, object.objects].filter(Array.isArray).flat()
  if (COLLECTIONS.has(kind)) {
    // Two levels: a list of lists is more than anyone writes.
    if (depth < 2) for (const item of items) addObject(facts, path, item, depth + 1)
  } else if (kind === 'Namespace') {
    const label = injectionLabel(record(metadata.labels), record(metadata.annotations))
    if (label !== undefined) facts.injectedNamespaces.set(owned(name), owned(label))
  } else if (kind === 'PersistentVolumeClaim') {
    const modes = record(object.spec).accessModes
    const claim = claimAt(facts, `${namespace}/${name}`)
    for (const mode of Array.isArray(modes) ? modes : []) if (typeof mode === 'string') claim.modes.add(owned(mode))
  } else if (kind === 'ConfigMap' || kind === 'Secret') {
    const data = kind === 'Secret' ? decoded(record(object.data)) : record(object.data)
    const verb = rootScript({ ...data, ...record(object.stringData) })
    const key = `${namespace}/${name}`
    if (verb !== undefined && !facts.rootScripts.has(key)) facts.rootScripts.set(owned(key), { verb: owned(verb), file: path })
  } else {
    if (OPENSHIFT.has(kind)) addOpenshift(facts, path, kind, object.apiVersion)
    addUser(facts, path, kind, { name, namespace }, claimNamesIn(object.spec))
  }
}

/**
 * Two documents of the same kind, namespace and name are one workload in two variants, not two that share a claim:
 * a cluster holds only one of them at a time.
 */
function addUser(facts: Facts, path: string, kind: string, { name, namespace }: { readonly name: string; readonly namespace: string }, claims: Iterable<string>): void {
  if (NO_WORKLOADS.has(kind)) return
  const user = name === '' ? `${path} ${facts.unnamed++}` : owned(`${kind} ${namespace}/${name}`)
  for (const claim of claims) claimAt(facts, `${namespace}/${claim}`).users.add(user)
}

function claimAt({ claims }: Facts, key: string): { readonly users: Set<string>; readonly modes: Set<string> } {
  const known = claims.get(key)
  if (known !== undefined) return known
  const fresh = { users: new Set<string>(), modes: new Set<string>() }
  claims.set(owned(key), fresh)
  return fresh
}

/** `Route` is also Knative's; `v1` is how OpenShift 3 wrote its kinds. */
function addOpenshift(facts: Facts, path: string, kind: string, apiVersion: unknown): void {
  if (apiVersion !== 'v1' && !/openshift\.io\//.test(String(apiVersion))) return
  facts.openshift.set(path, facts.openshift.get(path) === true || kind === 'DeploymentConfig')
}

/**
 * A Route or ImageStream of its own speaks for the workloads beside it. A file with a DeploymentConfig is whole in
 * itself: what lies beside it may be the same application for another cluster.
 */
function openshiftPlaces(files: ReadonlyMap<string, boolean>): ReadonlySet<string> {
  const places = new Set<string>()
  for (const [path, isWhole] of files) {
    places.add(path)
    if (!isWhole) places.add(path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '')
  }
  return places
}

function parsed(text: string): unknown {
  if (text.length > PARSE_LIMIT) return undefined
  try {
    return parse(text, { merge: true, uniqueKeys: false, logLevel: 'error' })
  } catch {
    return undefined
  }
}

/** Deeper than any pod template is, by far. */
function* claimNamesIn(value: unknown, depth = 40): Generator<string> {
  if (typeof value !== 'object' || value === null || depth === 0) return
  for (const [key, child] of Object.entries(value)) {
    if (key === 'claimName' && typeof child === 'string') yield child
    else yield* claimNamesIn(child, depth - 1)
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

/** A copy. V8 keeps the whole text alive for as long as a piece cut out of it lives. */
function owned(text: string): string {
  return Buffer.from(text).toString()
}
