/** Wanted fields to edits of literals, imports and, where no prop can say it, a JSON patch. */
import type { ts } from 'ts-morph'
import { objectPath } from '../../pod.ts'
import { applyChange, nodeAt, toJson } from '../../tree.ts'
import type { Change, Edit, Json, Lowered, Node, Path, Refusal, Site, Wanted } from '../../types.ts'
import { seccompWord } from './gates.ts'
import { Literals, quoted, type Refused } from './literals.ts'
import { literalOf } from './hops.ts'
import type { Made, ProgramLocated } from './locate.ts'
import { Names } from './names.ts'
import { nameOfConstruct, patchStatement } from './patches.ts'
import { plusDefault, plusRemoval, plusWrites } from './plus.ts'
import { placeOf, RENAMED } from './read.ts'
import { styleOf } from './style.ts'
import { compiler, member } from './syntax.ts'
import type { Files, Unit } from '../../types.ts'

const ORIGINAL: ReadonlyMap<string, string> = new Map([...RENAMED].map(([own, theirs]) => [theirs, own]))

export function lower(unit: Unit, located: ProgramLocated, wanted: readonly Wanted[]): Lowered {
  const refused: Refusal[] = []
  const expected = new Map<string, Node>()
  const writers = new Map<ts.SourceFile, FileWriter>()
  for (const document of located.documents) {
    const made = located.made.get(document.id)
    const here = wanted.filter(({ site }) => site.document === document.id)
    if (made === undefined || here.length === 0) continue
    const writer = writers.get(made.file) ?? new FileWriter(made)
    writers.set(made.file, writer)
    let root = document.root
    for (const { site, proposal, change } of here) {
      const path = objectPath(site, change.path)
      const applied = path === undefined ? undefined : applyChange(root, { ...change, path: [...site.at, ...path] })
      // Two proposals may want the same item.
      if (applied?.root === root) continue
      const problem =
        applied?.root === undefined
          ? { refused: 'something that cannot be read stands in the way', at: made.construction.call }
          : isPatched(made, [...site.at, ...(path ?? [])])
            ? { refused: 'a JSON patch of it sets this', at: made.construction.call }
            : writer.write(made, site, change, unit.files, isTogether(here, change))
      if (problem !== undefined) refused.push({ proposal, reason: 'opaque', message: problem.refused, at: placeOf(problem.at) })
      else if (applied?.root !== undefined) {
        root = applied.root
        // What is not said any more, cdk8s-plus says itself.
        const filled = change.op === 'remove' && made.plus !== undefined ? plusDefault(change.path, made.plus.version) : undefined
        if (filled !== undefined && path !== undefined) root = applyChange(root, { op: 'set', path: [...site.at, ...path], value: filled }).root ?? root
      }
    }
    if (root === document.root) continue
    for (const problem of writer.finish(made, root))
      for (const { proposal } of here) refused.push({ proposal, reason: 'opaque', message: problem.refused, at: placeOf(problem.at) })
    expected.set(document.id, root)
  }
  // All workloads of a file share its imports, so they are one patch.
  const patches = [...writers].flatMap(([file, writer]) => {
    const edits = writer.edits()
    const documents = located.documents.filter(({ id }) => expected.has(id) && located.made.get(id)?.file === file).map(({ id }) => id)
    const proposals = [...new Set(wanted.filter(({ site }) => documents.includes(site.document)).map(({ proposal }) => proposal))]
    return edits.length === 0 ? [] : [{ id: file.fileName, documents, proposals, edits: new Map([[file.fileName, edits]]), created: new Map() }]
  })
  return { patches, refused, expected }
}

/** A patch sets the place, something around it or something in it. */
function isPatched({ patched }: Made, path: Path): boolean {
  return patched.some((own) => own.every((step, i) => i >= path.length || String(path[i]) === String(step)))
}

