/** Which documents need a parser at all. Text only: this runs over every byte of the tree. */

/** A `containers:` key in any style, quoted or not, in block or flow or JSON. */
const CONTAINERS_KEY = /(?:^|[\s{,[?"'])(?:initC|ephemeralC|c)ontainers["']?[ \t]*:/m
const POD_ONLY = /^kind:[ \t]*["']?(?:Prometheus|PrometheusAgent|Alertmanager|ThanosRuler)["']?[ \t\r]*$/m
const CRD = /^kind:[ \t]*["']?CustomResourceDefinition["']?[ \t\r]*(?:#.*)?$/m
const SECURITY_CONTEXT = /securityContext["']?[ \t]*:/

/** The same as an explicit key: `? containers`. */
const EXPLICIT_KEY = /^[ \t]*(?:-[ \t]+)*\?[ \t]+["']?(?:initC|ephemeralC|c)ontainers["']?[ \t\r]*$/m

/** A file of any number of documents may hold a pod spec: what is worth cutting into documents. */
export function mayHoldDocument(text: string): boolean {
  return text.includes('ontainers') || (text.includes('monitoring.coreos.com') && text.includes('securityContext'))
}

/** The document may hold a pod spec. Misses none of the workload kinds; lets some others through. */
export function mayHoldPodSpec(text: string): boolean {
  if (text.includes('ontainers')) {
    if ((CONTAINERS_KEY.test(text) || EXPLICIT_KEY.test(text)) && !CRD.test(text)) return true
  }
  return SECURITY_CONTEXT.test(text) && POD_ONLY.test(text)
}

export function mayHoldNamespace(text: string): boolean {
  return text.includes('Namespace') && /(?:^|[\s{,"'])kind["']?[ \t]*:[ \t]*["']?(?:Namespace(?:List)?|List)\b/m.test(text)
}

export interface Slice {
  readonly start: number
  readonly end: number
}

/**
 * Cuts a stream at `---` in column 0, which by the rules of YAML always starts a document. With `%` directives
 * the file is not cut: they belong to the document that follows.
 */
export function slices(text: string): readonly Slice[] {
  if (/^%/m.test(text)) return [{ start: 0, end: text.length }]
  const result: Slice[] = []
  let start = 0
  for (let at = text.startsWith('---') ? 0 : text.indexOf('\n---'); at !== -1; at = text.indexOf('\n---', at + 1)) {
    const marker = text[at] === '\n' ? at + 1 : at
    const next = text[marker + 3]
    if (next !== undefined && next !== ' ' && next !== '\t' && next !== '\r' && next !== '\n') continue
    if (marker > start) result.push({ start, end: marker })
    start = marker
  }
  result.push({ start, end: text.length })
  return result
}
