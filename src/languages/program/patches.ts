/** `addJsonPatch` calls of a construct: what they change, and how a new one is written. */
import type { ts } from 'ts-morph'
import { applyChange, nodeAt, toJson } from '../../tree.ts'
import type { Edit, Json, Node, Path } from '../../types.ts'
import type { Names } from './names.ts'
import { nodeOf } from './read.ts'
import { indentAt, styleOf } from './style.ts'
import { quoted } from './literals.ts'
import { declarationOf } from './hops.ts'
import { bare, compiler, descendants, wrapped } from './syntax.ts'

/** How the program calls the construct later: `web`, `this.web`; with the statement that names it. */
export interface Named {
  readonly text: string
  readonly statement: ts.Statement | undefined
}

export function nameOfConstruct(call: ts.Node): Named | undefined {
  const t = compiler()
  if (t.isCallExpression(call)) return t.isExpressionStatement(call.parent) ? { text: 'this', statement: plain(call.parent) } : undefined
  const node = wrapped(call)
  const { parent } = node
  if (t.isVariableDeclaration(parent) && parent.initializer === node && t.isIdentifier(parent.name)) {
    const statement = parent.parent.parent
    return { text: parent.name.text, statement: t.isVariableStatement(statement) ? plain(statement) : undefined }
  }
  if (t.isPropertyDeclaration(parent) && parent.initializer === node) return { text: `this.${parent.name.getText()}`, statement: undefined }
  if (t.isBinaryExpression(parent) && parent.right === node && parent.operatorToken.kind === t.SyntaxKind.EqualsToken)
    return { text: parent.left.getText(), statement: t.isExpressionStatement(parent.parent) ? plain(parent.parent) : undefined }
  return undefined
}

/** A statement that another can follow: not the branch of an `if` without braces. */
function plain(statement: ts.Statement): ts.Statement | undefined {
  const t = compiler()
  const { parent } = statement
  return t.isBlock(parent) || t.isSourceFile(parent) || t.isModuleBlock(parent) || t.isCaseClause(parent) ? statement : undefined
}

/** Calls of a method of the construct, in the order of the text. `construct`: the call that makes it. */
export function callsOf(file: ts.SourceFile, construct: ts.Node, method: RegExp): readonly ts.CallExpression[] {
  const t = compiler()
  return [...descendants(file)].filter(
    (node): node is ts.CallExpression =>
      t.isCallExpression(node) && t.isPropertyAccessExpression(node.expression) && method.test(node.expression.name.text) && isConstruct(node.expression.expression, construct),
  )
}

/** Whether an expression is the construct: itself, its name, `ApiObject.of` of it, its default child, or a variable with one of these. */
function isConstruct(expression: ts.Expression, construct: ts.Node, depth = 3): boolean {
  const t = compiler()
  const owner = bare(expression)
  if (owner === construct) return true
  if (depth === 0) return false
  if (t.isCallExpression(owner) && t.isPropertyAccessExpression(owner.expression) && owner.expression.name.text === 'of')
    return owner.arguments[0] !== undefined && isConstruct(owner.arguments[0], construct, depth - 1)
  if (t.isPropertyAccessExpression(owner) && owner.name.text === 'defaultChild' && t.isPropertyAccessExpression(owner.expression) && owner.expression.name.text === 'node')
    return isConstruct(owner.expression.expression, construct, depth - 1)
  const named = nameOfConstruct(construct)
  if (named?.text === owner.getText() && isInScope(owner, construct, named.text)) return true
  // By a name that is given to another construct too, it may be either.
  if (!t.isIdentifier(owner) || (named?.text === owner.text && isReassigned(construct))) return false
  const declared = declarationOf(owner)?.initializer
  return declared !== undefined && bare(declared) !== owner && isConstruct(declared, construct, depth - 1)
}

