/**
 * What is asked of every rewrite, whatever text it started from. The judge knows nothing of how an edit is
 * made: it has the text before, the answer of the rewrite and a YAML parser. Every question returns
 * complaints; none means that the rewrite may stand.
 */
import { isDeepStrictEqual } from 'node:util'
import { isAlias, isMap, isScalar, isSeq, Lexer, type ParseOptions, parseAllDocuments } from 'yaml'
import type { Edit, Finding, Problem, Span } from '../src/types.ts'

/** The part of an answer that is judged. */
export interface Rewritten {
  /** With the byte order mark, where there was one. */
  readonly text: string
  readonly changed: boolean
  readonly findings: readonly Finding[]
  readonly problems: readonly Problem[]
  /** On the text before, without byte order mark, in the order of application. */
  readonly edits: readonly Edit[]
}

export type Rewrite = (text: string) => Rewritten

export interface Subject {
  readonly before: string
  readonly after: Rewritten
  /** The same rewrite, to be asked again with another text. */
  readonly rewrite: Rewrite
}

export interface Question {
  readonly id: string
  readonly title: string
  readonly ask: (subject: Subject) => readonly string[]
}

export function subjectOf(before: string, rewrite: Rewrite): Subject {
  return { before, after: rewrite(before), rewrite }
}

/** Every complaint of every question, each with the id of its question; empty when all is well. */
export function judge(subject: Subject, asked: readonly Question[] = questions): readonly string[] {
  return asked.flatMap(({ id, ask }) => ask(subject).map((complaint) => `${id}: ${complaint}`))
}

export const questions: readonly Question[] = [
  { id: 'edits', title: 'undoing the edits gives the original, making them gives the output', ask: editsExplainOutput },
  { id: 'small', title: 'an edit inserts, or replaces one token of one line', ask: editsAreSmall },
  { id: 'lines', title: 'every original line survives, in order, unless a token or a flow collection on it was edited', ask: linesSurvive },
  { id: 'fields', title: 'only planned fields differ, and all of them do', ask: onlyPlannedFields },
  { id: 'comments', title: 'all comments are there, in order, and no new ones', ask: commentsSurvive },
  { id: 'anchors', title: 'all anchors are there, in order', ask: anchorsSurvive },
  { id: 'again', title: 'a second run plans nothing and changes no byte', ask: secondRunIsIdle },
  { id: 'line-ends', title: 'new lines end like their neighbours', ask: lineEndsMatch },
  { id: 'end', title: 'the end of the file stays as it was', ask: endSurvives },
  { id: 'blanks', title: 'no blanks at line ends and no tabs come in', ask: noNewBlanks },
  { id: 'crlf', title: 'with other line ends the output is the same with those line ends', ask: sameWithOtherLineEnds },
  { id: 'bom', title: 'with or without byte order mark the output is the same but for the mark', ask: sameWithMark },
]

const BOM = '\uFEFF'

// ---- edits ---------------------------------------------------------------------------------------------

function withoutMark(text: string): string {
  return text.startsWith(BOM) ? text.slice(1) : text
}

function editsExplainOutput({ before, after }: Subject): readonly string[] {
  const complaints: string[] = []
  if (before.startsWith(BOM) !== after.text.startsWith(BOM)) complaints.push('the byte order mark came or went')
  const original = withoutMark(before)
  const output = withoutMark(after.text)
  let read = 0
  let made = ''
  let undone = ''
  let at = 0
  for (const { start, end, text } of after.edits) {
    if (start < read || end < start || end > original.length) return [...complaints, `edit ${start}-${end} is out of order or out of the text`]
    made += original.slice(read, start) + text
    const begin = at + (start - read)
    undone += output.slice(at, begin) + original.slice(start, end)
    if (output.slice(begin, begin + text.length) !== text) complaints.push(`the text of edit ${start}-${end} is not in the output at its place`)
    at = begin + text.length
    read = end
  }
  made += original.slice(read)
  undone += output.slice(at)
  if (undone !== original) complaints.push(`undoing the edits does not give the original: ${firstDifference(original, undone)}`)
  if (made !== output) complaints.push(`making the edits does not give the output: ${firstDifference(made, output)}`)
  if (after.changed !== (before !== after.text)) complaints.push(`"changed" is ${after.changed}, which is not so`)
  return complaints
}

