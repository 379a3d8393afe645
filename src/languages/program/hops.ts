/** One step from a name or a call to the literal that it stands for, in the same file. */
import type { ts } from 'ts-morph'
import { bare, compiler, descendants, wrapped } from './syntax.ts'

export interface Hop {
  readonly to: ts.Expression
  /** Others use it too: it may be read, and not be changed for one of them. */
  readonly shared: boolean
  /** Items are added to the list later. */
  readonly grows?: boolean
  /** Its type has no place for another member. */
  readonly fixed?: boolean
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
  const fixed = isConst(from)
  if (!t.isIdentifier(node) && !t.isCallExpression(node)) return { to: node, shared: false, ...(fixed ? { fixed } : {}) }
  const found = hop(node)
  if (found === undefined) return { to: node, shared: false }
  return { ...found, to: bare(found.to), ...(found.fixed === true || isConst(found.to) ? { fixed: true } : {}) }
}

/** `as const` somewhere around it: its lists are readonly, which props do not take. */
function isConst(expression: ts.Expression): boolean {
  const t = compiler()
  for (let node = expression; ; node = node.expression) {
    if (t.isAsExpression(node) && t.isTypeReferenceNode(node.type) && node.type.getText() === 'const') return true
    if (!(t.isParenthesizedExpression(node) || t.isAsExpression(node) || t.isSatisfiesExpression(node) || t.isNonNullExpression(node))) return false
  }
}

function variable(name: ts.Identifier): Hop | undefined {
  const t = compiler()
  const declaration = declarationOf(name)
  if (declaration?.initializer === undefined) return undefined
  const isExported = t.isVariableStatement(declaration.parent.parent) && declaration.parent.parent.modifiers?.some(({ kind }) => kind === t.SyntaxKind.ExportKeyword) === true
  const uses = usesOf(name.getSourceFile(), name.text)
  const literal = bare(declaration.initializer)
  const isObject = t.isObjectLiteralExpression(literal) || t.isArrayLiteralExpression(literal)
  if (uses.some((use) => isAssigned(use) || (isObject && !isPlainUse(use) && !isGrown(use)))) return undefined
  const others = uses.filter((use) => !isGrown(use))
  return {
    to: declaration.initializer,
    shared: isExported || others.length > 1,
    ...(others.length < uses.length ? { grows: true } : {}),
    ...(declaration.type !== undefined && isLocalType(declaration.type) ? { fixed: true } : {}),
  }
}

/** A type that is written or declared in this file may have no place for more; one of Kubernetes has. */
function isLocalType(type: ts.TypeNode): boolean {
  const t = compiler()
  const inner = t.isArrayTypeNode(type) ? type.elementType : type
  if (inner.kind === t.SyntaxKind.AnyKeyword) return false
  if (!t.isTypeReferenceNode(inner)) return true
  const name = inner.typeName.getText()
  return name.includes('.')
    ? false
    : inner
        .getSourceFile()
        .statements.some(
          (statement) => (t.isInterfaceDeclaration(statement) || t.isTypeAliasDeclaration(statement) || t.isClassDeclaration(statement)) && statement.name?.text === name,
        )
}

/** The longest chain of members that begins with the name: `(web as any).spec['template']`. */
function chainOf(use: ts.Identifier): ts.Node {
  const t = compiler()
  let node = wrapped(use)
  while ((t.isPropertyAccessExpression(node.parent) || t.isElementAccessExpression(node.parent)) && node.parent.expression === node) node = wrapped(node.parent)
  return node
}

/** Only looked at: a member or an item of another literal, what a constructor or `addContainer` is given, a part of a text. */
function isPlainUse(use: ts.Identifier): boolean {
  const t = compiler()
  const node = wrapped(use)
  const { parent } = node
  if (t.isPropertyAssignment(parent) || t.isShorthandPropertyAssignment(parent) || t.isArrayLiteralExpression(parent) || t.isSpreadElement(parent) || t.isSpreadAssignment(parent))
    return true
  if (t.isNewExpression(parent) || t.isTemplateSpan(parent) || t.isReturnStatement(parent)) return true
  if (t.isCallExpression(parent) && parent.expression !== node)
    return parent.expression.kind === t.SyntaxKind.SuperKeyword || (t.isPropertyAccessExpression(parent.expression) && /^add(?:Init)?Container$/.test(parent.expression.name.text))
  // A member that is read, and neither called nor given away; written ones are assigned.
  const chain = chainOf(use)
  return chain !== node && !t.isCallExpression(chain.parent)
}

/** The variable of that name in the nearest block around; undefined where something else of that name is nearer. */
export function declarationOf(name: ts.Identifier): ts.VariableDeclaration | undefined {
  const t = compiler()
  for (let at: ts.Node | undefined = name.parent; at !== undefined; at = at.parent) {
    if (t.isFunctionLike(at) && at.parameters.some((parameter) => binds(parameter.name, name.text))) return undefined
    if (
      (t.isForOfStatement(at) || t.isForInStatement(at) || t.isForStatement(at)) &&
      at.initializer !== undefined &&
      t.isVariableDeclarationList(at.initializer) &&
      at.initializer.declarations.some((one) => binds(one.name, name.text))
    )
      return undefined
    if (t.isCatchClause(at) && at.variableDeclaration !== undefined && binds(at.variableDeclaration.name, name.text)) return undefined
    if (!t.isBlock(at) && !t.isSourceFile(at) && !t.isModuleBlock(at) && !t.isCaseClause(at)) continue
    for (const statement of at.statements) {
      if ((t.isFunctionDeclaration(statement) || t.isClassDeclaration(statement) || t.isEnumDeclaration(statement)) && statement.name?.text === name.text) return undefined
      if (!t.isVariableStatement(statement)) continue
      const found = statement.declarationList.declarations.find((declaration) => binds(declaration.name, name.text))
      if (found !== undefined) return t.isIdentifier(found.name) ? found : undefined
    }
  }
  return undefined
}

function binds(binding: ts.BindingName, name: string): boolean {
  const t = compiler()
  if (t.isIdentifier(binding)) return binding.text === name
  return binding.elements.some((element) => t.isBindingElement(element) && binds(element.name, name))
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

/** The name, or a member of what it names, is written: `web = …`, `(web as any).spec['x'] = …`, `delete web.spec`, `list.sort()`. */
function isAssigned(use: ts.Identifier): boolean {
  const t = compiler()
  const chain = chainOf(use)
  const { parent } = chain
  if (t.isBinaryExpression(parent))
    return parent.left === chain && parent.operatorToken.kind >= t.SyntaxKind.FirstAssignment && parent.operatorToken.kind <= t.SyntaxKind.LastAssignment
  if (t.isPrefixUnaryExpression(parent) || t.isPostfixUnaryExpression(parent))
    return parent.operator === t.SyntaxKind.PlusPlusToken || parent.operator === t.SyntaxKind.MinusMinusToken
  if (t.isDeleteExpression(parent)) return true
  return t.isCallExpression(parent) && parent.expression === chain && t.isPropertyAccessExpression(chain) && /^(?:splice|pop|shift|reverse|sort|fill)$/.test(chain.name.text)
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
