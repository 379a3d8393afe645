/**
 * A list of Kubernetes objects as KRM functions pass it on: its items with the files they come from.
 * https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md
 */
import { type ParsedDocument, parseSlice } from '../languages/manifest/parse.ts'
import { positions } from '../text/lines.ts'
import { entries, isNull, items, nodeAt, scalar } from '../tree.ts'
import type { Node, ObjectRef, Problem, Source } from '../types.ts'

export interface ListItem {
  /** Undefined where it does not say what it is. */
  readonly object: ObjectRef | undefined
  /** Where the orchestrator read it, by its annotations. */
  readonly file: ItemFile | undefined
  readonly node: Node
}

export interface ItemFile {
  readonly path: string
  readonly index?: number
}

export interface ResourceList {
  readonly document: ParsedDocument
  readonly items: readonly ListItem[]
  readonly functionConfig: Node | undefined
  readonly configObject: ObjectRef | undefined
  readonly hasResults: boolean
}

/** Any kind that ends in List: the specification asks for `v1/List` and typed lists too. */
export function readList({ path, text }: Source): ResourceList | { readonly problem: Problem } {
  const wrong = (at: number, message: string, code: Problem['code'] = 'UNPARSABLE'): { readonly problem: Problem } => ({
    problem: { code, file: path, span: { start: at, end: at }, ...positions(text)(at), message, hint: 'A function reads a ResourceList (config.kubernetes.io/v1) from stdin.' },
  })
  const parsed = parseSlice(path, text, 0, text.length, 0)
  if ('failure' in parsed) return wrong(parsed.failure.at, parsed.failure.message, parsed.failure.code)
  const [document, second] = parsed.documents
  if (document === undefined || isNull(document.root)) return wrong(0, 'the input is empty')
  if (second !== undefined) return wrong(second.span.start, 'the input holds more than one document')
  const { root } = document
  const twice = document.duplicates.find((duplicate) => duplicate.path.length === 0)
  if (twice !== undefined) return wrong(twice.at, `the key "${twice.key}" occurs twice in one map`, 'DUPLICATE_KEY')
  const kind = scalar(nodeAt(root, ['kind']))
  if (root.is !== 'map' || typeof kind !== 'string' || !kind.endsWith('List'))
    return wrong(0, `the input is no list but ${typeof kind === 'string' ? `of kind ${kind}` : 'something else'}`)
  const list = nodeAt(root, ['items'])
  if (!isNull(list) && list?.is !== 'list') return wrong(list?.at?.span.start ?? 0, 'items is no list')
  const functionConfig = nodeAt(root, ['functionConfig'])
  return {
    document,
    items: items(list).map(itemOf),
    functionConfig: isNull(functionConfig) ? undefined : functionConfig,
    configObject: isNull(functionConfig) ? undefined : objectOf(functionConfig),
    hasResults: root.entries.has('results'),
  }
}

function itemOf(node: Node): ListItem {
  return { object: objectOf(node), file: fileOf(node), node }
}

function objectOf(node: Node | undefined): ObjectRef | undefined {
  const [apiVersion, kind, name, namespace] = [['apiVersion'], ['kind'], ['metadata', 'name'], ['metadata', 'namespace']].map((path) => scalar(nodeAt(node, path)))
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined
  return { apiVersion, kind, name: name === undefined || name === null ? '' : String(name), ...(typeof namespace === 'string' && namespace !== '' ? { namespace } : {}) }
}

/** The older annotations stand beside the newer ones, or alone. */
export function fileOf(object: Node): ItemFile | undefined {
  const annotations = entries(nodeAt(object, ['metadata', 'annotations']))
  const said = (name: string): string | undefined => {
    const value = scalar(annotations.get(`internal.config.kubernetes.io/${name}`)?.node) ?? scalar(annotations.get(`config.kubernetes.io/${name}`)?.node)
    return value === undefined || value === null ? undefined : String(value)
  }
  const path = said('path')
  const index = said('index')
  if (path === undefined || path === '') return undefined
  return { path, ...(index !== undefined && /^\d{1,9}$/.test(index) ? { index: Number(index) } : {}) }
}
