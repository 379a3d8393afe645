/** Text of manifests inside of Markdown: nothing in it may act as markup, name a person or an issue, or become a link. */
import { safe } from './safe.ts'

/** Longer ones are cut: a name of Kubernetes has 253 characters at most. */
const LONGEST = 400

/**
 * For running text and cells of tables. A backslash does not keep GitHub from reading `@name` and `#1`: its filters
 * see the rendered text, which an empty comment divides.
 */
export function markdown(text: string): string {
  return safe(clipped(text))
    .replace(/[\\`*_{}[\]<>|~&]|#(?!\S)|(?<=^\s*\d+)[.)]|(?<=^\s*)[-+]/g, (char) => `\\${char}`)
    .replace(/[@#](?=\S)/g, (char) => `${char}<!-- -->`)
    .replace(/\b(https?|ftp|mailto)(:)|\b(www)(\.)/gi, (_, scheme = '', colon = '', host = '', dot = '') => `${scheme}${host}<!-- -->${colon}${dot}`)
}

/** For names: as code, with a fence that no backtick in it can close. */
export function code(text: string): string {
  const inner = safe(clipped(text)).replaceAll('|', '\\|')
  const longest = Math.max(0, ...[...inner.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = longest > 0 || inner.trim() === '' ? ' ' : ''
  return `${fence}${pad}${inner}${pad}${fence}`
}

function clipped(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, '')}…` : text
}
