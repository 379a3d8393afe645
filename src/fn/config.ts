/** What the orchestrator passes as `functionConfig`, with every mistake at its field. */
import { CONFIG_MAP, FUNCTION_API, POD_HARDEN } from '../config/function-config.ts'
import type { Config } from '../config/keys.ts'
import { catalogueMistake, NO_CONFIG } from '../config/read.ts'
import { parseSlice } from '../languages/manifest/parse.ts'
import { groupOf } from '../kube/workloads.ts'
import { readShape } from '../shape.ts'
import { pathText } from '../text/paths.ts'
import { nodeAt, scalar, toJson } from '../tree.ts'
import type { Node, Path, Span } from '../types.ts'

/** `path` from the functionConfig: `['spec', 'level']`. */
export interface ConfigMistake {
  readonly path: Path
  readonly message: string
}

export function functionConfigOf(given: Node | undefined): { readonly config: Config } | { readonly mistakes: readonly ConfigMistake[] } {
  if (given === undefined) return { config: NO_CONFIG }
  const [apiVersion, kind] = [scalar(nodeAt(given, ['apiVersion'])), scalar(nodeAt(given, ['kind']))]
  const shape = kind === 'ConfigMap' && apiVersion === 'v1' ? CONFIG_MAP : kind === 'PodHarden' && apiVersion === FUNCTION_API ? POD_HARDEN : undefined
  if (shape === undefined) {
    const known = kind === 'PodHarden' && typeof apiVersion === 'string' && groupOf(apiVersion) === groupOf(FUNCTION_API)
    const message = known ? `apiVersion must be ${FUNCTION_API}` : `functionConfig must be of kind PodHarden (${FUNCTION_API}) or ConfigMap (v1)`
    return { mistakes: [{ path: [known ? 'apiVersion' : 'kind'], message }] }
  }
  const unread = unreadIn(given)
  if (unread !== undefined) return { mistakes: [{ path: unread, message: 'occurs twice, or cannot be read' }] }
  // Orchestrators print it anew anyway, so only its fields are places that the user knows. One key a line.
  const text = JSON.stringify(toJson(given) ?? null, null, 1)
  const parsed = parseSlice('functionConfig.json', text, 0, text.length, 0)
  const root = 'failure' in parsed ? undefined : parsed.documents[0]?.root
  const lines = text.split('\n')
  const offset = (line: number, column: number): number => lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, column - 1)
  const found = readShape('functionConfig', text, shape)
  if ('mistakes' in found) return { mistakes: found.mistakes.map(({ line, column, message }) => ({ path: pathAt(root, offset(line, column)), message })) }
  const catalogue = catalogueMistake(found.value, 'functionConfig')
  if (catalogue !== undefined) return { mistakes: [{ path: [kind === 'ConfigMap' ? 'data' : 'spec', 'catalogue'], message: catalogue }] }
  const named = (source: string): string => {
    const line = Number(/:(\d+)$/.exec(source)?.[1] ?? 1)
    return pathText(['functionConfig', ...pathAt(root, offset(line, 1 + (lines[line - 1]?.search(/\S/) ?? 0)))])
  }
  return { config: { ...found.value, options: withSources(found.value.options, named) } }
}

/** The first value that is there and says nothing: a key that occurs twice, an alias to nowhere. */
function unreadIn(node: Node): Path | undefined {
  if (node.is === 'opaque') return []
  const children: readonly (readonly [string | number, Node])[] =
    node.is === 'map' ? [...node.entries].map(([key, entry]) => [key, entry.node]) : node.is === 'list' ? [...node.items.entries()] : []
  for (const [step, child] of children) {
    const path = unreadIn(child)
    if (path !== undefined) return [step, ...path]
  }
  return undefined
}

/** Lines of a text that nobody sees become fields. */
function withSources(options: Config['options'], named: (source: string) => string): Config['options'] {
  const { images, exemptions } = options
  return {
    ...options,
    ...(images === undefined ? {} : { images: { ...images, images: images.images.map((one) => ({ ...one, source: named(one.source) })) } }),
    ...(exemptions === undefined ? {} : { exemptions: exemptions.map((one) => ({ ...one, source: named(one.source) })) }),
  }
}

/** The path of the key or value that holds the offset. */
export function pathAt(node: Node | undefined, offset: number): Path {
  const holds = (span: Span | undefined): boolean => span !== undefined && span.start <= offset && offset < span.end
  if (node?.is === 'map') {
    for (const [key, entry] of node.entries) if (holds(entry.key?.span) || holds(entry.node.at?.span)) return [key, ...pathAt(entry.node, offset)]
  } else if (node?.is === 'list') {
    for (const [index, item] of node.items.entries()) if (holds(item.at?.span)) return [index, ...pathAt(item, offset)]
  }
  return []
}
