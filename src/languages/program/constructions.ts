/** Where a program makes a workload: by class of an `imports/` file, of cdk8s-plus, or as a raw ApiObject. */
import type { ts } from 'ts-morph'
import { podSpecPaths } from '../../kube/workloads.ts'
import { isPlus, type Imports } from './imports.ts'
import { bare, compiler, descendants, member, valueOf } from './syntax.ts'

export interface Construction {
  readonly dialect: 'l1' | 'raw' | 'plus'
  readonly apiVersion: string
  readonly kind: string
  /** The specifier that the class comes from. */
  readonly module: string
  /** What stands before the names of that module: `kplus.`, or nothing where they are imported one by one. */
  readonly prefix: string
  /** `new X(…)` or `super(…)`. */
  readonly call: ts.NewExpression | ts.CallExpression
  readonly scope: ts.Expression | undefined
  readonly id: ts.Expression | undefined
  readonly props: ts.Expression | undefined
}

const API_VERSIONS: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  ReplicaSet: 'apps/v1',
  Job: 'batch/v1',
  CronJob: 'batch/v1',
  Pod: 'v1',
  ReplicationController: 'v1',
  PodTemplate: 'v1',
}
const PLUS_KINDS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod'])
/** `imports/k8s`, `../imports/argoproj.io.ts`: what `cdk8s import` writes. */
const IMPORTS = /(?:^|\/)imports\/([\w.-]+?)(?:\.[cm]?[jt]s)?$/

/** In the order of the text. */
export function constructionsOf(file: ts.SourceFile, imports: Imports): readonly Construction[] {
  const t = compiler()
  const found: Construction[] = []
  for (const node of descendants(file)) {
    const classOf = t.isNewExpression(node) ? node.expression : t.isCallExpression(node) && node.expression.kind === t.SyntaxKind.SuperKeyword ? baseClassOf(node) : undefined
    if (classOf === undefined || !(t.isNewExpression(node) || t.isCallExpression(node))) continue
    const [scope, id, props] = node.arguments ?? []
    const what = classified(classOf, props, imports)
    if (what !== undefined) found.push({ ...what, call: node, scope, id, props })
  }
  return found
}

function baseClassOf(node: ts.Node): ts.Expression | undefined {
  const t = compiler()
  let at: ts.Node | undefined = node.parent
  while (at !== undefined && !t.isClassLike(at)) at = at.parent
  return at?.heritageClauses?.find(({ token }) => token === t.SyntaxKind.ExtendsKeyword)?.types[0]?.expression
}

type What = Pick<Construction, 'dialect' | 'apiVersion' | 'kind' | 'module' | 'prefix'>

function classified(expression: ts.Expression, props: ts.Expression | undefined, imports: Imports): What | undefined {
  const imported = imports.resolve(expression)
  if (imported === undefined) return undefined
  const { module, name } = imported
  const t = compiler()
  const prefix = t.isPropertyAccessExpression(expression) ? `${expression.expression.getText()}.` : ''
  if (module === 'cdk8s' && name === 'ApiObject') return rawKind(props, prefix)
  if (isPlus(module)) return PLUS_KINDS.has(name) ? { dialect: 'plus', apiVersion: API_VERSIONS[name] as string, kind: name, module, prefix } : undefined
  const file = module.endsWith('#k8s') ? 'k8s' : IMPORTS.exec(module)?.[1]
  if (file === undefined) return undefined
  const kind = name.replace(/^Kube(?=[A-Z])/, '').replace(/V\d+(?:(?:Alpha|Beta)\d+)?$/, '')
  if (file === 'k8s') {
    const apiVersion = API_VERSIONS[kind]
    return apiVersion === undefined ? undefined : { dialect: 'l1', apiVersion, kind, module, prefix }
  }
  const apiVersion = `${file}/v1`
  return podSpecPaths({ apiVersion, kind }).length === 0 ? undefined : { dialect: 'l1', apiVersion, kind, module, prefix }
}

function rawKind(props: ts.Expression | undefined, prefix: string): What | undefined {
  const t = compiler()
  const object = props === undefined ? undefined : bare(props)
  if (object === undefined || !t.isObjectLiteralExpression(object)) return undefined
  const text = (name: string): string | undefined => {
    const property = member(object, name)
    const value = property === undefined ? undefined : valueOf(property)
    return value !== undefined && t.isStringLiteralLike(value) ? value.text : undefined
  }
  const [apiVersion, kind] = [text('apiVersion'), text('kind')]
  if (apiVersion === undefined || kind === undefined || podSpecPaths({ apiVersion, kind }).length === 0) return undefined
  return { dialect: 'raw', apiVersion, kind, module: 'cdk8s', prefix }
}
