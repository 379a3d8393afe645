/** Data inside a document: text that no parser of HTML takes for anything else. */

/**
 * A block of data that no browser runs. `<` is all that could end it or change how the rest is read (`</script>`,
 * `<!--`), so none is left; U+2028 and U+2029 end lines for some readers. All of them are escapes of JSON.
 */
export function dataBlock(name: string, value: unknown): string {
  const json = JSON.stringify(value).replace(/[<\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return `<script type="application/json" class="${name}">${json}</script>\n`
}

/** Text between tags or inside a quoted attribute. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