/** `this` is another one in each class; a variable is what the nearest block around says. */
function isInScope(owner: ts.Node, construct: ts.Node, name: string): boolean {
  const t = compiler()
  if (name.startsWith('this')) return classOf(owner) === classOf(construct) && !isReassigned(construct)
  if (!t.isIdentifier(owner)) return true
  const declared = declarationOf(owner)
  if (declared === undefined || isReassigned(construct)) return false
  // Declared apart from where it is made: `let web; if (x) web = new Deployment(…)`.
  return isInside(construct, declared) || declarationOf(compilerName(construct) ?? owner) === declared
}

/** The identifier that the construct is assigned to. */
function compilerName(construct: ts.Node): ts.Identifier | undefined {
  const t = compiler()
  const { parent } = construct
  return t.isBinaryExpression(parent) && t.isIdentifier(parent.left) ? parent.left : undefined
}

/** The name that the construct has is given to something else too, so that a call by it may mean either. */
function isReassigned(construct: ts.Node): boolean {
  const t = compiler()
  const named = nameOfConstruct(construct)
  if (named === undefined || named.text === 'this') return false
  const own = compilerName(construct)
  const initial = own === undefined ? undefined : declarationOf(own)?.initializer
  if (initial !== undefined && initial.kind !== t.SyntaxKind.NullKeyword && initial.getText() !== 'undefined') return true
  return [...descendants(construct.getSourceFile())].some(
    (node) =>
      t.isBinaryExpression(node) &&
      node.operatorToken.kind === t.SyntaxKind.EqualsToken &&
      node.left.getText() === named.text &&
      !isInside(construct, node.right) &&
      (named.text.startsWith('this') ? classOf(node) === classOf(construct) : isSameVariable(node.left, construct)),
  )
}

function isSameVariable(name: ts.Node, construct: ts.Node): boolean {
  const t = compiler()
  if (!t.isIdentifier(name)) return true
  const declared = declarationOf(name)
  const own = compilerName(construct)
  return declared === undefined || isInside(construct, declared) || (own !== undefined && declarationOf(own) === declared)
}

function classOf(node: ts.Node): ts.Node | undefined {
  let at: ts.Node | undefined = node
  while (at !== undefined && !compiler().isClassLike(at)) at = at.parent
  return at
}

function isInside(node: ts.Node, scope: ts.Node): boolean {
  return node.getStart() >= scope.getStart() && node.end <= scope.end
}

/**
 * Whether some JSON patch of the file may be of any workload: its owner is a parameter, or comes from elsewhere. Those of
 * other constructs of the file are known not to be.
 */
export function hasUnknownPatch(file: ts.SourceFile, workloads: readonly ts.Node[]): boolean {
  const t = compiler()
  return [...descendants(file)].some((node) => {
    if (!t.isCallExpression(node) || !t.isPropertyAccessExpression(node.expression) || node.expression.name.text !== 'addJsonPatch') return false
    const owner = node.expression.expression
    return !workloads.some((construct) => isConstruct(owner, construct)) && !isOtherConstruct(owner, file)
  })
}

/** Made by `new` in this file, and no workload. */
function isOtherConstruct(expression: ts.Expression, file: ts.SourceFile): boolean {
  const t = compiler()
  return [...descendants(file)].some((node) => t.isNewExpression(node) && isConstruct(expression, node))
}

/** Whether the construct is given to code that may add to it: a function, or whoever calls this one. */
export function escapes(file: ts.SourceFile, construct: ts.Node): boolean {
  const t = compiler()
  const { parent } = construct
  if (t.isReturnStatement(parent) || t.isArrowFunction(parent)) return true
  if (t.isCallExpression(parent) && !isLookup(parent)) return true
  if (isReassigned(construct)) return true
  const named = nameOfConstruct(construct)
  if (named === undefined || named.text === 'this') return false
  return [...descendants(file)].some((node) => {
    if (node.getText() !== named.text || !(t.isIdentifier(node) || t.isPropertyAccessExpression(node)) || !isInScope(node, construct, named.text)) return false
    const user = node.parent
    if (t.isReturnStatement(user) && user.expression === node) return true
    return t.isCallExpression(user) && user.expression !== node && !isLookup(user)
  })
}

