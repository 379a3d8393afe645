/**
 * What is told to the orchestrator: one result a finding.
 * https://github.com/kubernetes-sigs/kustomize/blob/master/kyaml/fn/framework/result.go
 */
import { safe } from '../report/safe.ts'
import { pathText } from '../text/paths.ts'
import { CONTAINER_GROUPS } from '../pod.ts'
import { isNull, items, nodeAt, scalar, toJson } from '../tree.ts'
import type { Finding, FixFinding, Json, Node, Note, ObjectRef, Path, Problem, Site, UnitResult } from '../types.ts'
import { type ConfigMistake, pathAt } from './config.ts'
import { fileOf, type ItemFile, type ListItem, type ResourceList } from './list.ts'

export interface Result {
  readonly message: string
  readonly severity: 'error' | 'warning' | 'info'
  readonly resourceRef?: ObjectRef
  readonly field?: { readonly path: string; readonly currentValue?: Json; readonly proposedValue?: Json }
  readonly file?: ItemFile
  readonly tags?: Readonly<Record<string, string>>
}

export interface Found extends Pick<UnitResult, 'findings' | 'problems' | 'notes'> {
  readonly list: ResourceList
  readonly sites: readonly Site[]
  /** The document as it will be. */
  readonly after: Node
}

export function resultsOf({ findings, problems, notes, list, sites, after }: Found): readonly Result[] {
  return [
    ...problems.map((problem) => problemResult(problem, list)),
    ...findings.map((finding) => findingResult(finding, list, siteOf(finding, sites), after)),
    ...notes.map((note) => noteResult(note)),
  ]
}

/** At the functionConfig, with the file that it was read from. */
export function mistakeResults(mistakes: readonly ConfigMistake[], given: Node | undefined, object: ObjectRef | undefined): readonly Result[] {
  const file = given === undefined ? undefined : fileOf(given)
  return mistakes.map(({ path, message }) => ({
    message: safe(message),
    severity: 'error',
    ...about(object, file),
    field: { path: pathText(path), ...valueOf('currentValue', nodeAt(given, path)) },
    tags: { code: 'CONFIG' },
  }))
}

function about(object: ObjectRef | undefined, file: ItemFile | undefined): Pick<Result, 'resourceRef' | 'file'> {
  if (object === undefined) return file === undefined ? {} : { file }
  const { apiVersion, kind, name, namespace } = object
  return { resourceRef: { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) }, ...(file === undefined ? {} : { file }) }
}

/** Two workloads may have the same name; the place tells them apart. */
function siteOf({ object, place }: Finding, sites: readonly Site[]): Site | undefined {
  const same = sites.filter((site) => site.object === object)
  return same.find(({ root, spec }) => isIn(nodeAt(root, spec), place.span.start)) ?? same[0]
}

function isIn(node: Node | undefined, offset: number): boolean {
  return node?.at !== undefined && node.at.span.start <= offset && offset < node.at.span.end
}

function findingResult(finding: Finding, list: ResourceList, site: Site | undefined, after: Node): Result {
  const { transform, object, container, message } = finding
  const file = site === undefined ? undefined : list.items[Number(site.at[1])]?.file
  const who = container === undefined ? '' : `container ${container}: `
  const base = (severity: Result['severity'], text: string): Omit<Result, 'tags'> => ({
    message: safe(who + text),
    severity,
    ...about(object, file),
    ...(site === undefined ? {} : fieldOf(finding, site, after)),
  })
  if (finding.outcome === 'exempt') return { ...base('info', `${message}; left as it is by ${finding.by}: ${finding.text}`), tags: { transform, exempt: safe(finding.by) } }
  if (finding.outcome === 'review')
    return { ...base(finding.severity === 'decide' ? 'warning' : 'info', `${message}. ${finding.todo}`), tags: { transform, reason: finding.reason } }
  const because = [...new Set(finding.fields.map((field) => field.because))].join('; ')
  return { ...base('info', `${message} (${finding.grade}: ${because})`), tags: { transform, grade: finding.grade, ...others(finding, site) } }
}

/** The first field of a fix is what it is about; the others come with it. */
function others({ fields }: FixFinding, site: Site | undefined): Readonly<Record<string, string>> {
  const more = [...new Set(fields.slice(1).map(({ path }) => (site === undefined ? path : pathText(fromTemplate(site, path)))))]
  return more.length === 0 ? {} : { alsoChanges: safe(more.join(', ')) }
}

/** From the object: of a fix what it changes; of anything else the field that it speaks of, which need not be there. */
function fieldOf(finding: Finding, site: Site, after: Node): Pick<Result, 'field'> {
  if (finding.outcome === 'fix') {
    const path = fromTemplate(site, finding.fields[0]?.path ?? '')
    return { field: { path: pathText(path), ...valueOf('currentValue', nodeAt(site.root, path)), ...valueOf('proposedValue', nodeAt(after, [...site.at, ...path])) } }
  }
  const path = pathAt(site.root, finding.place.span.start)
  if (
    path
      .filter((step) => typeof step === 'string')
      .join('.')
      .endsWith(`.${finding.field}`)
  ) {
    const value = nodeAt(site.root, path)
    return { field: { path: pathText(path), ...(value?.is === 'value' ? valueOf('currentValue', value) : {}) } }
  }
  return { field: { path: `${pathText([...site.spec, ...containerOf(finding, site)])}.${finding.field}` } }
}

function containerOf({ container }: Finding, { root, spec }: Site): Path {
  if (container === undefined) return []
  for (const group of CONTAINER_GROUPS) {
    const index = items(nodeAt(root, [...spec, group])).findIndex((one) => scalar(nodeAt(one, ['name'])) === container)
    if (index !== -1) return [group, index]
  }
  return []
}

function valueOf<K extends string>(key: K, node: Node | undefined): Partial<Record<K, Json>> {
  const value = isNull(node) ? undefined : toJson(node)
  return (value === undefined ? {} : { [key]: value }) as Partial<Record<K, Json>>
}

/** `spec.containers[0].image` of the template, as keys and indices from the object. */
function fromTemplate({ spec, metadata }: Site, text: string): Path {
  const [head, ...rest] = [...text.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)].map(([, index, quoted, plain]) =>
    index !== undefined ? Number(index) : quoted !== undefined ? (JSON.parse(quoted) as string) : (plain as string),
  )
  return [...((head === 'spec' ? spec : metadata) ?? []), ...rest]
}

function problemResult({ code, message, hint, span }: Problem, list: ResourceList): Result {
  const item: ListItem | undefined = span === undefined ? undefined : list.items.find(({ node }) => isIn(node, span.start))
  return { message: safe(`${message}. ${hint}`), severity: 'error', ...about(item?.object, item?.file), tags: { code } }
}

/** Something recognised and left alone. */
function noteResult({ code, message }: Note): Result {
  return { message: safe(message), severity: 'info', tags: { code } }
}
