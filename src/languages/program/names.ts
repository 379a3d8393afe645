/** Names of a module in the text: with the prefix of its namespace, or imported one by one. */
import type { ts } from 'ts-morph'
import type { Edit } from '../../types.ts'
import { type Imports, isTypeOnly } from './imports.ts'
import { indentAt, styleOf } from './style.ts'
import { compiler, descendants } from './syntax.ts'

export class Names {
  readonly #file: ts.SourceFile
  readonly #imports: Imports
  /** module → names to be imported. */
  readonly #wanted = new Map<string, Set<string>>()

  constructor(file: ts.SourceFile, imports: Imports) {
    this.#file = file
    this.#imports = imports
  }

  /** How the text says it; undefined where the name means something else in this file. */
  say(module: string, prefix: string, name: string): string | undefined {
    if (prefix !== '') return `${prefix}${name}`
    const known = this.#imports.localOf(module, name)
    if (known !== undefined) return known
    const whole = this.#imports.localOf(module, '*')
    if (whole !== undefined) return `${whole}.${name}`
    if (isTaken(this.#file, name)) return undefined
    const wanted = this.#wanted.get(module) ?? new Set<string>()
    this.#wanted.set(module, wanted.add(name))
    return name
  }

  edits(): readonly Edit[] {
    return [...this.#wanted].flatMap(([module, names]) => this.#imported(module, [...names].sort()))
  }

  #imported(module: string, names: readonly string[]): readonly Edit[] {
    const t = compiler()
    const { text } = this.#file
    const { newline, quote, semicolon } = styleOf(this.#file)
    const own = this.#imports.declarations.filter(({ moduleSpecifier }) => t.isStringLiteralLike(moduleSpecifier) && moduleSpecifier.text === module)
    for (const { importClause } of own) {
      const bindings = importClause?.namedBindings
      if (importClause === undefined || bindings === undefined || !t.isNamedImports(bindings) || isTypeOnly(importClause)) continue
      const last = bindings.elements.at(-1)
      if (last === undefined) continue
      const isLines = text.slice(bindings.getStart(), last.getStart()).includes('\n') && text.slice(text.lastIndexOf('\n', last.getStart()) + 1, last.getStart()).trim() === ''
      if (!isLines && !/^[ \t]*(?:\/\/|\/\*)/.test(text.slice(last.end))) return [{ start: last.end, end: last.end, text: names.map((name) => `, ${name}`).join('') }]
      const indent = indentAt(text, last.getStart())
      const hasComma = bindings.elements.hasTrailingComma
      const from = hasComma ? bindings.elements.end : last.end
      // A comment on the line of the last name stays there.
      const at = from + (/^[ \t]*(?:\/\/[^\r\n]*|\/\*(?:[^*\r\n]|\*(?!\/))*\*\/[ \t]*)(?=\r?\n)/.exec(text.slice(from))?.[0].length ?? 0)
      const added = names.map((name) => `${newline}${indent}${name}`).join(',')
      if (hasComma) return [{ start: at, end: at, text: `${added},` }]
      return at === from
        ? [{ start: from, end: from, text: `,${added}` }]
        : [
            { start: from, end: from, text: ',' },
            { start: at, end: at, text: added },
          ]
    }
    const after = own.at(-1) ?? this.#imports.declarations.at(-1)
    const line = `import { ${names.join(', ')} } from ${quote}${module}${quote}${semicolon}`
    return after === undefined ? [{ start: 0, end: 0, text: `${line}${newline}` }] : [{ start: after.end, end: after.end, text: `${newline}${line}` }]
  }
}

const declared = new WeakMap<ts.SourceFile, ReadonlySet<string>>()

/** Something of that name is declared or imported somewhere in the file. */
function isTaken(file: ts.SourceFile, name: string): boolean {
  const t = compiler()
  let names = declared.get(file)
  if (names === undefined) {
    const found = new Set<string>()
    for (const node of descendants(file)) {
      if (!t.isIdentifier(node)) continue
      const { parent } = node
      const isName = (parent as { readonly name?: ts.Node }).name === node && !t.isPropertyAccessExpression(parent) && !t.isPropertyAssignment(parent)
      if (isName) found.add(node.text)
    }
    names = found
    declared.set(file, names)
  }
  return names.has(name)
}
