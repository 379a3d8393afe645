/** How a file is written: quotes, indentation, commas, semicolons, line ends. */
import type { ts } from 'ts-morph'
import { compiler, descendants } from './syntax.ts'

export interface Style {
  readonly quote: "'" | '"'
  readonly unit: string
  readonly newline: '\n' | '\r\n'
  readonly semicolon: ';' | ''
  /** Whether lists over several lines end with a comma, where the list itself does not show it. */
  readonly trailingComma: boolean
}

const styles = new WeakMap<ts.SourceFile, Style>()

export function styleOf(file: ts.SourceFile): Style {
  const known = styles.get(file)
  if (known !== undefined) return known
  const t = compiler()
  const { text } = file
  const count = { single: 0, double: 0, with: 0, without: 0 }
  for (const node of descendants(file)) {
    if (t.isStringLiteral(node)) node.getText().startsWith("'") ? count.single++ : count.double++
    else if (t.isObjectLiteralExpression(node) || t.isArrayLiteralExpression(node)) {
      const list = t.isObjectLiteralExpression(node) ? node.properties : node.elements
      if (list.length > 0 && isMultiline(node)) list.hasTrailingComma === true ? count.with++ : count.without++
    }
  }
  const ended = file.statements.filter((statement) => t.isExpressionStatement(statement) || t.isVariableStatement(statement) || t.isImportDeclaration(statement))
  const semicolons = ended.filter((statement) => statement.getText().endsWith(';')).length
  const indents = [...text.matchAll(/^([ \t]+)\S/gm)].map(([, indent]) => indent as string).filter((indent) => !/^ \*?$/.test(indent))
  const tab = indents.find((indent) => indent.startsWith('\t'))
  const smallest = indents.filter((indent) => !indent.includes('\t') && indent.length > 1).reduce((least, indent) => Math.min(least, indent.length), 8)
  const style: Style = {
    quote: count.double > count.single ? '"' : "'",
    unit:
      tab !== undefined && indents.filter((indent) => indent.startsWith('\t')).length * 2 > indents.length
        ? '\t'
        : ' '.repeat(smallest === 8 && indents.length === 0 ? 2 : smallest),
    newline: /\r\n/.test(text) ? '\r\n' : '\n',
    semicolon: semicolons * 2 >= ended.length ? ';' : '',
    trailingComma: count.with >= count.without,
  }
  styles.set(file, style)
  return style
}

/** Its members stand on lines of their own. */
export function isMultiline(node: ts.ObjectLiteralExpression | ts.ArrayLiteralExpression): boolean {
  const first = compiler().isObjectLiteralExpression(node) ? node.properties[0] : node.elements[0]
  if (first === undefined) return false
  const { text } = node.getSourceFile()
  return text.slice(node.getStart(), first.getStart()).includes('\n')
}

/** The blanks that the line of an offset begins with. */
export function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*/.exec(text.slice(start))?.[0] ?? ''
}
