/** Documents and sites of the files of a unit. */
import { mayHoldDocument, mayHoldNamespace, mayHoldPodSpec, slices } from '../../kube/documents.ts'
import { groupOf, itemKind, metadataBeside, podSpecPaths } from '../../kube/workloads.ts'
import { positions } from '../../text/lines.ts'
import { entries, isNull, items, nodeAt, scalar } from '../../tree.ts'
import type { Comment, FieldsAllowed, Located, Node, Note, ObjectRef, Path, Problem, Site, Source, Unit, UnknownKind, WorkloadKind } from '../../types.ts'
import { type ParsedDocument, parseSlice } from './parse.ts'
import { rereadSlice } from './reread.ts'
import { templateLanguage } from './templates.ts'

export interface ManifestLocated extends Located {
  readonly documents: readonly ParsedDocument[]
}

export function locate(unit: Unit): ManifestLocated {
  return located(unit, parseSlice)
}

/** The same for an edited file, read by another parser where that knows every shape in a document. */
export function reread(unit: Unit): Located {
  return located(unit, (file, text, start, end, index) => {
    const document = rereadSlice(file, text, start, end, index)
    return document === undefined ? parseSlice(file, text, start, end, index) : { documents: [document] }
  })
}

function located(unit: Unit, parse: typeof parseSlice): ManifestLocated {
  const documents: ParsedDocument[] = []
  const sites: Site[] = []
  const problems: Problem[] = []
  const notes: Note[] = []
  const unknownKinds: UnknownKind[] = []
  for (const file of unit.files.list()) {
    const source = unit.files.read(file)
    if (source === undefined) continue
    const found = new FileLocator(source, parse, unit)
    found.run()
    documents.push(...found.documents)
    sites.push(...found.sites)
    problems.push(...found.problems)
    notes.push(...found.notes)
    unknownKinds.push(...found.unknownKinds)
  }
  return { documents, sites, problems, notes, unknownKinds }
}