function firstDifference(wanted: string, got: string): string {
  let i = 0
  while (i < wanted.length && wanted[i] === got[i]) i++
  return `at ${i}, ${JSON.stringify(wanted.slice(i, i + 30))} became ${JSON.stringify(got.slice(i, i + 30))}`
}

/** Without this, replacing a whole file would be one edit that excuses everything. */
function editsAreSmall({ before, after }: Subject): readonly string[] {
  const original = withoutMark(before)
  const mayRemove = removesFields(after.findings)
  const flow = flowSpans(original)
  return after.edits
    .filter((edit) => edit.end > edit.start && !mayReplace(original, edit, flow, mayRemove))
    .map(({ start, end }) => `an edit replaces more than one token: ${JSON.stringify(original.slice(start, end).slice(0, 60))}`)
}

function mayReplace(original: string, { start, end, text }: Edit, flow: readonly Span[], mayRemove: boolean): boolean {
  const old = original.slice(start, end)
  return isToken(old) || (mayRemove && text === '') || (old.trim() === '' && flow.some((span) => span.start < start && end <= span.end))
}

/** A scalar, an alias or an empty collection, with blanks around it; no comment, no anchor, no tag. */
function isToken(text: string): boolean {
  return /^[ \t]*(?:\{\s*\}|\[\s*\]|[^\s,{}[\]#&!]+|"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\r\n]|'')*')[ \t]*$/.test(text)
}

function removesFields(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.outcome === 'fix' && finding.fields.some(({ proposed }) => proposed === undefined))
}

// ---- lines ---------------------------------------------------------------------------------------------

/** Lines with their carriage return; the last one is what follows the last line feed. */
function linesOf(text: string): string[] {
  return text.split('\n')
}

function bare(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

function startsOf(lines: readonly string[]): number[] {
  const starts: number[] = []
  let at = 0
  for (const line of lines) {
    starts.push(at)
    at += line.length + 1
  }
  return starts
}

/** Index of the line that holds `offset`. */
function lineAt(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] as number) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

/** Original lines that need not survive: a token on them was replaced, or something was put into their flow collection. */
function excusedLines(original: string, edits: readonly Edit[], mayRemove: boolean): ReadonlySet<number> {
  const starts = startsOf(linesOf(original))
  const flow = edits.length === 0 ? [] : flowSpans(original)
  const excused = new Set<number>()
  for (const { start, end, text } of edits) {
    if (end > start) {
      if (!mayReplace(original, { start, end, text }, flow, mayRemove)) continue
      for (let line = lineAt(starts, start); line <= lineAt(starts, end - 1); line++) excused.add(line)
    } else if (flow.some((span) => span.start < start && start <= span.end)) excused.add(lineAt(starts, start))
  }
  return excused
}

/** Where flow collections stand, by the lexer: brackets that are text are no tokens. */
function flowSpans(text: string): readonly Span[] {
  const spans: Span[] = []
  let depth = 0
  let begin = 0
  for (const { source, at } of tokensOf(shadow(text))) {
    if (source === '{' || source === '[') {
      if (depth === 0) begin = at
      depth++
    } else if ((source === '}' || source === ']') && depth > 0) {
      depth--
      if (depth === 0) spans.push({ start: begin, end: at })
    }
  }
  return spans
}

function linesSurvive({ before, after }: Subject): readonly string[] {
  const original = withoutMark(before)
  const old = linesOf(original)
  const excused = excusedLines(original, after.edits, removesFields(after.findings))
  const lost: string[] = []
  const found = linesOf(withoutMark(after.text))
  let at = 0
  for (const [i, line] of old.entries()) {
    if (excused.has(i)) continue
    // The last line has no end of its own, so it may get one.
    const isSame = i === old.length - 1 ? (other: string) => bare(other) === bare(line) : (other: string) => other === line
    let next = at
    while (next < found.length && !isSame(found[next] as string)) next++
    if (next === found.length) lost.push(`line ${i + 1} is gone or has moved: ${JSON.stringify(line.slice(0, 80))}`)
    else at = next + 1
  }
  return lost.slice(0, 3)
}

/** For every output line, the index of the original line that it is, or undefined where it is new or was edited. */
function alignment(old: readonly string[], found: readonly string[]): (number | undefined)[] {
  let at = 0
  return found.map((line) => {
    let next = at
    while (next < old.length && bare(old[next] as string) !== bare(line)) next++
    // A line that is far off is more likely new and equal by chance; what is in order is near.
    if (next === old.length || next > at + 2) return undefined
    at = next + 1
    return next
  })
}

function lineEndsMatch({ before, after }: Subject): readonly string[] {
  const original = withoutMark(before)
  const output = withoutMark(after.text)
  const ends = new Set([...original.matchAll(/\r?\n/g)].map(([end]) => end))
  const lines = linesOf(output)
  const wrong: string[] = []
  if (ends.size === 1) {
    const crlf = ends.has('\r\n')
    for (const line of lines.slice(0, -1)) if (line.endsWith('\r') !== crlf) wrong.push(`a line ends in ${crlf ? 'LF' : 'CR LF'}: ${JSON.stringify(line.slice(0, 60))}`)
  } else if (ends.size === 2) {
    const same = alignment(linesOf(original), lines)
    for (const [i, line] of lines.slice(0, -1).entries()) {
      if (same[i] !== undefined) continue
      const nextOld = same.findIndex((index, j) => j > i && index !== undefined)
      const neighbours = [lines[i - 1], nextOld === -1 ? undefined : lines[nextOld]].filter((other) => other !== undefined)
      if (!neighbours.some((other) => other.endsWith('\r') === line.endsWith('\r'))) wrong.push(`a new line ends unlike both neighbours: ${JSON.stringify(line.slice(0, 60))}`)
    }
  }
  if (ends.size > 0 && /\r(?!\n)/.test(output) && !/\r(?!\n)/.test(original)) wrong.push('a carriage return stands alone')
  return wrong.slice(0, 3)
}

function endSurvives({ before, after }: Subject): readonly string[] {
  // Behind `|+` blank lines belong to the text, so what comes in may have to stand below them.
  const isKept = /[|>]\d?\+\d?[ \t]*(?:#.*)?$/m.test(before.replaceAll('\r', ''))
  const endOf = (text: string): string => (isKept ? /(?:\r?\n)?$/ : /[\r\n]*$/).exec(text)?.[0] ?? ''
  const isBlank = before.trim() === ''
  return isBlank || endOf(before) === endOf(after.text) ? [] : [`the text ended in ${JSON.stringify(endOf(before))} and ends in ${JSON.stringify(endOf(after.text))}`]
}

function noNewBlanks({ before, after }: Subject): readonly string[] {
  const original = withoutMark(before)
  const output = withoutMark(after.text)
  const complaints: string[] = []
  const originOf = origins(after.edits)
  const starts = startsOf(linesOf(output))
  for (const [i, line] of linesOf(output).entries()) {
    const text = bare(line)
    if (!/[ \t]$/.test(text)) continue
    const origin = originOf((starts[i] as number) + text.length - 1)
    const was = origin === undefined ? undefined : /^.*/.exec(original.slice(origin))?.[0].replace(/\r$/, '')
    if (was === undefined || was.trim() !== '') complaints.push(`line ${i + 1} ends in blanks: ${JSON.stringify(text.slice(0, 80))}`)
  }
  const usesTabs = /^\t/m.test(original)
  for (const { text } of after.edits) {
    if (text.replace(usesTabs ? /(^|\n)\t+/g : /(?!)/g, '').includes('\t')) complaints.push(`a tab comes in: ${JSON.stringify(text.slice(0, 80))}`)
  }
  return complaints.slice(0, 3)
}

/** From an offset of the output to the offset in the original; undefined inside inserted text. */
function origins(edits: readonly Edit[]): (offset: number) => number | undefined {
  return (offset) => {
    let shift = 0
    for (const { start, end, text } of edits) {
      if (offset < start + shift) break
      if (offset < start + shift + text.length) return undefined
      shift += text.length - (end - start)
    }
    return offset - shift
  }
}

// ---- comments and anchors ------------------------------------------------------------------------------

interface Token {
  readonly source: string
  readonly at: number
  /** Plain, quoted or block text, which may begin with anything. */
  readonly scalar: boolean
}

const MARKS = new Set(['\u0002', '\u0018', '\u001f'])

function* tokensOf(text: string): Iterable<Token> {
  let at = 0
  let scalar = false
  for (const source of new Lexer().lex(text)) {
    if (MARKS.has(source)) {
      scalar = source === '\u001f'
      continue
    }
    yield { source, at, scalar }
    at += source.length
    scalar = false
  }
}

function commentsOf(text: string): string[] {
  return [...tokensOf(text)].filter(({ source, scalar }) => !scalar && source.startsWith('#')).map(({ source }) => source)
}

function commentsSurvive({ before, after }: Subject): readonly string[] {
  return sameList('comment', commentsOf(before), commentsOf(after.text))
}

function anchorsSurvive({ before, after }: Subject): readonly string[] {
  const anchorsOf = (text: string): string[] => [...tokensOf(text)].filter(({ source, scalar }) => !scalar && /^&./.test(source)).map(({ source }) => source)
  return sameList('anchor', anchorsOf(before), anchorsOf(after.text))
}

function sameList(what: string, old: readonly string[], found: readonly string[]): readonly string[] {
  if (isDeepStrictEqual(old, found)) return []
  const at = old.findIndex((one, i) => one !== found[i])
  return [
    `${old.length} ${what}s became ${found.length}; the first that differs: ${JSON.stringify(old[at === -1 ? old.length : at])} against ${JSON.stringify(found[at === -1 ? old.length : at])}`,
  ]
}

// ---- the object ----------------------------------------------------------------------------------------

type Step = string | number
type Plain = null | boolean | number | string | bigint | readonly Plain[] | { readonly [key: string]: Plain }

const READ: ParseOptions & { merge: boolean; version: '1.2'; uniqueKeys: boolean; logLevel: 'silent' } = { version: '1.2', merge: true, uniqueKeys: false, logLevel: 'silent' }

/** Parts between `---` in column 0, which is a marker wherever it stands. A file with directives stays whole. */
function partsOf(text: string): string[] {
  if (/^%/m.test(text)) return [text]
  return text.split(/^(?=\uFEFF?---(?:[ \t\r\n]|$))/m)
}

/** The values of a part, or undefined where it cannot be read. */
function valuesOf(part: string): Plain[] | undefined {
  for (const text of [part, shadow(part)]) {
    const documents = parseAllDocuments(text, READ)
    if (documents.every(({ errors }) => errors.length === 0)) return documents.map((document) => plainOf(document.contents, new Map()))
  }
  return undefined
}

/**
 * Aliases and merge keys by hand, so that a shared node costs once: a bomb must not go off in the judge. Keys
 * that occur twice are kept both, the earlier under another name.
 */
function plainOf(node: unknown, known: Map<unknown, Plain>, anchors = new Map<string, unknown>()): Plain {
  if (isAlias(node)) return plainOf(anchors.get(node.source) ?? null, known, anchors)
  const done = known.get(node)
  if (done !== undefined) return done
  let plain: Plain = null
  if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined) anchors.set(node.anchor, node)
  if (isSeq(node)) {
    const items: Plain[] = []
    plain = items
    known.set(node, plain)
    for (const item of node.items) items.push(plainOf(item, known, anchors))
  } else if (isMap(node)) {
    const entries: { [key: string]: Plain } = Object.create(null) as { [key: string]: Plain }
    plain = entries
    known.set(node, plain)
    const inherited: Plain[] = []
    for (const { key, value } of node.items) {
      const name = nameOf(key) ?? JSON.stringify(plainOf(key, known, anchors))
      const read = plainOf(value, known, anchors)
      if (name === '<<') inherited.push(...(Array.isArray(read) ? read : [read]))
      else {
        if (name in entries) entries[freeName(entries, name)] = entries[name] as Plain
        entries[name] = read
      }
    }
    for (const source of inherited) {
      if (source === null || typeof source !== 'object' || Array.isArray(source)) continue
      for (const [name, value] of Object.entries(source)) if (!(name in entries)) entries[name] = value
    }
  } else if (isScalar(node)) plain = node.value as Plain
  known.set(node, plain)
  return plain
}

/** The parser reads a merge key as a symbol. */
function nameOf(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined
  return typeof key.value === 'symbol' ? '<<' : String(key.value)
}

function freeName(taken: { readonly [key: string]: Plain }, name: string): string {
  let free = `${name} (earlier)`
  while (free in taken) free += '+'
  return free
}

interface Difference {
  readonly path: readonly Step[]
  readonly was: Plain | undefined
  readonly is: Plain | undefined
}

function isPlainMap(value: Plain | undefined): value is { readonly [key: string]: Plain } {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function isEmpty(value: Plain | undefined): boolean {
  return value === undefined || value === null || (Array.isArray(value) ? value.length === 0 : typeof value === 'object' && Object.keys(value).length === 0)
}

/** What differs, down to the leaves of what is new. Nodes that are equal by identity on both sides are compared once. */
function differences(was: Plain | undefined, is: Plain | undefined, path: readonly Step[] = [], seen = new Map<unknown, Set<unknown>>()): Difference[] {
  if (was === is) return []
  if (typeof was === 'object' && was !== null && typeof is === 'object' && is !== null) {
    // A pair found equal before is equal; one found different must be told at each of its places.
    if (seen.get(was)?.has(is) === true) return []
    let found: Difference[] | undefined
    if (Array.isArray(was) && Array.isArray(is)) {
      found = Array.from({ length: Math.max(was.length, is.length) }, (_, i) => differences(was[i], is[i], [...path, i], seen)).flat()
    } else if (isPlainMap(was) && isPlainMap(is)) {
      found = [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key) => differences(was[key], is[key], [...path, key], seen))
    }
    if (found !== undefined) {
      if (found.length === 0) seen.set(was, (seen.get(was) ?? new Set()).add(is))
      if (found.length > 0 || Array.isArray(was) === Array.isArray(is)) return found
    }
  }
  if (isEmpty(was) && typeof is === 'object' && is !== null && !isEmpty(is)) {
    return Object.entries(is).flatMap(([key, value]) => differences(undefined, value as Plain, [...path, Array.isArray(is) ? Number(key) : key], seen))
  }
  return [{ path, was, is }]
}

interface Planned {
  readonly finding: Finding
  readonly path: readonly Step[]
  readonly value: Plain | undefined
}

function plannedOf(findings: readonly Finding[]): Planned[] {
  return findings.flatMap((finding) =>
    finding.outcome === 'fix' ? finding.fields.map(({ path, proposed }) => ({ finding, path: stepsOf(path), value: proposed as Plain | undefined })) : [],
  )
}

/** `spec.containers[0].securityContext` or `metadata.annotations["a/b"]` as steps. */
function stepsOf(path: string): Step[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(([, quoted, index, plain]) =>
    quoted !== undefined ? (JSON.parse(`"${quoted}"`) as string) : index !== undefined ? Number(index) : (plain as string),
  )
}

function get(root: Plain | undefined, path: readonly Step[]): Plain | undefined {
  return path.reduce<Plain | undefined>((value, step) => (typeof value === 'object' && value !== null ? (value as { readonly [key: string]: Plain })[step] : undefined), root)
}

/** Is the object of the finding on the way from the root to `path`? Items of a typed list have no kind of their own. */
function isInObject(root: Plain, path: readonly Step[], { object }: Finding): boolean {
  return path.concat('').some((_, i) => {
    const here = get(root, path.slice(0, i))
    if (!isPlainMap(here) || String(get(here, ['metadata', 'name']) ?? '') !== object.name) return false
    const list = get(root, path.slice(0, Math.max(0, i - 2)))
    return here.kind === object.kind || (here.kind === undefined && isPlainMap(list) && list.kind === `${object.kind}List`)
  })
}

function matches(planned: Plain | undefined, rest: readonly Step[], is: Plain | undefined): boolean {
  return isDeepStrictEqual(plainJson(get(planned, rest)), plainJson(is))
}

function plainJson(value: Plain | undefined): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}

