/** One step from a name or a call to the literal that it stands for, in the same file. */
import type { ts } from 'ts-morph'
import { bare, compiler, descendants } from './syntax.ts'

export interface Hop {
  readonly to: ts.Expression
  /** Others use it too: it may be read, and not be changed for one of them. */
  readonly shared: boolean
  /** Items are added to the list later. */
  readonly grows?: boolean
}

/** Undefined where it cannot be followed: a parameter, an import, a variable that is set again. */
export function hop(from: ts.Expression): Hop | undefined {
  const t = compiler()
  const node = bare(from)
  if (t.isIdentifier(node)) return variable(node)
  if (t.isCallExpression(node) && t.isIdentifier(node.expression)) return callee(node.expression)
  return undefined
}

/** The literal itself, or the one that a hop leads to. */
export function literalOf(from: ts.Expression): Hop {
  const t = compiler()
  const node = bare(from)
  if (!t.isIdentifier(node) && !t.isCallExpression(node)) return { to: node, shared: false }
  const found = hop(node)
  return found === undefined ? { to: node, shared: false } : { ...found, to: bare(found.to) }
}

function variable(name: ts.Identifier): Hop | undefined {
  const t = compiler()
  const declaration = declarationOf(name)
  if (declaration?.initializer === undefined) return undefined
  const isExported = t.isVariableStatement(declaration.parent.parent) && declaration.parent.parent.modifiers?.some(({ kind }) => kind === t.SyntaxKind.ExportKeyword) === true
  const uses = usesOf(name.getSourceFile(), name.text)
  if (uses.some(isAssigned)) return undefined
  const others = uses.filter((use) => !isGrown(use))
  return { to: declaration.initializer, shared: isExported || others.length > 1, ...(others.length < uses.length ? { grows: true } : {}) }
}

/** The variable of that name in the nearest block around; undefined where something else of that name is nearer. */
export function declarationOf(name: ts.Identifier): ts.VariableDeclaration | undefined {
  const t = compiler()
  for (let at: ts.Node | undefined = name.parent; at !== undefined; at = at.parent) {
    if (t.isFunctionLike(at) && at.parameters.some((parameter) => parameter.name.getText() === name.text || !t.isIdentifier(parameter.name))) return undefined
    if (!t.isBlock(at) && !t.isSourceFile(at) && !t.isModuleBlock(at) && !t.isCaseClause(at)) continue
    for (const statement of at.statements) {
      if (!t.isVariableStatement(statement)) continue
      const found = statement.declarationList.declarations.find((declaration) => t.isIdentifier(declaration.name) && declaration.name.text === name.text)
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** A function of the file whose body is a literal, called once. */
function callee(name: ts.Identifier): Hop | undefined {
  const t = compiler()
  const file = name.getSourceFile()
  const declared = file.statements.find((statement): statement is ts.FunctionDeclaration => t.isFunctionDeclaration(statement) && statement.name?.text === name.text)
  const arrow = declared === undefined ? declarationOf(name)?.initializer : undefined
  const body = declared?.body ?? (arrow !== undefined && (t.isArrowFunction(arrow) || t.isFunctionExpression(arrow)) ? arrow.body : undefined)
  if (body === undefined) return undefined
  const shared = usesOf(file, name.text).length > 1 || declared?.modifiers?.some(({ kind }) => kind === t.SyntaxKind.ExportKeyword) === true
  if (!t.isBlock(body)) return { to: body, shared }
  const returns = [...descendants(body)].filter((node): node is ts.ReturnStatement => t.isReturnStatement(node))
  const [only, ...more] = returns
  return only?.expression === undefined || more.length > 0 || only.parent !== body ? undefined : { to: only.expression, shared }
}

const usesByFile = new WeakMap<ts.SourceFile, ReadonlyMap<string, readonly ts.Identifier[]>>()

/** Where a name is used as a value, not declared and not as a member's name. */
function usesOf(file: ts.SourceFile, name: string): readonly ts.Identifier[] {
  const t = compiler()
  let uses = usesByFile.get(file)
  if (uses === undefined) {
    const found = new Map<string, ts.Identifier[]>()
    for (const node of descendants(file)) {
      if (!t.isIdentifier(node)) continue
      const { parent } = node
      if ((t.isVariableDeclaration(parent) || t.isFunctionDeclaration(parent) || t.isParameter(parent)) && parent.name === node) continue
      if ((t.isPropertyAccessExpression(parent) || t.isPropertyAssignment(parent)) && parent.name === node) continue
      const list = found.get(node.text)
      if (list === undefined) found.set(node.text, [node])
      else list.push(node)
    }
    uses = found
    usesByFile.set(file, uses)
  }
  return uses.get(name) ?? []
}

function isAssigned(use: ts.Identifier): boolean {
  const t = compiler()
  const { parent } = use
  if (t.isBinaryExpression(parent) && parent.left === use && parent.operatorToken.kind >= t.SyntaxKind.FirstAssignment && parent.operatorToken.kind <= t.SyntaxKind.LastAssignment)
    return true
  // `object.key = …` and `list.sort()` change what the literal says.
  if (t.isPropertyAccessExpression(parent) && parent.expression === use) {
    const { parent: outer } = parent
    if (t.isCallExpression(outer) && outer.expression === parent && /^(?:splice|pop|shift|reverse|sort|fill)$/.test(parent.name.text)) return true
    return (
      t.isBinaryExpression(outer) && outer.left === parent && outer.operatorToken.kind >= t.SyntaxKind.FirstAssignment && outer.operatorToken.kind <= t.SyntaxKind.LastAssignment
    )
  }
  return false
}

/** `list.push(…)`. */
function isGrown(use: ts.Identifier): boolean {
  const t = compiler()
  const { parent } = use
  return (
    t.isPropertyAccessExpression(parent) &&
    parent.expression === use &&
    /^(?:push|unshift)$/.test(parent.name.text) &&
    t.isCallExpression(parent.parent) &&
    parent.parent.expression === parent
  )
}
