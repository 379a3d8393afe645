/** What the names of a file are imported as. Only specifiers decide: no types, no other file. */
import type { ts } from 'ts-morph'
import { compiler } from './syntax.ts'

export interface Imported {
  readonly module: string
  /** The exported name; `*` for the module as a whole. */
  readonly name: string
}

export class Imports {
  readonly #names = new Map<string, Imported>()
  /** Erased before anything runs. */
  readonly #types = new Set<string>()
  readonly declarations: readonly ts.ImportDeclaration[]

  constructor(file: ts.SourceFile) {
    const t = compiler()
    this.declarations = file.statements.filter((statement): statement is ts.ImportDeclaration => t.isImportDeclaration(statement))
    for (const { moduleSpecifier, importClause } of this.declarations) {
      if (!t.isStringLiteralLike(moduleSpecifier) || importClause === undefined) continue
      const module = moduleSpecifier.text
      const isType = isTypeOnly(importClause)
      const add = (local: string, name: string, onlyType: boolean): void => {
        this.#names.set(local, { module, name })
        if (onlyType) this.#types.add(local)
      }
      if (importClause.name !== undefined) add(importClause.name.text, 'default', isType)
      const bindings = importClause.namedBindings
      if (bindings === undefined) continue
      if (t.isNamespaceImport(bindings)) add(bindings.name.text, '*', isType)
      else for (const { name, propertyName, isTypeOnly: own } of bindings.elements) add(name.text, (propertyName ?? name).text, isType || own)
    }
    for (const statement of file.statements)
      if (t.isImportEqualsDeclaration(statement) && t.isExternalModuleReference(statement.moduleReference) && t.isStringLiteralLike(statement.moduleReference.expression))
        this.#names.set(statement.name.text, { module: statement.moduleReference.expression.text, name: '*' })
  }

  of(local: string): Imported | undefined {
    return this.#names.get(local)
  }

  /** The local name of an export, where it is imported by itself and as a value. */
  localOf(module: string, name: string): string | undefined {
    for (const [local, imported] of this.#names) if (imported.module === module && imported.name === name && !this.#types.has(local)) return local
    return undefined
  }

  /** `Deployment`, `kplus.Deployment`, `kplus.k8s.KubeDeployment`; the part `k8s` of cdk8s-plus is a module of its own: `cdk8s-plus-33#k8s`. */
  resolve(expression: ts.Expression): Imported | undefined {
    const t = compiler()
    if (t.isIdentifier(expression)) {
      const imported = this.of(expression.text)
      return imported?.name === 'k8s' && isPlus(imported.module) ? { module: `${imported.module}#k8s`, name: '*' } : imported
    }
    if (!t.isPropertyAccessExpression(expression)) return undefined
    const owner = this.resolve(expression.expression)
    if (owner?.name !== '*' && owner?.name !== 'default') return undefined
    const name = expression.name.text
    return name === 'k8s' && isPlus(owner.module) ? { module: `${owner.module}#k8s`, name: '*' } : { module: owner.module, name }
  }
}

export function isTypeOnly(clause: ts.ImportClause): boolean {
  return (clause as { readonly isTypeOnly?: boolean }).isTypeOnly === true || (clause as { readonly phaseModifier?: number }).phaseModifier === compiler().SyntaxKind.TypeKeyword
}

export function isPlus(module: string): boolean {
  return /^cdk8s-plus(?:-\d+)?$/.test(module)
}
