/** Expressions as nodes: what a literal says is known, what is computed is there and unreadable. */
import type { ts } from 'ts-morph'
import type { Entry, Node, Place } from '../../types.ts'
import { literalOf } from './hops.ts'
import { compiler, nameOf, valueOf } from './syntax.ts'

/** Names of generated classes that differ from those of Kubernetes. */
export const RENAMED: ReadonlyMap<string, string> = new Map([
  ['hostPid', 'hostPID'],
  ['hostIpc', 'hostIPC'],
  ['hostIp', 'hostIP'],
  ['setHostnameAsFqdn', 'setHostnameAsFQDN'],
  ['procMount', 'procMount'],
])

export function placeOf(node: ts.Node): Place {
  return { file: node.getSourceFile().fileName, span: { start: node.getStart(), end: node.end } }
}

export function opaque(node: ts.Node): Node {
  return { is: 'opaque', why: 'expression', text: node.getText(), at: placeOf(node) }
}

/** `renamed`: keys go by their Kubernetes names. `key`: the member that it is the value of. */
export function nodeOf(expression: ts.Expression, renamed: boolean, key = '', depth = 40): Node {
  const t = compiler()
  const { to: node, grows } = literalOf(expression)
  if (depth === 0) return opaque(node)
  const at = placeOf(node)
  if (t.isObjectLiteralExpression(node)) return mapOf(node, renamed, depth)
  if (t.isArrayLiteralExpression(node)) {
    const items = node.elements.filter((element) => !t.isSpreadElement(element) && !t.isOmittedExpression(element))
    const read = items.map((item) => nodeOf(item, renamed, key, depth - 1))
    // A container that cannot be read is one more that the pod has.
    const isUnread = /^(?:initC|c)ontainers$/.test(key) && read.some((item) => item.is !== 'map')
    return { is: 'list', items: read, open: items.length < node.elements.length || grows === true || isUnread, at }
  }
  if (t.isStringLiteralLike(node)) return { is: 'value', value: node.text, raw: node.getText(), quoted: true, at }
  if (t.isNumericLiteral(node)) return { is: 'value', value: Number(node.text), raw: node.getText(), at }
  if (t.isPrefixUnaryExpression(node) && node.operator === t.SyntaxKind.MinusToken && t.isNumericLiteral(node.operand))
    return { is: 'value', value: -Number(node.operand.text), raw: node.getText(), at }
  if (node.kind === t.SyntaxKind.TrueKeyword || node.kind === t.SyntaxKind.FalseKeyword)
    return { is: 'value', value: node.kind === t.SyntaxKind.TrueKeyword, raw: node.getText(), at }
  if (node.kind === t.SyntaxKind.NullKeyword || (t.isIdentifier(node) && node.text === 'undefined')) return { is: 'value', value: null, raw: node.getText(), at }
  // The name of an image says something though its tag is filled in.
  if (key === 'image' && t.isTemplateExpression(node)) return { is: 'value', value: templateText(node), raw: node.getText(), quoted: true, at }
  if (t.isPropertyAccessExpression(node) && /SeccompProfileType$/.test(node.expression.getText())) {
    const profile = PROFILES[node.name.text]
    if (profile !== undefined) return { is: 'value', value: profile, raw: node.getText(), quoted: true, at }
  }
  const wrapped = wrappedLiteral(node)
  return wrapped === undefined ? opaque(node) : nodeOf(wrapped, renamed, key, depth - 1)
}

/** Members of the enums that some generated files have. */
const PROFILES: Readonly<Record<string, string>> = { RUNTIME_DEFAULT: 'RuntimeDefault', LOCALHOST: 'Localhost', UNCONFINED: 'Unconfined' }

/** `IntOrString.fromNumber(80)`, `k8s.Quantity.fromString('1Gi')`. */
function wrappedLiteral(node: ts.Expression): ts.Expression | undefined {
  const t = compiler()
  if (!t.isCallExpression(node) || !t.isPropertyAccessExpression(node.expression) || !/^from(?:Number|String)$/.test(node.expression.name.text)) return undefined
  const [only, more] = node.arguments
  return only !== undefined && more === undefined && (t.isStringLiteralLike(only) || t.isNumericLiteral(only)) ? only : undefined
}

