/**
 * TypeScript text to syntax, without types: the only door to ts-morph, whose compiler is loaded when the first program
 * is read. `typescript` itself has had no parser to call since its version 7.
 */
import { createRequire } from 'node:module'
import type { ts } from 'ts-morph'
import type { Comment } from '../../types.ts'

export type Ast = typeof ts

let loaded: Ast | undefined

export function compiler(): Ast {
  loaded ??= (createRequire(import.meta.url)('ts-morph') as { ts: Ast }).ts
  return loaded
}

export interface Program {
  readonly file: ts.SourceFile
  /** The first syntax error. */
  readonly error: { readonly at: number; readonly message: string } | undefined
}

const parsed = new Map<string, Program>()
const KEPT = 8

/** A text is asked for several times in a row: located, lowered, located again. */
export function parseProgram(path: string, text: string): Program {
  const key = `${path}\u0000${text}`
  const known = parsed.get(key)
  if (known !== undefined) return known
  const kind = /\.tsx$/i.test(path) ? compiler().ScriptKind.TSX : compiler().ScriptKind.TS
  const file = compiler().createSourceFile(path, text, compiler().ScriptTarget.Latest, true, kind)
  const [first] = (file as unknown as { readonly parseDiagnostics: readonly ts.DiagnosticWithLocation[] }).parseDiagnostics
  const error = first === undefined ? undefined : { at: first.start, message: compiler().flattenDiagnosticMessageText(first.messageText, ' ') }
  const program = { file, error }
  parsed.set(key, program)
  for (const old of [...parsed.keys()].slice(0, -KEPT)) parsed.delete(old)
  return program
}

/** Without what only speaks to the compiler: parentheses, `as`, `satisfies`, `!`. */
export function bare(node: ts.Expression): ts.Expression {
  const t = compiler()
  let now = node
  while (t.isParenthesizedExpression(now) || t.isAsExpression(now) || t.isSatisfiesExpression(now) || t.isNonNullExpression(now) || t.isTypeAssertionExpression(now))
    now = now.expression
  return now
}

/** The name of a member of an object literal; undefined for a computed one. */
export function nameOf(property: ts.ObjectLiteralElementLike): string | undefined {
  const t = compiler()
  const { name } = property
  if (name === undefined) return undefined
  if (t.isIdentifier(name) || t.isStringLiteralLike(name) || t.isNumericLiteral(name)) return name.text
  return t.isComputedPropertyName(name) && t.isStringLiteralLike(name.expression) ? name.expression.text : undefined
}

/** The value of a member: that of a shorthand is its name. */
export function valueOf(property: ts.ObjectLiteralElementLike): ts.Expression | undefined {
  const t = compiler()
  if (t.isPropertyAssignment(property)) return property.initializer
  return t.isShorthandPropertyAssignment(property) ? property.name : undefined
}

/** The last member of that name, which is the one that counts. */
export function member(object: ts.ObjectLiteralExpression, name: string): ts.ObjectLiteralElementLike | undefined {
  return object.properties.findLast((property) => nameOf(property) === name)
}

/** Every node below, in the order of the text. */
export function* descendants(node: ts.Node): Generator<ts.Node> {
  const children: ts.Node[] = []
  compiler().forEachChild(node, (child) => {
    children.push(child)
  })
  for (const child of children) {
    yield child
    yield* descendants(child)
  }
}

const commentsOf = new WeakMap<ts.SourceFile, readonly Comment[]>()

/** Every comment of the file. */
export function comments(file: ts.SourceFile): readonly Comment[] {
  const known = commentsOf.get(file)
  if (known !== undefined) return known
  const t = compiler()
  const { text, fileName } = file
  const found = new Map<number, Comment>()
  const take = (ranges: readonly ts.CommentRange[] | undefined): void => {
    for (const { pos, end } of ranges ?? []) {
      const before = text.slice(text.lastIndexOf('\n', pos - 1) + 1, pos)
      found.set(pos, { at: { file: fileName, span: { start: pos, end } }, text: text.slice(pos, end), inline: before.trim() !== '' })
    }
  }
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(file)
    if (children.length === 0) {
      take(t.getLeadingCommentRanges(text, node.pos))
      take(t.getTrailingCommentRanges(text, node.end))
    }
    for (const child of children) visit(child)
  }
  visit(file)
  const list = [...found.values()].sort((a, b) => a.at.span.start - b.at.span.start)
  commentsOf.set(file, list)
  return list
}

/** The expression with the parentheses and types around it. */
export function wrapped(expression: ts.Node): ts.Node {
  const t = compiler()
  let node = expression
  while (t.isParenthesizedExpression(node.parent) || t.isAsExpression(node.parent) || t.isSatisfiesExpression(node.parent) || t.isNonNullExpression(node.parent)) node = node.parent
  return node
}
