/** Comments, which the parser keeps in many places. */
import type { CST } from 'yaml'
import { lineStart } from '../../text/lines.ts'
import type { Comment } from '../../types.ts'

/** Every comment of the slice, in order, wherever the parser put its token. */
export function collectComments(file: string, text: string, tokens: readonly CST.Token[], base: number): readonly Comment[] {
  const found: Comment[] = []
  const take = (list: readonly CST.SourceToken[] | undefined): void => {
    if (list === undefined) return
    for (const token of list) if (token.type === 'comment') add(token.offset, token.source)
  }
  const add = (offset: number, source: string): void => {
    const start = base + offset
    const line = lineStart(text, start)
    let at = line
    while (at < start && (text[at] === ' ' || text[at] === '\t')) at++
    found.push({ at: { file, span: { start, end: start + source.length } }, text: source, inline: at < start })
  }
  const visit = (token: CST.Token | null | undefined): void => {
    if (token === null || token === undefined) return
    switch (token.type) {
      case 'comment':
        add(token.offset, token.source)
        break
      case 'document':
        take(token.start)
        visit(token.value)
        take(token.end)
        break
      case 'block-scalar':
        for (const part of token.props) if (part.type === 'comment') visit(part)
        break
      case 'block-map':
      case 'block-seq':
      case 'flow-collection':
        for (const item of token.items) {
          take(item.start)
          if ('key' in item) visit(item.key)
          take(item.sep)
          visit(item.value)
        }
        if (token.type === 'flow-collection') take(token.end)
        break
      default:
        if ('end' in token) take(token.end)
    }
  }
  for (const token of tokens) visit(token)
  return found.sort((a, b) => a.at.span.start - b.at.span.start)
}