/** What is filled in stays as `${name}`, except a constant that can be read. */
export function templateText(node: ts.TemplateExpression): string {
  const t = compiler()
  return node.templateSpans.reduce((text, { expression, literal }) => {
    const { to } = literalOf(expression)
    return `${text}${t.isStringLiteralLike(to) || t.isNumericLiteral(to) ? to.text : `\${${t.isIdentifier(to) ? to.text : 'VALUE'}}`}${literal.text}`
  }, node.head.text)
}

function mapOf(node: ts.ObjectLiteralExpression, renamed: boolean, depth: number): Node {
  const t = compiler()
  const entries = new Map<string, Entry>()
  let open = false
  for (const property of node.properties) {
    if (t.isSpreadAssignment(property)) {
      const keys = keysOf(property.expression)
      if (keys === undefined) open = true
      else for (const key of keys) entries.set(key, { node: opaque(property) })
      // What stands before an unknown spread may be replaced by it.
      if (keys === undefined) for (const [key, { node: old }] of [...entries]) if (old.is !== 'opaque') entries.set(key, { node: opaque(property) })
      continue
    }
    const name = nameOf(property)
    const value = valueOf(property)
    if (name === undefined) {
      open = true
      continue
    }
    const key = renamed ? (RENAMED.get(name) ?? name) : name
    const read = value === undefined ? opaque(property) : nodeOf(value, renamed, key, depth - 1)
    entries.set(key, { key: placeOf(property.name ?? property), node: withComment(read, property) })
  }
  for (const [key, { node: value }] of entries) if (value.is === 'value' && value.raw === 'undefined') entries.delete(key)
  return { is: 'map', entries, open, at: placeOf(node) }
}

/** A comment on the line of a value says why it is so. */
export function withComment(node: Node, property: ts.Node): Node {
  if (node.is !== 'value') return node
  const comment = /^[ \t]*,?[ \t]*(?:\/\/([^\r\n]*)|\/\*((?:[^*]|\*(?!\/))*)\*\/)/.exec(property.getSourceFile().text.slice(property.end))
  return comment === null ? node : { ...node, comment: (comment[1] ?? comment[2] ?? '').trim() }
}

/** Keys that a spread can bring: of a literal, or of both sides of a condition. Undefined: any. */
export function keysOf(expression: ts.Expression): readonly string[] | undefined {
  const t = compiler()
  const { to: node } = literalOf(expression)
  if (t.isObjectLiteralExpression(node)) {
    const keys: string[] = []
    for (const property of node.properties) {
      const more = t.isSpreadAssignment(property) ? keysOf(property.expression) : undefined
      const name = nameOf(property)
      if (name !== undefined) keys.push(name)
      else if (more !== undefined) keys.push(...more)
      else return undefined
    }
    return keys
  }
  if (t.isConditionalExpression(node)) {
    const [yes, no] = [keysOf(node.whenTrue), keysOf(node.whenFalse)]
    return yes === undefined || no === undefined ? undefined : [...yes, ...no]
  }
  if (t.isBinaryExpression(node) && (node.operatorToken.kind === t.SyntaxKind.AmpersandAmpersandToken || node.operatorToken.kind === t.SyntaxKind.QuestionQuestionToken)) {
    return node.operatorToken.kind === t.SyntaxKind.AmpersandAmpersandToken ? keysOf(node.right) : undefined
  }
  if (node.kind === t.SyntaxKind.NullKeyword || (t.isIdentifier(node) && node.text === 'undefined')) return []
  return undefined
}

/** A literal of the wanted kind, directly or by a hop. */
export function objectOf(expression: ts.Expression | undefined): { readonly object: ts.ObjectLiteralExpression; readonly shared: boolean } | undefined {
  if (expression === undefined) return undefined
  const { to, shared, fixed } = literalOf(expression)
  return compiler().isObjectLiteralExpression(to) ? { object: to, shared: shared || fixed === true } : undefined
}