/** Does the plan say that this leaf comes to be what it is? The template may begin at any step of its path. */
function isPlanned(root: Plain, { path, is }: Difference, planned: readonly Planned[]): boolean {
  return planned.some(({ finding, path: wanted, value }) =>
    path.some((_, i) => {
      const below = path.slice(i)
      if (!isInObject(root, path.slice(0, i), finding) || !holdsPod(get(root, path.slice(0, i)), wanted)) return false
      const shared = Math.min(below.length, wanted.length)
      if (!below.slice(0, shared).every((step, j) => step === wanted[j])) return false
      // A removed last key may take its map along.
      if (value === undefined) return is === undefined
      if (below.length < wanted.length) return false
      const rest = below.slice(wanted.length)
      return matches(value, rest, is) || (typeof rest[0] === 'number' && matches(value, rest.slice(1), is))
    }),
  )
}

/** Fields of `spec` are planned for pod specs only: a Deployment's own `spec.securityContext` is no field. */
function holdsPod(template: Plain | undefined, wanted: readonly Step[]): boolean {
  if (wanted[0] !== 'spec') return isPlainMap(template)
  const spec = get(template, ['spec'])
  return isPlainMap(spec) && ['containers', 'initContainers'].some((group) => Array.isArray(spec[group]))
}

