/** Where tokens of the parser end: the last character that means something. */
import type { CST } from 'yaml'

export function endOfSource(token: CST.SourceToken): number {
  return token.offset + token.source.length
}

/** Behind the last character that means something: no comment, blank or line break after a flow or block collection. */
export function endOfToken(token: CST.Token): number {
  switch (token.type) {
    case 'block-scalar':
      return token.props.reduce((end, part) => ('source' in part ? Math.max(end, part.offset + part.source.length) : end), token.offset) + token.source.length
    case 'flow-collection': {
      const close = token.end.find(({ type }) => type === 'flow-map-end' || type === 'flow-seq-end')
      return close === undefined ? token.start.offset + 1 : endOfSource(close)
    }
    case 'block-map':
    case 'block-seq': {
      for (let i = token.items.length - 1; i >= 0; i--) {
        const item = token.items[i] as CST.BlockMap['items'][number]
        if (item.value) return endOfToken(item.value)
        const marks = [...item.start, ...(item.sep ?? [])].filter(({ type }) => type !== 'space' && type !== 'newline' && type !== 'comment')
        const last = marks.at(-1)
        if (item.key || last !== undefined) return Math.max(item.key ? endOfToken(item.key) : 0, last === undefined ? 0 : endOfSource(last))
      }
      return token.offset
    }
    default:
      return 'source' in token ? token.offset + token.source.length : token.offset
  }
}

export function lastToken(token: CST.Token | null | undefined): CST.Token | undefined {
  if (token === null || token === undefined) return undefined
  if (token.type !== 'block-map' && token.type !== 'block-seq') return token
  const last = token.items.findLast((item) => item.value)
  return last === undefined ? token : lastToken(last.value)
}

/** The comment behind a value on its own line, without its marker. */
export function lineComment(token: CST.Token | undefined): string | undefined {
  if (token === undefined || !('end' in token) || token.end === undefined) return undefined
  for (const part of token.end) {
    if (part.type === 'newline') return undefined
    if (part.type === 'comment') return part.source.slice(1).trim()
  }
  return undefined
}
