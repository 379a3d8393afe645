/** Text that another program rewrites before Kubernetes reads it. Recognised by name, never edited. */

/** Not for quoted expressions (Argo's own), `${NAME}` or `$(NS)`: those are plain text to every parser. */
const LANGUAGES: readonly { readonly name: string; readonly sign: RegExp }[] = [
  { name: 'Helm or Go template', sign: /^[ \t]*(?:- )?\{\{-? |\{\{-|-\}\}|:[ \t]+\{\{[ \t]*(?:\.|include|tpl|default|template|\$)/m },
  { name: 'Jinja', sign: /\{%-?[ \t]|\{#[ \t]|:[ \t]+\{\{/m },
  { name: 'ytt', sign: /^[ \t]*#@[ \t]?\S|[ \t]#@ \S/m },
  { name: 'template', sign: /^[ \t]*(?:- )?(?:@@\w+@@|<%|<\?)/m },
]

/** The template language that the text is written in, if any. `broken`: the text did not parse as it stands. */
export function templateLanguage(text: string, broken: boolean): string | undefined {
  const curly = text.includes('{{') || text.includes('{%')
  if (!curly && !text.includes('#@') && !broken) return undefined
  for (const { name, sign } of LANGUAGES) if (sign.test(text)) return name
  return broken && curly ? 'template' : undefined
}