/** Everything that the plan names is in the output, at some template of its object. */
function isThere(root: Plain, { finding, path: wanted, value }: Planned): boolean {
  const visit = (here: Plain | undefined, path: readonly Step[], depth: number): boolean => {
    if (typeof here !== 'object' || here === null || depth > 12) return false
    if (isPlainMap(here) && holdsPod(here, wanted) && isInObject(root, path, finding)) {
      const found = get(here, wanted)
      if (value === undefined ? found === undefined : contains(found, value) || (Array.isArray(found) && found.some((item) => contains(item as Plain, value)))) return true
    }
    return Object.entries(here).some(([key, child]) => visit(child as Plain, [...path, Array.isArray(here) ? Number(key) : key], depth + 1))
  }
  return visit(root, [], 0)
}

function contains(found: Plain | undefined, wanted: Plain): boolean {
  if (isPlainMap(wanted)) return isPlainMap(found) && Object.entries(wanted).every(([key, value]) => contains(found[key], value))
  return isDeepStrictEqual(plainJson(found), plainJson(wanted))
}

function onlyPlannedFields({ before, after }: Subject): readonly string[] {
  const old = partsOf(withoutMark(before))
  const found = partsOf(withoutMark(after.text))
  if (old.length !== found.length) return [`${old.length} documents became ${found.length}`]
  const complaints: string[] = []
  const planned = plannedOf(after.findings)
  const missing = new Set(planned)
  for (const [i, part] of old.entries()) {
    const other = found[i] as string
    if (part === other) continue
    const was = valuesOf(part)
    if (was === undefined) {
      complaints.push(`document ${i + 1} cannot be read, and was edited`)
      continue
    }
    const is = valuesOf(other)
    if (is === undefined || is.length !== was.length) {
      complaints.push(`document ${i + 1} cannot be read after the edit`)
      continue
    }
    for (const [j, root] of is.entries()) {
      for (const one of differences(was[j], root)) {
        if (!isPlanned(root, one, planned)) complaints.push(`not planned: ${one.path.join('.')} was ${show(one.was)} and is ${show(one.is)}`)
      }
      for (const one of missing) if (isThere(root, one)) missing.delete(one)
    }
  }
  for (const { finding, path } of missing) complaints.push(`planned and not there: ${path.join('.')} of ${finding.object.kind} ${finding.object.name}`)
  return complaints.slice(0, 5)
}

