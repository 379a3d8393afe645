/** Facts read from the text of one YAML document, without a parser. */

/** Claims mounted, with repetitions. A name that a template fills in is none. */
export function* claimNames(text: string): Generator<string> {
  for (const { 1: name = '', index } of text.matchAll(/\bclaimName["']?:[ \t]*["']?([a-z0-9][a-z0-9.-]*)["']?[ \t]*(?=[\r\n,}#]|$)/g)) {
    if (!/(?:^|\s)#/.test(text.slice(text.lastIndexOf('\n', index) + 1, index))) yield name
  }
}

/** Name and namespace of the object, empty where there is none to read. */
export function metadataOf(text: string): { readonly name: string; readonly namespace: string } {
  const head = /^metadata:[ \t]*(\{[^}\n]*\})?/m.exec(text)
  if (head === null) return { name: '', namespace: '' }
  const lines = head[1] === undefined ? block(text, head.index) : head[1].split(/[{,}]/)
  return { name: textAt(lines, 'name'), namespace: textAt(lines, 'namespace') }
}

/** The lines at the first level below the key at `start`, without their indentation. */
function block(text: string, start: number): readonly string[] {
  const lines: string[] = []
  let indent: number | undefined
  for (let at = text.indexOf('\n', start) + 1; at > 0 && at < text.length; ) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end === -1 ? undefined : end)
    const column = line.search(/\S/)
    if (column === 0 && line[0] !== '#') break
    if (column > 0 && line[column] !== '#') {
      indent ??= column
      if (column === indent) lines.push(line)
    }
    if (end === -1) break
    at = end + 1
  }
  return lines
}

function textAt(lines: readonly string[], key: string): string {
  for (const line of lines) {
    const found = /^\s*["']?([a-zA-Z]+)["']?:[ \t]+(?:&\S+[ \t]+)?["']?([\w$][^\s"'{}]*)["']?[ \t\r]*(?:#[^\n]*)?$/.exec(line)
    if (found?.[1] === key) return found[2] ?? ''
  }
  return ''
}