function isTogether(wanted: readonly Wanted[], change: Change): boolean {
  return wanted.some(({ change: other }) => other.op === 'set' && other.path.join('.') === change.path.join('.'))
}

class FileWriter {
  readonly #file: ts.SourceFile
  readonly #literals: Literals
  readonly #names: Names
  readonly #statements: Edit[] = []
  /** Paths of an object that only a JSON patch can say, by construction. */
  readonly #patched = new Map<Made, Set<string>>()

  constructor({ file, imports }: Made) {
    this.#file = file
    this.#literals = new Literals(file)
    this.#names = new Names(file, imports)
  }

  /** `together`: another change sets again what this one takes out. */
  write(made: Made, site: Site, change: Change, files: Files, together: boolean): Refused | undefined {
    const { construction, props, shared } = made
    if (shared) return { refused: 'its props are shared with other code', at: construction.call }
    if (made.plus !== undefined) return this.#writePlus(made, made.plus, site, change, together)
    const path = objectPath(site, change.path)
    if (path === undefined) return { refused: 'this kind has no pod metadata', at: construction.call }
    const seccomp = construction.dialect === 'l1' && path.includes('seccompProfile') ? seccompWord(construction.module, this.#file.fileName, files) : 'text'
    if (seccomp === 'none') return { refused: 'the generated imports are older than Kubernetes 1.19 and do not know seccompProfile; run cdk8s import first', at: construction.call }
    if (typeof seccomp === 'object') return this.#setEnum(made, path, change, seccomp.enum)
    const own = construction.dialect === 'l1' ? path.map((step) => ORIGINAL.get(String(step)) ?? step) : path
    if (change.op === 'remove') return this.#literals.remove(props, own)
    return change.op === 'set' ? this.#literals.set(props, own, { json: change.value }) : this.#literals.append(props, own, { json: change.value })
  }

  /** Some generated files have an enum for the type of a profile. */
  #setEnum({ construction, props }: Made, path: Path, change: Change, name: string): Refused | undefined {
    const isType = path.at(-1) === 'type'
    const type = change.op !== 'set' ? undefined : isType ? change.value : (change.value as { readonly type?: Json }).type
    const known = this.#names.say(construction.module.replace('#k8s', '/lib/imports/k8s'), construction.prefix, name)
    if (type !== 'RuntimeDefault' || known === undefined) return { refused: `${name} cannot be named here`, at: construction.call }
    return this.#literals.set(props, isType ? path : [...path, 'type'], { code: `${known}.RUNTIME_DEFAULT` })
  }

