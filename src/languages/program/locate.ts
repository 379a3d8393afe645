/** Every workload of a program that can be read, as the object it makes. */
import type { ts } from 'ts-morph'
import { metadataBeside, podSpecPaths } from '../../kube/workloads.ts'
import { entries as entriesOf, nodeAt, scalar } from '../../tree.ts'
import type { Comment, Document, Entry, Located, Node, Note, ObjectRef, Path, Problem, Site, Source, Unit } from '../../types.ts'
import { type Construction, constructionsOf } from './constructions.ts'
import { plusVersion, type PlusVersion } from './gates.ts'
import { literalOf } from './hops.ts'
import { Imports } from './imports.ts'
import { callsOf, escapes, hasUnknownPatch, patched } from './patches.ts'
import { type PlusContainer, plusSpec } from './plus.ts'
import { nodeOf, objectOf, opaque, placeOf, templateText } from './read.ts'
import { comments, compiler, member, parseProgram, valueOf } from './syntax.ts'

/** A workload with what is needed to write it. */
export interface Made {
  readonly construction: Construction
  readonly file: ts.SourceFile
  readonly imports: Imports
  readonly props: ts.ObjectLiteralExpression
  /** The props are shared with other code. */
  readonly shared: boolean
  /** What its JSON patches set: a literal has no say in that. */
  readonly patched: readonly Path[]
  readonly plus?: { readonly version: PlusVersion; readonly containers: readonly PlusContainer[] }
}

export interface ProgramLocated extends Located {
  /** By document. */
  readonly made: ReadonlyMap<string, Made>
}

const HINT = 'Harden it when it is synthesised: harden(app) of podharden/cdk8s.'

export function locate(unit: Unit): ProgramLocated {
  const documents: Document[] = []
  const sites: Site[] = []
  const notes: Note[] = []
  const problems: Problem[] = []
  const made = new Map<string, Made>()
  for (const path of unit.files.list()) {
    const source = unit.files.read(path)
    if (source === undefined) continue
    const { file, error } = parseProgram(path, source.text)
    const imports = new Imports(file)
    const all = constructionsOf(file, imports)
    if (all.length === 0) continue
    const position = (at: number): { readonly line: number; readonly column: number } => {
      const { line, character } = file.getLineAndCharacterOfPosition(at)
      return { line: line + 1, column: character + 1 }
    }
    if (error !== undefined) {
      problems.push({
        code: 'UNPARSABLE',
        file: path,
        span: { start: error.at, end: error.at },
        ...position(error.at),
        message: `no TypeScript that can be read: ${error.message}`,
        hint: 'Mend the syntax, then run again.',
      })
      continue
    }
    const ids = new Map<string, number>()
    const isPatched = hasUnknownPatch(
      file,
      all.map(({ call }) => call),
    )
    for (const construction of all) {
      const line = position(construction.call.getStart()).line
      const read = isPatched ? { reason: 'a JSON patch of this file may be of it', name: nameOf(construction) } : readWorkload(construction, file, imports, unit, source)
      if ('reason' in read) {
        notes.push({ code: 'NEEDS_RUNTIME', file: path, line, message: `${construction.kind} ${read.name}: ${read.reason}`, hint: HINT })
        continue
      }
      const base = `${path}|${construction.kind}|${read.ref.namespace ?? ''}/${read.ref.name}`
      const count = (ids.get(base) ?? 0) + 1
      ids.set(base, count)
      const id = count === 1 ? base : `${base}#${count}`
      documents.push({ id, file: path, span: placeOf(construction.call).span, root: read.root, comments: comments(file), shares: false })
      made.set(id, read.made)
      for (const { path: spec, allows } of podSpecPaths(construction)) {
        const containers = nodeAt(read.root, [...spec, 'containers'])
        if (containers?.is !== 'list' || (containers.items.length > 0 && containers.items.every((item) => item.is !== 'map'))) {
          notes.push({ code: 'NEEDS_RUNTIME', file: path, line, message: `${construction.kind} ${read.ref.name}: its containers are not written here`, hint: HINT })
          continue
        }
        const metadata = metadataBeside(spec, allows)
        const ofPlus = read.made.plus === undefined ? {} : ({ volumesInPlace: true, ...(read.made.plus.version.seccomp ? { podSeccomp: false } : {}) } as const)
        sites.push({
          id,
          source: id,
          file: path,
          document: id,
          object: read.ref,
          root: read.root,
          at: [],
          spec,
          allows,
          partial: false,
          comments: commentsOf(construction.call, comments(file)),
          ...ofPlus,
          ...(metadata === undefined ? {} : { metadata }),
        })
      }
    }
  }
  return { documents, sites, notes, problems, made }
}

