/**
 * The script and the style of the page that `--format html` writes, as the build left them beside the program. They are
 * modules in `src/report/page`, so that they are read, linted and checked against the browser's types as any other code;
 * a text among the sources would be none of that, and what the build makes of them is not kept in the repository.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Page } from '../report/html.ts'

export function reviewPage(): Page {
  // From `dist/src/commands/` and from the bundle in `dist/` alike, they lie in `dist/page/`.
  const folder = import.meta.url.endsWith('/commands/page.js') ? '../../page/' : './page/'
  const [script, style] = ['review.js', 'review.css'].map((name) => readFileSync(new URL(folder + name, import.meta.url), 'utf8')) as [string, string]
  return { script, scriptHash: hashOf(script), style, styleHash: hashOf(style) }
}

/** As a policy names it: https://www.w3.org/TR/CSP3/#grammardef-hash-source */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