function show(value: Plain | undefined): string {
  return value === undefined ? 'absent' : JSON.stringify(value)?.slice(0, 60)
}

/**
 * A text of the same length that a strict parser can read: inside quotes and brackets line breaks, indentation,
 * tabs and comments become blanks. Kubernetes reads lines there that stand too far left, the parser does not.
 */
export function shadow(text: string): string {
  const out = [...text.split('')]
  const blank = (from: number, to: number): void => {
    for (let i = from; i < to; i++) out[i] = ' '
  }
  let depth = 0
  let blockAbove = -1
  let at = 0
  while (at < text.length) {
    const isLineStart = at === 0 || text[at - 1] === '\n'
    if (isLineStart && depth === 0) {
      const line = /^.*/.exec(text.slice(at))?.[0] ?? ''
      const indent = /^ */.exec(line)?.[0].length ?? 0
      if (blockAbove >= 0) {
        if (line.trim() === '' || indent > blockAbove) {
          at += line.length + 1
          continue
        }
        blockAbove = -1
      }
      if (/(?:^|[ :-])[|>][-+0-9]*[ \t]*(?:#.*)?\r?$/.test(line) && !/^ *#/.test(line)) {
        // The text is deeper than the innermost parent: behind dashes, the key; else the key itself.
        const dashes = /^(?: *- +)*(?= *\S)/.exec(line)?.[0] ?? ''
        blockAbove = /- +[|>][-+0-9]*[ \t]*(?:#.*)?\r?$/.test(line) && !/:[ \t]/.test(line) ? dashes.lastIndexOf('-') : Math.max(indent, dashes.length)
        at += line.length + 1
        continue
      }
    }
    const char = text[at] as string
    const previous = at === 0 ? '\n' : (text[at - 1] as string)
    if (char === '#' && /\s/.test(previous)) {
      const end = text.indexOf('\n', at) === -1 ? text.length : text.indexOf('\n', at)
      if (depth > 0) blank(at, end)
      at = end
    } else if ((char === '"' || char === "'") && startsToken(text, at, depth)) {
      const end = closingQuote(text, at)
      for (let i = at; i < end; i++) if (/[\r\n\t]/.test(out[i] as string)) out[i] = ' '
      at = end
    } else if ((char === '{' || char === '[') && (depth > 0 || startsToken(text, at, depth))) {
      depth++
      at++
    } else if ((char === '}' || char === ']') && depth > 0) {
      depth--
      at++
    } else {
      if (depth > 0 && /[\r\n\t]/.test(char)) out[at] = ' '
      at++
    }
  }
  return out.join('')
}

function startsToken(text: string, at: number, depth: number): boolean {
  const lead = /[^\r\n]*$/.exec(text.slice(Math.max(0, at - 200), at))?.[0] ?? ''
  if (depth > 0) return /(?:^|[\s,:[{])$/.test(lead)
  return /(?:^|[-?:][ \t]+|^--- +)(?:[&!]\S*[ \t]+)*$/.test(lead) || lead.trim() === ''
}

function closingQuote(text: string, at: number): number {
  const quote = text[at]
  for (let i = at + 1; i < text.length; i++) {
    if (quote === '"' && text[i] === '\\') i++
    else if (text[i] === quote) {
      if (quote === "'" && text[i + 1] === "'") i++
      else return i + 1
    }
  }
  return at + 1
}

// ---- asked again with another text ---------------------------------------------------------------------

function secondRunIsIdle({ after, rewrite }: Subject): readonly string[] {
  const again = rewrite(after.text)
  const complaints: string[] = []
  if (again.text !== after.text) complaints.push(`a second run changes the text: ${firstDifference(after.text, again.text)}`)
  if (again.changed || again.edits.length > 0) complaints.push(`a second run makes ${again.edits.length} edits`)
  const fixes = again.findings.filter(({ outcome }) => outcome === 'fix')
  if (fixes.length > 0) complaints.push(`a second run plans ${fixes.map(({ transform, field }) => `${transform} ${field}`).join(', ')}`)
  return complaints
}

/** What both runs must have in common besides the text. */
function sameVerdict(one: Rewritten, other: Rewritten): readonly string[] {
  const verdict = ({ findings, problems }: Rewritten): string[] => [
    ...findings.map(({ outcome, transform, field, container }) => `${outcome} ${transform} ${container ?? ''} ${field}`),
    ...problems.map(({ code }) => code),
  ]
  return isDeepStrictEqual(verdict(one), verdict(other))
    ? []
    : [`the findings differ: ${JSON.stringify(verdict(one).slice(0, 4))} against ${JSON.stringify(verdict(other).slice(0, 4))}`]
}

function sameWithOtherLineEnds({ before, after, rewrite }: Subject): readonly string[] {
  const ends = new Set([...before.matchAll(/\r?\n/g)].map(([end]) => end))
  if (ends.size !== 1 || /\r(?!\n)/.test(before)) return []
  const convert = (text: string): string => (ends.has('\n') ? text.replaceAll('\n', '\r\n') : text.replaceAll('\r\n', '\n'))
  const other = rewrite(convert(before))
  const wanted = convert(after.text)
  return other.text === wanted ? sameVerdict(after, other) : [`the output differs: ${firstDifference(wanted, other.text)}`]
}

function sameWithMark({ before, after, rewrite }: Subject): readonly string[] {
  const convert = (text: string): string => (before.startsWith(BOM) ? text.replace(BOM, '') : BOM + text)
  const other = rewrite(convert(before))
  const wanted = convert(after.text)
  return other.text === wanted ? sameVerdict(after, other) : [`the output differs: ${firstDifference(wanted, other.text)}`]
}