const CONFLICT = /^(?:<<<<<<< |>>>>>>> )/m
const PATCH_OPERATION = /^[ \t]*(?:-[ \t]*)?(?:\{.*)?["']?op["']?[ \t]*:/m
const PATCHES_CONTAINERS = /["']?path["']?[ \t]*:[ \t]*["']?\/\S*ontainers\//
/** Kinds with containers of their own shape: no pod spec, so nothing here can be said about them. */
const OTHER_KINDS = /^(?:(?:Cluster|Cron)?Workflow(?:Template|TaskSet)?|Task|TaskRun|Pipeline|PipelineRun|ClusterTask|StepAction)$/
const OTHER_SHAPE = /^kind:[ \t]*["']?((?:Cluster|Cron)?Workflow(?:Template|TaskSet)?|Task|TaskRun|Pipeline|PipelineRun|ClusterTask|StepAction)["']?[ \t\r]*$/m

/** Operations of RFC 6902 on a list of containers; an object has a kind. https://www.rfc-editor.org/rfc/rfc6902 */
function isJsonPatch(text: string): boolean {
  return text.includes('ontainers/') && PATCHES_CONTAINERS.test(text) && PATCH_OPERATION.test(text) && !/^kind:/m.test(text)
}

/**
 * What an orchestrator passes to a KRM function holds a whole tree: an item that carries a template as text (the
 * dashboards of a ConfigMap) says nothing of the others, so each is judged alone.
 */
function isFunctionInput(text: string): boolean {
  if (!text.includes('ResourceList')) return false
  return /^kind:[ \t]*["']?ResourceList\b/m.test(text) || (/^\s*\{/.test(text) && /"kind"[ \t]*:[ \t]*"ResourceList"/.test(text))
}

class FileLocator {
  readonly documents: ParsedDocument[] = []
  readonly sites: Site[] = []
  readonly problems: Problem[] = []
  readonly notes: Note[] = []
  readonly unknownKinds: UnknownKind[] = []
  readonly #source: Source
  readonly #parse: typeof parseSlice
  readonly #position: (offset: number) => { line: number; column: number }
  readonly #names = new Map<string, number>()
  readonly #kinds: readonly WorkloadKind[]
  readonly #head: readonly Comment[]
  readonly #namespaces: boolean

  constructor(source: Source, parse: typeof parseSlice, { kinds = [], namespaces = false }: Unit) {
    this.#kinds = kinds
    this.#namespaces = namespaces
    this.#source = source
    this.#head = headOf(source)
    this.#parse = parse
    this.#position = positions(source.text)
  }

  run(): void {
    const { text, path } = this.#source
    if (!mayHoldDocument(text) && !(this.#namespaces && mayHoldNamespace(text))) {
      this.#otherShapes(text, 0)
      return
    }
    const conflict = text.includes('<<<<<<<') || text.includes('>>>>>>>') ? CONFLICT.exec(text) : null
    if (conflict !== null) {
      this.#problem('MERGE_CONFLICT', conflict.index, 'unresolved merge conflict; the file is left as it is', 'Resolve the conflict, then run again.')
      return
    }
    let index = 0
    for (const { start, end } of slices(text)) {
      const part = start === 0 && end === text.length ? text : text.slice(start, end)
      if (!(mayHoldPodSpec(part) || (this.#namespaces && mayHoldNamespace(part))) || isJsonPatch(part)) {
        this.#otherShapes(part, start)
        index++
        continue
      }
      const language = isFunctionInput(part) ? undefined : templateLanguage(part, false)
      if (language !== undefined) {
        this.#template(language, start)
        index++
        continue
      }
      const parsed = this.#parse(path, text, start, end, index)
      if ('failure' in parsed) {
        index++
        this.#failure(parsed.failure, part, start)
        continue
      }
      for (const document of parsed.documents) {
        this.documents.push(document)
        this.#object(document, document.root, [], undefined, 0, document.comments)
      }
      index += Math.max(parsed.documents.length, 1)
      const tab = /^ *\t[ \t]*(?:#.*)?\r?$/m.exec(part)
      if (tab !== null) {
        this.#note('TAB_LINE', start + tab.index, 'a line begins with a tab; the parser of Kubernetes may refuse the file', 'Remove the tab.')
      }
    }
  }

  #otherShapes(text: string, start: number): void {
    if (isJsonPatch(text)) {
      this.#note('JSON_PATCH', start, 'a JSON patch; left as it is', 'Harden the object that it is applied to, and what it adds by hand.')
      return
    }
    if (!text.includes('argoproj.io/') && !text.includes('tekton.dev/')) return
    const match = OTHER_SHAPE.exec(text)
    if (match === null || templateLanguage(text, false) !== undefined) return
    this.#otherShape(match[1] as string, start + match.index)
  }

  #otherShape(kind: string, at: number): void {
    this.#note(
      'UNKNOWN_KIND',
      at,
      `${kind}: its containers are not part of a pod spec; left as it is`,
      'Set the security context by hand, or through the defaults of its controller.',
    )
  }

  #failure(failure: { readonly code: Problem['code']; readonly at: number; readonly message: string }, part: string, start: number): void {
    const language = templateLanguage(part, true)
    if (language !== undefined) {
      this.#template(language, start)
      return
    }
    const hints: Partial<Record<Problem['code'], string>> = {
      LINE_BREAKS: 'Replace the character by a line feed or a blank, or put the text in double quotes.',
      UNPARSABLE: 'Correct the YAML at this place; kubectl would refuse it too.',
      ALIAS_BOMB: 'Write the values out, or share less of them.',
      TOO_DEEP: 'Flatten the document.',
    }
    this.#problem(failure.code, failure.at, `${failure.message}; the document is left as it is`, hints[failure.code] ?? 'Correct the document.')
  }

  #isTemplate({ at }: Node): boolean {
    const text = at === undefined ? '' : this.#source.text.slice(at.span.start, at.span.end)
    const language = mayHoldPodSpec(text) ? templateLanguage(text, false) : undefined
    if (language !== undefined) this.#template(language, at?.span.start ?? 0)
    return language !== undefined
  }

  #template(language: string, start: number): void {
    this.#note('TEMPLATE_LANGUAGE', start, `${language}: this language is not supported yet; left as it is`, 'Run podharden on the rendered output.')
  }

  #object(document: ParsedDocument, node: Node, at: Path, assumed: ObjectRef | undefined, depth: number, comments: readonly Comment[]): void {
    if (node.is !== 'map' || depth > 8) return
    const apiVersion = scalar(nodeAt(node, ['apiVersion'])) ?? assumed?.apiVersion
    const kind = scalar(nodeAt(node, ['kind'])) ?? assumed?.kind
    if (this.#duplicated(document, at, ['apiVersion', 'kind'])) return
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') return
    const list = kind === 'Template' && groupOf(apiVersion) in TEMPLATE_GROUPS ? 'objects' : kind.endsWith('List') ? 'items' : undefined
    if (list !== undefined) {
      const item = itemKind(apiVersion, kind, this.#kinds)
      const children = items(nodeAt(node, [list]))
      for (const [i, child] of children.entries()) {
        if (kind === 'ResourceList' && this.#isTemplate(child)) continue
        this.#object(document, child, [...at, list, i], item, depth + 1, ofItem(comments, children, i))
      }
      return
    }
    const name = scalar(nodeAt(node, ['metadata', 'name']))
    const namespace = scalar(nodeAt(node, ['metadata', 'namespace']))
    const object: ObjectRef = {
      apiVersion,
      kind,
      name: typeof name === 'string' ? name : typeof name === 'number' ? String(name) : '',
      ...(typeof namespace === 'string' && namespace !== '' ? { namespace } : {}),
    }
    if (this.#namespaces && apiVersion === 'v1' && kind === 'Namespace') {
      this.#namespace(document, node, object, at, comments)
      return
    }
    const rows = podSpecPaths(object, this.#kinds)
    if (rows.length === 0) {
      this.#unknownKind(node, object)
      return
    }
    for (const row of rows) for (const spec of expand(node, row.path)) this.#site(document, node, object, at, spec, row.allows, comments)
  }

  #site(document: ParsedDocument, root: Node, object: ObjectRef, at: Path, spec: Path, allows: FieldsAllowed, comments: readonly Comment[]): void {
    const podSpec = nodeAt(root, spec)
    if (this.#duplicatesOnPath(document, at, spec)) return
    if (podSpec?.is !== 'map') return
    if (allows === 'pod') {
      if (isNull(nodeAt(podSpec, ['securityContext']))) return
    } else if (nodeAt(podSpec, ['containers'])?.is !== 'list') return
    const containers = allows === 'pod' ? [] : (['initContainers', 'containers'] as const).flatMap((group) => [...items(nodeAt(podSpec, [group]))])
    if (allows !== 'pod' && !containers.some((container) => container.is === 'map')) return
    const partial = allows === 'pod' || containers.some((container) => !hasImage(container))
    if (partial && allows !== 'pod' && isPatch(root, podSpec, object, containers)) {
      this.#note('PARTIAL', podSpec.at?.span.start ?? 0, `${object.kind}/${object.name}: a partial object (a patch); left as it is`, 'Harden the object it is applied to.')
      return
    }
    const metadata = metadataBeside(spec, allows)
    const owner = ownerOf(root)
    const base = `${document.file}#${object.apiVersion}/${object.kind}/${object.namespace ?? ''}/${object.name}${rowName(spec)}`
    const count = (this.#names.get(base) ?? 0) + 1
    this.#names.set(base, count)
    const id = count === 1 ? base : `${base}~${count}`
    this.sites.push({
      id,
      source: id,
      file: document.file,
      document: document.id,
      object,
      root,
      at,
      spec,
      allows,
      partial,
      comments,
      ...(this.#head.length === 0 ? {} : { head: this.#head }),
      ...(metadata === undefined ? {} : { metadata }),
      ...(owner === undefined ? {} : { owner }),
    })
  }

  #namespace(document: ParsedDocument, root: Node, object: ObjectRef, at: Path, comments: readonly Comment[]): void {
    if (this.#duplicatesOnPath(document, at, ['metadata', 'labels']) || object.name === '') return
    const id = `${document.file}#v1/Namespace//${object.name}`
    const common = { file: document.file, document: document.id, object, root, at, comments } as const
    this.sites.push({ id, source: id, ...common, spec: ['spec'], metadata: ['metadata'], allows: 'both', partial: false, isNamespace: true })
  }

  /** Only the top of an object may repeat keys that say what it is; then nobody knows what it is. */
  #duplicated(document: ParsedDocument, at: Path, keys: readonly string[]): boolean {
    const found = document.duplicates.find(({ path, key }) => samePath(path, at) && keys.includes(key))
    if (found !== undefined) this.#twice(found)
    return found !== undefined
  }

  #duplicatesOnPath(document: ParsedDocument, at: Path, spec: Path): boolean {
    const full = [...at, ...spec]
    let refused = false
    for (const duplicate of document.duplicates) {
      if (duplicateMatters(duplicate.path, duplicate.key, full)) {
        refused = true
        this.#twice(duplicate)
      } else if (samePath(duplicate.path.slice(0, at.length), at)) {
        this.#note('DUPLICATE_KEY', duplicate.at, `the key "${duplicate.key}" occurs twice in one map; Kubernetes takes the last one`, 'Remove one of the two.')
      }
    }
    return refused
  }

  #twice({ key, at }: { readonly key: string; readonly at: number }): void {
    this.#problem(
      'DUPLICATE_KEY',
      at,
      `the key "${key}" occurs twice in one map; which one counts is not for a tool to guess; the object is left as it is`,
      'Remove one of the two.',
    )
  }

  #unknownKind(node: Node, object: ObjectRef): void {
    if (object.kind === 'CustomResourceDefinition' || object.kind === 'ConfigMap' || object.kind === 'Secret') return
    if (OTHER_KINDS.test(object.kind) && /^(?:argoproj\.io|tekton\.dev)\//.test(object.apiVersion)) {
      this.#otherShape(object.kind, node.at?.span.start ?? 0)
      return
    }
    const found = findPodSpec(node, 0)
    if (found === undefined) return
    this.#note(
      'UNKNOWN_KIND',
      found.node.at?.span.start ?? 0,
      `${object.apiVersion} ${object.kind} looks like it holds a pod spec; the kind is not known, left as it is`,
      `Name the kind under workloads in podharden.yaml, with path: ${found.path}, or harden it by hand.`,
    )
    const { apiVersion, kind } = object
    if (!this.unknownKinds.some((one) => one.apiVersion === apiVersion && one.kind === kind)) this.unknownKinds.push({ apiVersion, kind, path: found.path })
  }

  #problem(code: Problem['code'], at: number, message: string, hint: string): void {
    const place = this.#position(at)
    if (this.problems.some((other) => other.code === code && other.line === place.line && other.message === message)) return
    this.problems.push({ code, file: this.#source.path, span: { start: at, end: at }, ...place, message, hint })
  }

  #note(code: Note['code'], at: number, message: string, hint: string): void {
    const { line } = this.#position(at)
    if (this.notes.some((other) => other.code === code && other.line === line && other.message === message)) return
    this.notes.push({ code, file: this.#source.path, line, message, hint })
  }
}

const TEMPLATE_GROUPS: Readonly<Record<string, true>> = { '': true, 'template.openshift.io': true }

/** Whole lines of comment before any content, with blank lines and the mark of the first document between them. */
function headOf({ path, text }: Source): readonly Comment[] {
  const found: Comment[] = []
  for (let start = 0; start < text.length; ) {
    const next = text.indexOf('\n', start)
    const end = next === -1 ? text.length : next
    const line = text.slice(start, end).trimEnd()
    if (line.startsWith('#')) found.push({ at: { file: path, span: { start, end: start + line.length } }, text: line, inline: false })
    else if (line !== '' && line !== '---') break
    start = end + 1
  }
  return found
}

/** Those inside of an item, behind it on its last line, and above it up to the item before. */
function ofItem(comments: readonly Comment[], items: readonly Node[], index: number): readonly Comment[] {
  const spanOf = (i: number): { readonly start: number; readonly end: number } => items[i]?.at?.span ?? { start: Number.POSITIVE_INFINITY, end: 0 }
  const [before, own, next] = [spanOf(index - 1), spanOf(index), spanOf(index + 1)]
  return comments.filter(({ at: { span }, inline }) => (inline ? span.start > own.start && span.start < next.start : span.start >= before.end && span.start < own.end))
}

function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((step, i) => step === b[i])
}

const DECIDING = new Set([
  'containers',
  'initContainers',
  'ephemeralContainers',
  'securityContext',
  'volumes',
  'volumeMounts',
  'image',
  'name',
  'command',
  'args',
  'ports',
  'env',
  'capabilities',
  'hostNetwork',
  'hostPID',
  'hostIPC',
  'os',
  'hostUsers',
])

function duplicateMatters(map: Path, key: string, spec: Path): boolean {
  if (map.length < spec.length) return samePath(map, spec.slice(0, map.length)) && spec[map.length] === key
  if (!samePath(map.slice(0, spec.length), spec)) return false
  const below = map.slice(spec.length)
  return below.includes('securityContext') || ((below.length === 0 || below.length === 2) && DECIDING.has(key))
}

function rowName(spec: Path): string {
  const text = spec.join('.')
  return text === 'spec' || text === 'spec.template.spec' || text === 'spec.jobTemplate.spec.template.spec' || text === 'template.spec' ? '' : `@${text}`
}

/** The first owner, as live objects name it. https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/ */
function ownerOf(root: Node): string | undefined {
  const owner = items(nodeAt(root, ['metadata', 'ownerReferences']))[0]
  const kind = scalar(nodeAt(owner, ['kind']))
  return typeof kind === 'string' ? `${kind}/${String(scalar(nodeAt(owner, ['name'])) ?? '')}` : undefined
}

/** Every concrete path that a pattern with `[]` and `*` stands for. */
function expand(root: Node, pattern: readonly string[]): readonly Path[] {
  let found: { readonly node: Node; readonly path: Path }[] = [{ node: root, path: [] }]
  for (const step of pattern) {
    found = found.flatMap(({ node, path }): { node: Node; path: Path }[] => {
      if (step === '[]') return items(node).map((item, i) => ({ node: item, path: [...path, i] }))
      if (step === '*') return [...entries(node)].map(([key, entry]) => ({ node: entry.node, path: [...path, key] }))
      const child = entries(node).get(step)?.node
      return child === undefined ? [] : [{ node: child, path: [...path, step] }]
    })
  }
  return found.map(({ path }) => path)
}

function hasImage(container: Node): boolean {
  const image = scalar(nodeAt(container, ['image']))
  return typeof image === 'string' && image.trim() !== '' && image !== 'auto'
}

/** A strategic merge patch: directives, or containers without an image in an object that is not complete either. */
function isPatch(root: Node, podSpec: Node, object: ObjectRef, containers: readonly Node[]): boolean {
  const directive = (node: Node): boolean => [...entries(node).keys()].some((key) => key.startsWith('$'))
  if (directive(root) || directive(podSpec) || containers.some(directive)) return true
  if (containers.some((container) => scalar(nodeAt(container, ['image'])) === 'auto')) return false
  const group = groupOf(object.apiVersion)
  // The image of a DeploymentConfig may come from its triggers, also in the old group.
  if (object.kind === 'DeploymentConfig') return false
  if (group === '' || group === 'batch') return true
  return (group === 'apps' || group === 'extensions') && isNull(nodeAt(root, ['spec', 'selector']))
}

/** A map with a list of containers that have images, somewhere inside. */
/** The first map with containers, and the fields that lead there, `[]` for an item of a list. */
function findPodSpec(node: Node, depth: number, path = ''): { readonly node: Node; readonly path: string } | undefined {
  if (depth > 12) return undefined
  if (node.is === 'list') {
    for (const item of node.items) {
      const found = findPodSpec(item, depth + 1, `${path}[]`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (node.is !== 'map') return undefined
  const containers = items(node.entries.get('containers')?.node)
  if (containers.some((container) => container.is === 'map' && hasImage(container))) return { node, path }
  for (const [key, { node: child }] of node.entries) {
    const found = findPodSpec(child, depth + 1, path === '' ? key : `${path}.${key}`)
    if (found !== undefined) return found
  }
  return undefined
}
