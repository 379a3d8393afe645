/** Files that say in their header that a program wrote them: an edit there is lost at the next run of that program. */

const SAYS_SO = /\bdo not (?:manually )?edit\b|\bauto[- ]?generated\b|\bautomatically generated\b|\bcode generated\b/i
/** `The schema part of the spec is auto-generated`: the rest is not. */
const ONLY_PARTLY = /\b(?:part|section|portion)s?\b/i
/** What `helm template` writes above each object. */
const HELM_OUTPUT = /^#\s*Source:\s*\S+\/templates\//

/** Headers are short; a file of comments only need not be searched to its end. */
const HEADER_LINES = 100

/**
 * The header line that calls the file generated, without surrounding blanks. The header is what stands before the
 * first content: comments, blank lines, `%` directives and document marks.
 */
export function generatedHeader(text: string): string | undefined {
  let start = 0
  for (let count = 0; count < HEADER_LINES && start < text.length; count++) {
    const end = text.indexOf('\n', start)
    const line = text.slice(start, end === -1 ? undefined : end).trim()
    if (line.startsWith('#')) {
      if ((SAYS_SO.test(line) && !ONLY_PARTLY.test(line)) || HELM_OUTPUT.test(line)) return line
    } else if (!isEmpty(line)) return undefined
    if (end === -1) return undefined
    start = end + 1
  }
  return undefined
}

function isEmpty(line: string): boolean {
  return line === '' || line.startsWith('%') || /^---(?:\s+#.*)?$/.test(line)
}
