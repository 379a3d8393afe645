/** `addJsonPatch` calls of a construct: what they change, and how a new one is written. */
import type { ts } from 'ts-morph'
import { applyChange } from '../../tree.ts'
import type { Edit, Json, Node } from '../../types.ts'
import { toJson } from '../../tree.ts'
import type { Names } from './names.ts'
import { nodeOf } from './read.ts'
import { indentAt, styleOf } from './style.ts'
import { quoted } from './literals.ts'
import { bare, compiler, descendants } from './syntax.ts'

/** How the program calls the construct later: `web`, `this.web`; with the statement that names it. */
export function nameOfConstruct(call: ts.Node): { readonly text: string; readonly statement: ts.Statement | undefined } | undefined {
  const t = compiler()
  if (t.isCallExpression(call)) return t.isExpressionStatement(call.parent) ? { text: 'this', statement: call.parent } : undefined
  const { parent } = call
  if (t.isVariableDeclaration(parent) && parent.initializer === call && t.isIdentifier(parent.name)) {
    const statement = parent.parent.parent
    return { text: parent.name.text, statement: t.isVariableStatement(statement) ? statement : undefined }
  }
  if (t.isBinaryExpression(parent) && parent.right === call && parent.operatorToken.kind === t.SyntaxKind.EqualsToken)
    return { text: parent.left.getText(), statement: t.isExpressionStatement(parent.parent) ? parent.parent : undefined }
  return undefined
}

/** Calls of a method of the construct, in the order of the text. */
export function callsOf(file: ts.SourceFile, name: string, method: RegExp, within: ts.Node): readonly ts.CallExpression[] {
  const t = compiler()
  const scope = scopeOf(within)
  return [...descendants(file)].filter((node): node is ts.CallExpression => {
    if (!t.isCallExpression(node) || !t.isPropertyAccessExpression(node.expression) || !method.test(node.expression.name.text)) return false
    const owner = bare(node.expression.expression)
    const of = t.isCallExpression(owner) && t.isPropertyAccessExpression(owner.expression) && owner.expression.name.text === 'of' ? owner.arguments[0] : owner
    return of?.getText() === name && (name.startsWith('this') || scopeOf(node) === scope || isInside(node, scope))
  })
}

function scopeOf(node: ts.Node): ts.Node {
  const t = compiler()
  let at = node.parent
  while (at.parent !== undefined && !t.isBlock(at) && !t.isSourceFile(at)) at = at.parent
  return at
}

function isInside(node: ts.Node, scope: ts.Node): boolean {
  return node.getStart() >= scope.getStart() && node.end <= scope.end
}

/** The object with the patches; undefined where one of them cannot be read. */
export function patched(root: Node, calls: readonly ts.CallExpression[]): Node | undefined {
  const t = compiler()
  let now = root
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
      now = applied.root
    }
  return now
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