  #writePlus(made: Made, { version }: NonNullable<Made['plus']>, site: Site, change: Change, together: boolean): Refused | undefined {
    const { construction, props } = made
    const { module, prefix, scope, id, kind, call } = construction
    const volume = (name: string): string | undefined => {
      // Without claim templates a StatefulSet of these versions loses the volumes of its pod.
      if (version.losesVolumes && kind === 'StatefulSet' && member(props, 'volumeClaimTemplates') === undefined) return undefined
      const owner = this.#names.say(module, prefix, 'Volume')
      const style = styleOf(this.#file)
      if (owner === undefined) return undefined
      if (version.minor < 22) return `${owner}.fromEmptyDir(${quoted(name, style)})`
      return scope === undefined || id === undefined ? undefined : `${owner}.fromEmptyDir(${scope.getText()}, ${idWith(id, name, style)}, ${quoted(name, style)})`
    }
    if (change.op === 'remove') {
      const where = plusRemoval(change.path)
      // Without its own `false` the root is read-only at once, so it goes together with the volumes or not at all.
      if (change.path.at(-1) === 'readOnlyRootFilesystem' && version.hardDefaults && !together)
        return { refused: 'the volumes that a read-only root needs could not be written', at: call }
      const owner = where?.container === undefined ? props : this.#containerOf(made, where.container)
      if (where === undefined || owner === undefined) return { refused: `${module} has no prop for ${change.path.slice(-2).join('.')} here`, at: call }
      return 'refused' in owner ? owner : this.#literals.remove(owner, where.path)
    }
    const writes = plusWrites(change, version, (name) => this.#names.say(module, prefix, name), volume)
    if (writes === undefined) {
      const path = patchPath(site, change)
      if (path === undefined || nameOfConstruct(call)?.statement === undefined || (/\/(?:init)?containers\/\d+\//i.test(path) && !areCounted(made)))
        return { refused: `${module} has no prop for ${change.path.slice(-2).join('.')} here`, at: call }
      const set = this.#patched.get(made) ?? new Set<string>()
      this.#patched.set(made, set.add(path))
      return undefined
    }
    for (const { container, path, op, value } of writes) {
      const object = container === undefined ? props : this.#containerOf(made, container)
      if ('refused' in object) return object
      const problem = op === 'set' ? this.#literals.set(object, path, value) : this.#literals.append(object, path, value)
      if (problem !== undefined) return problem
    }
    return undefined
  }

  #containerOf({ plus, construction }: Made, { group, index }: { readonly group: string; readonly index: number }): ts.ObjectLiteralExpression | Refused {
    const own = plus?.containers.filter((container) => container.group === group)[index]
    const found = own === undefined ? undefined : literalOf(own.expression)
    if (own === undefined || found === undefined || !compiler().isObjectLiteralExpression(found.to)) return { refused: 'the container is not written here', at: construction.call }
    if (found.fixed === true) return { refused: 'the type of the container has no place for another member', at: own.expression }
    return found.shared ? { refused: 'the container is shared with other code', at: own.expression } : found.to
  }

  /** `root`: the object as it must be. */
  finish(made: Made, root: Node): readonly Refused[] {
    const paths = this.#patched.get(made)
    const named = nameOfConstruct(made.construction.call)
    if (paths === undefined || named?.statement === undefined) return []
    const patches = [...paths].map((path) => ({ path, value: toJson(nodeAt(root, stepsOf(path))) as Json }))
    const edit = patchStatement(this.#file, named.statement, named.text, false, patches, this.#names)
    if (edit === undefined) return [{ refused: 'ApiObject or JsonPatch means something else in this file', at: made.construction.call }]
    this.#statements.push(edit)
    return []
  }

  edits(): readonly Edit[] {
    const own = [...this.#literals.edits(), ...this.#statements]
    return own.length === 0 ? [] : [...own, ...this.#names.edits()]
  }
}

/** Each container has the index that it is read with: none before it is made by a condition, in a loop, or elsewhere. */
function areCounted({ plus, construction }: Made): boolean {
  const t = compiler()
  const home = nameOfConstruct(construction.call)?.statement?.parent
  return (plus?.containers ?? []).every(({ expression }) => {
    const { parent } = expression
    if (t.isArrayLiteralExpression(parent)) return parent.elements.every((element) => !t.isSpreadElement(element))
    let at: ts.Node = expression
    while (at.parent !== undefined && !t.isStatement(at)) at = at.parent
    return at.parent === home
  })
}

/** What cdk8s-plus always prints the parent of: the profile of the pod, the capabilities of a container. */
function patchPath(site: Site, change: Change): string | undefined {
  const path = objectPath(site, change.path)
  if (path === undefined) return undefined
  const text = path.join('/')
  const whole = /^(.*\/securityContext\/(?:seccompProfile|capabilities))(?:\/.*)?$/.exec(text)?.[1]
  return whole === undefined ? undefined : `/${whole}`
}

function stepsOf(path: string): Path {
  return path
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

/** An id that is free: that of the workload with the volume's name behind it. */
function idWith(id: ts.Expression, name: string, style: { readonly quote: "'" | '"' }): string {
  const t = compiler()
  return t.isStringLiteralLike(id) ? quoted(`${id.text}-${name}`, style) : `\`\${${id.getText()}}-${name}\``
}