/** `ApiObject.of(x)`, `IngressBackend.fromService(x)`: they look, and add nothing. */
function isLookup(call: ts.CallExpression): boolean {
  const t = compiler()
  return t.isPropertyAccessExpression(call.expression) && /^(?:of|from[A-Z]\w*|addRule|addDependency|allow[A-Z]\w*|push)$/.test(call.expression.name.text)
}

/** The object with the patches, and where they set something; undefined where one of them cannot be read. */
export function patched(root: Node, calls: readonly ts.CallExpression[]): { readonly root: Node; readonly paths: readonly Path[] } | undefined {
  const t = compiler()
  let now = root
  const paths: Path[] = []
  for (const call of calls)
    for (const argument of call.arguments) {
      const made = bare(argument)
      if (!t.isCallExpression(made) || !t.isPropertyAccessExpression(made.expression)) return undefined
      const operation = made.expression.name.text
      const [where, what] = made.arguments
      if (where === undefined || !t.isStringLiteralLike(where)) return undefined
      const path = where.text
        .split('/')
        .slice(1)
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
        .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
      if (operation === 'test') continue
      // What stands behind in the list gets another index.
      if (typeof path.at(-1) === 'number' && operation !== 'replace') return undefined
      const json = what === undefined ? undefined : toJson(nodeOf(what, false))
      if (operation !== 'remove' && json === undefined) return undefined
      const isEnd = path.at(-1) === '-'
      const change =
        operation === 'remove'
          ? ({ op: 'remove', path } as const)
          : operation === 'add' && isEnd
            ? ({ op: 'append', path: path.slice(0, -1), value: json as Json } as const)
            : operation === 'add' || operation === 'replace'
              ? ({ op: 'set', path, value: json as Json } as const)
              : undefined
      const applied = change === undefined ? undefined : applyChange(now, change)
      if (applied?.root === undefined) return undefined
      const list = isEnd ? nodeAt(now, path.slice(0, -1)) : undefined
      paths.push(isEnd ? [...path.slice(0, -1), list?.is === 'list' ? list.items.length : 0] : path)
      now = applied.root
    }
  return { root: now, paths }
}

/** A statement behind the one that makes the construct. Undefined where a name it needs means something else here. */
export function patchStatement(
  file: ts.SourceFile,
  statement: ts.Statement,
  construct: string,
  isApiObject: boolean,
  patches: readonly { readonly path: string; readonly value: Json }[],
  names: Names,
): Edit | undefined {
  const { newline, unit, semicolon, trailingComma } = styleOf(file)
  const style = styleOf(file)
  const [patch, object] = [names.say('cdk8s', '', 'JsonPatch'), isApiObject ? '' : names.say('cdk8s', '', 'ApiObject')]
  if (patch === undefined || object === undefined) return undefined
  const indent = indentAt(file.text, statement.getStart())
  const owner = isApiObject ? construct : `${object}.of(${construct})`
  const lines = patches.map(({ path, value }) => `${indent}${unit}${patch}.add(${quoted(path, style)}, ${inline(value, style)})`)
  const text = `${newline}${indent}${owner}.addJsonPatch(${newline}${lines.join(`,${newline}`)}${trailingComma ? ',' : ''}${newline}${indent})${semicolon}`
  // A comment on the statement's last line stays there.
  const rest = /^[ \t]*(?:\/\/[^\r\n]*)?(?=\r?\n|$)/.exec(file.text.slice(statement.end))?.[0] ?? ''
  const at = statement.end + rest.length
  return { start: at, end: at, text }
}

function inline(value: Json, style: { readonly quote: "'" | '"' }): string {
  if (typeof value === 'string') return quoted(value, style)
  if (Array.isArray(value)) return `[${value.map((item: Json) => inline(item, style)).join(', ')}]`
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value as Record<string, Json>)
      .map(([key, one]) => `${key}: ${inline(one, style)}`)
      .join(', ')} }`
  return String(value)
}