type Read = { readonly root: Node; readonly ref: ObjectRef; readonly made: Made } | { readonly reason: string; readonly name: string }

/** Those above the statement of a construction, and inside of it up to the end of its last line. */
function commentsOf(call: ts.Node, all: readonly Comment[]): readonly Comment[] {
  const t = compiler()
  let statement: ts.Node = call
  while (!t.isStatement(statement) && statement.parent !== undefined) statement = statement.parent
  const next = call.getSourceFile().text.indexOf('\n', statement.end)
  return all.filter(({ at: { span } }) => span.start >= statement.getFullStart() && span.end <= (next === -1 ? Number.POSITIVE_INFINITY : next))
}

function readWorkload(construction: Construction, file: ts.SourceFile, imports: Imports, unit: Unit, source: Source): Read {
  const t = compiler()
  const { kind, apiVersion, dialect, props, call } = construction
  const idText = nameOf(construction)
  const found = objectOf(props)
  if (found === undefined && !(dialect === 'plus' && props === undefined))
    return { reason: props === undefined ? 'it has no props' : `its props are ${describe(props)}`, name: idText }
  const object = found?.object ?? t.factory.createObjectLiteralExpression()
  let root: Node
  let plus: Made['plus']
  if (dialect === 'plus') {
    if (found === undefined) return { reason: 'its containers are not written here', name: idText }
    const version = plusVersion(construction.module, source.path, unit.files)
    const containers = plusContainers(object, file, call)
    if (containers.length === 0) return { reason: 'its containers are not written here', name: idText }
    plus = { version, containers }
    root = plusRoot(construction, object, plusSpec(object, containers, version, call, escapes(file, call)))
    if (/\.(?:mount|addVolume)\(/.test(file.text)) root = withOpenVolumes(root, podSpecPaths(construction)[0]?.path ?? [])
  } else {
    const own = nodeOf(object, true)
    if (own.is !== 'map') return { reason: 'its props cannot be read', name: idText }
    const entries = new Map(own.entries)
    if (dialect === 'l1')
      for (const [key, value] of [
        ['apiVersion', apiVersion],
        ['kind', kind],
      ] as const)
        entries.set(key, { node: { is: 'value', value } })
    root = { ...own, entries, at: placeOf(call) }
  }
  const after = patched(root, callsOf(file, call, /^addJsonPatch$/))
  if (after === undefined) return { reason: 'a JSON patch of it cannot be read', name: idText }
  root = after.root
  const metadata = entriesOf(nodeAt(root, ['metadata']))
  const [name, namespace] = ['name', 'namespace'].map((key) => scalar(metadata.get(key)?.node))
  const ref: ObjectRef = { apiVersion, kind, name: typeof name === 'string' ? name : idText, ...(typeof namespace === 'string' ? { namespace } : {}) }
  return { root, ref, made: { construction, file, imports, props: object, shared: found?.shared === true, patched: after.paths, ...(plus === undefined ? {} : { plus }) } }
}

function nameOf({ call, id }: Construction): string {
  return compiler().isCallExpression(call) ? className(call) : id === undefined ? '' : textOf(id)
}

/** Of `super(…)`: the class says what it makes. */
function className(call: ts.Node): string {
  let at = call.parent
  while (at !== undefined && !compiler().isClassLike(at)) at = at.parent
  return at !== undefined && compiler().isClassLike(at) ? (at.name?.text ?? '') : ''
}

function textOf(id: ts.Expression): string {
  const t = compiler()
  const { to } = literalOf(id)
  if (t.isStringLiteralLike(to)) return to.text
  return t.isTemplateExpression(to) ? templateText(to) : to.getText()
}

function describe(expression: ts.Expression): string {
  const t = compiler()
  const { to } = literalOf(expression)
  if (t.isCallExpression(to)) return `made by ${to.expression.getText().slice(0, 60)}()`
  return t.isIdentifier(to) || t.isPropertyAccessExpression(to) ? `${to.getText().slice(0, 60)}, which is not written here` : 'an expression'
}

function plusContainers(props: ts.ObjectLiteralExpression, file: ts.SourceFile, call: ts.Node): readonly PlusContainer[] {
  const t = compiler()
  const found: PlusContainer[] = []
  for (const group of ['initContainers', 'containers'] as const) {
    const property = member(props, group)
    const list = property === undefined ? undefined : valueOf(property)
    const array = list === undefined ? undefined : literalOf(list).to
    if (array !== undefined && t.isArrayLiteralExpression(array)) for (const element of array.elements) if (!t.isSpreadElement(element)) found.push({ group, expression: element })
  }
  for (const added of callsOf(file, call, /^(?:addContainer|addInitContainer|attachContainer)$/)) {
    const [argument] = added.arguments
    const group = t.isPropertyAccessExpression(added.expression) && added.expression.name.text === 'addInitContainer' ? 'initContainers' : 'containers'
    if (argument !== undefined) found.push({ group, expression: argument })
  }
  return found
}

function plusRoot({ apiVersion, kind, call }: Construction, props: ts.ObjectLiteralExpression, spec: Node): Node {
  const map = (entries: readonly (readonly [string, Node])[], more?: Partial<Entry>): Node => ({
    is: 'map',
    open: false,
    entries: new Map(entries.map(([key, node]) => [key, { ...more, node }])),
  })
  const metadata = member(props, 'metadata')
  const podMetadata = member(props, 'podMetadata')
  const of = (property: ts.ObjectLiteralElementLike | undefined): readonly (readonly [string, Node])[] => {
    const given = property === undefined ? undefined : valueOf(property)
    return property === undefined ? [] : [['metadata', given === undefined ? opaque(property) : nodeOf(given, false)]]
  }
  const path = podSpecPaths({ apiVersion, kind })[0]?.path ?? ['spec']
  let inner = spec
  for (const [i, key] of [...path].reverse().entries()) {
    const isPodSpec = i === 0
    inner = map([...(isPodSpec && path.length > 1 ? of(podMetadata) : []), [key, inner]])
  }
  const entries = inner.is === 'map' ? [...inner.entries] : []
  return {
    is: 'map',
    open: false,
    at: placeOf(call),
    entries: new Map<string, Entry>([
      ['apiVersion', { node: { is: 'value', value: apiVersion } }],
      ['kind', { node: { is: 'value', value: kind } }],
      ...of(metadata).map(([key, node]) => [key, { node }] as const),
      ...entries,
    ]),
  }
}

/** Volumes come in by method calls that are not followed. */
function withOpenVolumes(root: Node, spec: Path): Node {
  const change = (node: Node | undefined, path: Path): Node => {
    if (node?.is !== 'map') return node ?? { is: 'map', open: true, entries: new Map() }
    const [head, ...rest] = path
    const entries = new Map(node.entries)
    if (head === undefined) {
      const volumes = entries.get('volumes')?.node
      entries.set('volumes', { node: volumes?.is === 'list' ? { ...volumes, open: true } : { is: 'list', items: [], open: true } })
    } else entries.set(String(head), { ...entries.get(String(head)), node: change(entries.get(String(head))?.node, rest) })
    return { ...node, entries }
  }
  return change(root, spec)
}
