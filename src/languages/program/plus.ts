/**
 * The dialect of cdk8s-plus: what its props mean in a pod spec, and how they say a field of one. What it fills in by
 * itself is a node without a place.
 * https://cdk8s.io/docs/latest/plus/
 */
import type { ts } from 'ts-morph'
import type { Change, Entry, Json, Node } from '../../types.ts'
import type { PlusVersion } from './gates.ts'
import { literalOf } from './hops.ts'
import { nodeOf, objectOf, opaque, placeOf, withComment } from './read.ts'
import { compiler, member, nameOf, valueOf } from './syntax.ts'

/** A container of the pod: its literal, where it has one. */
export interface PlusContainer {
  readonly group: 'containers' | 'initContainers'
  readonly expression: ts.Expression
}

type Entries = Map<string, Entry>

const SECURITY: Readonly<Record<string, string>> = {
  ensureNonRoot: 'runAsNonRoot',
  user: 'runAsUser',
  group: 'runAsGroup',
  fsGroup: 'fsGroup',
  privileged: 'privileged',
  allowPrivilegeEscalation: 'allowPrivilegeEscalation',
  readOnlyRootFilesystem: 'readOnlyRootFilesystem',
}

const value = (one: Json): Node => ({ is: 'value', value: one as string })

/** The pod spec that a workload of cdk8s-plus makes. */
/** `escapes`: other code may add containers. */
export function plusSpec(props: ts.ObjectLiteralExpression | undefined, containers: readonly PlusContainer[], version: PlusVersion, at: ts.Node, escapes: boolean): Node {
  const entries: Entries = new Map()
  const take = (name: string, key: string): void => {
    const property = props === undefined ? undefined : member(props, name)
    const expression = property === undefined ? undefined : valueOf(property)
    if (property !== undefined) entries.set(key, { key: placeOf(property.name ?? property), node: expression === undefined ? opaque(property) : nodeOf(expression, false, name) })
  }
  entries.set('automountServiceAccountToken', { node: value(false) })
  take('automountServiceAccountToken', 'automountServiceAccountToken')
  take('hostNetwork', 'hostNetwork')
  take('serviceAccount', 'serviceAccountName')
  entries.set('securityContext', podSecurity(props, version))
  const volumes: Node[] = []
  let isOpen = props !== undefined && (member(props, 'volumes') !== undefined || props.properties.some((property) => compiler().isSpreadAssignment(property)))
  for (const group of ['initContainers', 'containers'] as const) {
    const own = containers.filter((container) => container.group === group)
    if (own.length === 0) continue
    const items = own.map(({ expression }) => containerNode(expression, version, volumes))
    const list = props === undefined ? undefined : member(props, group)
    const listed = list === undefined ? undefined : valueOf(list)
    const isWhole = !escapes && (listed === undefined || isPlainList(listed))
    entries.set(group, { ...(list === undefined ? {} : { key: placeOf(list.name ?? list) }), node: { is: 'list', items, open: !isWhole, at: placeOf(at) } })
    if (items.some((item) => item.is === 'opaque')) isOpen = true
  }
  if (volumes.length > 0 || isOpen) entries.set('volumes', { node: { is: 'list', items: volumes, open: isOpen } })
  return { is: 'map', entries, open: false, at: placeOf(props ?? at) }
}

function isPlainList(expression: ts.Expression): boolean {
  const t = compiler()
  const { to, grows } = literalOf(expression)
  return t.isArrayLiteralExpression(to) && grows !== true && to.elements.every((element) => !t.isSpreadElement(element))
}

function podSecurity(props: ts.ObjectLiteralExpression | undefined, version: PlusVersion): Entry {
  const entries: Entries = new Map()
  if (version.hardDefaults) entries.set('runAsNonRoot', { node: value(true) })
  if (version.minor >= 22) entries.set('fsGroupChangePolicy', { node: value('Always') })
  return security(props, entries, (name, expression) => {
    if (name === 'fsGroupChangePolicy') return ['fsGroupChangePolicy', enumNode(expression, { ALWAYS: 'Always', ON_ROOT_MISMATCH: 'OnRootMismatch' })]
    if (name === 'sysctls') return ['sysctls', nodeOf(expression, false)]
    return undefined
  })
}

function containerSecurity(container: ts.ObjectLiteralExpression, version: PlusVersion): Entry {
  const entries: Entries = new Map()
  if (version.hardDefaults) {
    for (const [key, one] of [
      ['runAsNonRoot', true],
      ['readOnlyRootFilesystem', true],
      ['privileged', false],
      ['allowPrivilegeEscalation', false],
    ] as const)
      entries.set(key, { node: value(one) })
  }
  return security(container, entries, (name, expression) => {
    if (name === 'capabilities') return ['capabilities', capabilities(expression)]
    if (name === 'seccompProfile') return ['seccompProfile', seccomp(expression)]
    return undefined
  })
}

/** `entries` holds the defaults. */
function security(owner: ts.ObjectLiteralExpression | undefined, entries: Entries, other: (name: string, expression: ts.Expression) => readonly [string, Node] | undefined): Entry {
  const t = compiler()
  const property = owner === undefined ? undefined : member(owner, 'securityContext')
  if (property === undefined) return { node: { is: 'map', entries, open: owner?.properties.some((one) => t.isSpreadAssignment(one)) === true } }
  const expression = valueOf(property)
  const found = objectOf(expression)
  const key = placeOf(property.name ?? property)
  if (found === undefined) return { key, node: opaque(property) }
  let open = false
  for (const one of found.object.properties) {
    const name = nameOf(one)
    const given = valueOf(one)
    if (name === undefined || given === undefined) {
      open = true
      // A spread may replace every default and what stands before it.
      for (const known of [...entries.keys()]) entries.set(known, { node: opaque(one) })
      continue
    }
    const mapped = other(name, given) ?? (SECURITY[name] === undefined ? undefined : ([SECURITY[name], nodeOf(given, false)] as const))
    if (mapped !== undefined) entries.set(mapped[0], { key: placeOf(one.name ?? one), node: withComment(mapped[1], one) })
  }
  return { key, node: { is: 'map', entries, open, at: placeOf(found.object) } }
}

/** `kplus.Capability.NET_ADMIN`: the member names it. Until 28 values had `CAP_` before them. */
function enumNode(expression: ts.Expression, values: Readonly<Record<string, string>> | undefined): Node {
  const { to } = literalOf(expression)
  if (!compiler().isPropertyAccessExpression(to)) return opaque(to)
  const name = to.name.text
  const text = values === undefined ? name : values[name]
  return text === undefined ? opaque(to) : { is: 'value', value: text, quoted: true, raw: to.getText(), at: placeOf(to) }
}

function capabilities(expression: ts.Expression): Node {
  const t = compiler()
  const found = objectOf(expression)
  if (found === undefined) return opaque(expression)
  const entries: Entries = new Map()
  for (const name of ['add', 'drop']) {
    const property = member(found.object, name)
    const list = property === undefined ? undefined : valueOf(property)
    if (property === undefined) continue
    const array = list === undefined ? undefined : literalOf(list).to
    const node: Node =
      array === undefined || !t.isArrayLiteralExpression(array)
        ? opaque(property)
        : { is: 'list', items: array.elements.map((item) => enumNode(item, undefined)), open: array.elements.some((item) => t.isSpreadElement(item)), at: placeOf(array) }
    entries.set(name, { key: placeOf(property.name ?? property), node })
  }
  return { is: 'map', entries, open: found.object.properties.some((one) => t.isSpreadAssignment(one)), at: placeOf(found.object) }
}

function seccomp(expression: ts.Expression): Node {
  const found = objectOf(expression)
  const type = found === undefined ? undefined : member(found.object, 'type')
  const given = type === undefined ? undefined : valueOf(type)
  if (found === undefined || given === undefined) return opaque(expression)
  const entries: Entries = new Map([['type', { node: enumNode(given, { RUNTIME_DEFAULT: 'RuntimeDefault', LOCALHOST: 'Localhost', UNCONFINED: 'Unconfined' }) }]])
  const local = member(found.object, 'localhostProfile')
  const path = local === undefined ? undefined : valueOf(local)
  if (path !== undefined) entries.set('localhostProfile', { node: nodeOf(path, false) })
  return { is: 'map', entries, open: false, at: placeOf(found.object) }
}

/** `volumes` gets those that are made in place. */
function containerNode(expression: ts.Expression, version: PlusVersion, volumes: Node[]): Node {
  const found = objectOf(expression)
  if (found === undefined) return opaque(expression)
  const t = compiler()
  const { object } = found
  const entries: Entries = new Map([['name', { node: value('main') }]])
  const take = (name: string, key: string, read: (expression: ts.Expression) => Node = (one) => nodeOf(one, false, name)): void => {
    const property = member(object, name)
    const given = property === undefined ? undefined : valueOf(property)
    if (property !== undefined) entries.set(key, { key: placeOf(property.name ?? property), node: given === undefined ? opaque(property) : read(given) })
  }
  take('name', 'name')
  take('image', 'image')
  take('command', 'command')
  take('args', 'args')
  for (const port of ['port', 'portNumber'])
    take(port, 'ports', (one) => ({ is: 'list', open: false, items: [{ is: 'map', open: false, entries: new Map([['containerPort', { node: nodeOf(one, false) }]]) }] }))
  take('ports', 'ports', portsNode)
  take('envFrom', 'envFrom')
  take('envVariables', 'env', environment)
  take('volumeMounts', 'volumeMounts', (one) => mounts(one, volumes))
  entries.set('securityContext', containerSecurity(object, version))
  const open = object.properties.some((one) => t.isSpreadAssignment(one) || nameOf(one) === undefined)
  if (open) for (const key of [...entries.keys()]) if (entries.get(key)?.key === undefined && key !== 'securityContext') entries.set(key, { node: opaque(object) })
  return { is: 'map', entries, open, at: placeOf(object) }
}

function portsNode(expression: ts.Expression): Node {
  const t = compiler()
  const { to } = literalOf(expression)
  if (!t.isArrayLiteralExpression(to)) return opaque(expression)
  const items = to.elements.map((element): Node => {
    const found = objectOf(element)
    const port = found === undefined ? undefined : member(found.object, 'number')
    const given = port === undefined ? undefined : valueOf(port)
    return given === undefined ? opaque(element) : { is: 'map', open: true, entries: new Map([['containerPort', { node: nodeOf(given, false) }]]) }
  })
  return { is: 'list', items, open: to.elements.some((element) => t.isSpreadElement(element)), at: placeOf(to) }
}

/** `{ NAME: EnvValue.fromValue('x') }` as the list of a pod spec. */
function environment(expression: ts.Expression): Node {
  const found = objectOf(expression)
  if (found === undefined) return opaque(expression)
  const t = compiler()
  const items: Node[] = []
  let open = false
  for (const property of found.object.properties) {
    const name = nameOf(property)
    const given = valueOf(property)
    if (name === undefined || given === undefined) {
      open = true
      continue
    }
    const text = t.isCallExpression(given) && t.isPropertyAccessExpression(given.expression) && given.expression.name.text === 'fromValue' ? given.arguments[0] : undefined
    items.push({
      is: 'map',
      open: false,
      at: placeOf(property),
      entries: new Map([
        ['name', { node: value(name) }],
        ['value', { node: text === undefined ? opaque(given) : nodeOf(text, false) }],
      ]),
    })
  }
  return { is: 'list', items, open, at: placeOf(found.object) }
}

/** `{ path: '/tmp', volume: Volume.fromEmptyDir(this, 'id', 'tmp') }`; what another expression gives is a mount of a volume that is not seen. */
function mounts(expression: ts.Expression, volumes: Node[]): Node {
  const t = compiler()
  const { to, grows } = literalOf(expression)
  if (!t.isArrayLiteralExpression(to)) return opaque(expression)
  const items = to.elements.map((element): Node => {
    const found = objectOf(element)
    const [path, volume] = ['path', 'volume'].map((name) => {
      const property = found === undefined ? undefined : member(found.object, name)
      return property === undefined ? undefined : valueOf(property)
    })
    if (found === undefined || path === undefined || volume === undefined) return opaque(element)
    const name = emptyDirName(volume)
    const entries: Entries = new Map([['mountPath', { node: nodeOf(path, false) }]])
    if (name === undefined) entries.set('name', { node: opaque(volume) })
    else {
      entries.set('name', { node: value(name) })
      volumes.push({
        is: 'map',
        open: false,
        entries: new Map([
          ['name', { node: value(name) }],
          ['emptyDir', { node: { is: 'map', open: false, entries: new Map() } }],
        ]),
      })
    }
    const readOnly = member(found.object, 'readOnly')
    const given = readOnly === undefined ? undefined : valueOf(readOnly)
    if (given !== undefined) entries.set('readOnly', { node: nodeOf(given, false) })
    return { is: 'map', open: found.object.properties.some((one) => t.isSpreadAssignment(one)), entries, at: placeOf(element) }
  })
  return { is: 'list', items, open: grows === true || to.elements.some((element) => t.isSpreadElement(element)), at: placeOf(to) }
}

function emptyDirName(expression: ts.Expression): string | undefined {
  const t = compiler()
  const { to } = literalOf(expression)
  if (!t.isCallExpression(to) || !t.isPropertyAccessExpression(to.expression) || to.expression.name.text !== 'fromEmptyDir') return undefined
  const name = to.arguments.length >= 3 ? to.arguments[2] : to.arguments.length === 1 ? to.arguments[0] : undefined
  return name !== undefined && t.isStringLiteralLike(name) ? name.text : undefined
}

/** What cdk8s-plus fills in where nothing is said, at a path of a pod template; undefined where it fills in nothing. */
export function plusDefault(path: readonly (string | number)[], version: PlusVersion): Json | undefined {
  if (!version.hardDefaults || path[0] !== 'spec') return undefined
  const field = path
    .slice(1)
    .filter((step) => typeof step === 'string')
    .join('.')
  if (field === 'securityContext.runAsNonRoot') return true
  const own = /^(?:containers|initContainers)\.securityContext\.(\w+)$/.exec(field)?.[1]
  if (own === 'runAsNonRoot' || own === 'readOnlyRootFilesystem') return true
  return own === 'privileged' || own === 'allowPrivilegeEscalation' ? false : undefined
}

/** The prop that says a field of a security context. */
export function plusRemoval(
  path: readonly (string | number)[],
): { readonly container?: { readonly group: string; readonly index: number }; readonly path: readonly string[] } | undefined {
  const [head, second, index, ...rest] = path
  if (head !== 'spec') return undefined
  if (second === 'securityContext' && rest.length === 0) return FIELDS[String(index)] === undefined ? undefined : { path: ['securityContext', FIELDS[String(index)] as string] }
  if ((second !== 'containers' && second !== 'initContainers') || typeof index !== 'number' || rest[0] !== 'securityContext') return undefined
  const field = String(rest[1])
  const own = FIELDS[field] ?? (field === 'seccompProfile' || field === 'capabilities' ? field : undefined)
  if (own === undefined || rest.length > 3) return undefined
  return { container: { group: second, index }, path: ['securityContext', own, ...rest.slice(2).map(String)] }
}

/** Where a change goes: below the props of the workload or of one of its containers. */
export interface PlusWrite {
  readonly container?: { readonly group: string; readonly index: number }
  readonly path: readonly string[]
  readonly op: 'set' | 'append'
  readonly value: { readonly json: Json } | { readonly code: string }
}

const FIELDS: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(SECURITY).map(([own, theirs]) => [theirs, own]))
const POLICIES: Readonly<Record<string, string>> = { Always: 'ALWAYS', OnRootMismatch: 'ON_ROOT_MISMATCH' }

/**
 * The change of a pod template in the words of cdk8s-plus; undefined where it has none. `say` gives a name of its
 * module as the file writes it.
 */
export function plusWrites(
  change: Change,
  version: PlusVersion,
  say: (name: string) => string | undefined,
  volume: (name: string) => string | undefined,
): readonly PlusWrite[] | undefined {
  if (change.op === 'remove' || change.path[0] !== 'spec') return undefined
  const [, second, index, ...rest] = change.path
  const json = change.value
  const code = (name: string, memberName: string): { readonly code: string } | undefined => {
    const known = say(name)
    return known === undefined ? undefined : { code: `${known}.${memberName}` }
  }
  if (second === 'securityContext') {
    const field = String(index)
    if (field === 'fsGroupChangePolicy') {
      const policy = code('FsGroupChangePolicy', POLICIES[String(json)] ?? '')
      return policy === undefined || POLICIES[String(json)] === undefined ? undefined : [{ path: ['securityContext', field], op: 'set', value: policy }]
    }
    if (field === 'sysctls' && change.op === 'append') return [{ path: ['securityContext', field], op: 'append', value: { json } }]
    const own = FIELDS[field]
    return own === undefined || rest.length > 0 || change.op !== 'set' ? undefined : [{ path: ['securityContext', own], op: 'set', value: { json } }]
  }
  // The volume is written where it is mounted.
  if (second === 'volumes' && change.op === 'append') return isPlainEmptyDir(json) ? [] : undefined
  if ((second !== 'containers' && second !== 'initContainers') || typeof index !== 'number') return undefined
  const container = { group: second, index }
  const [field, part, more] = rest.map(String)
  if (field === 'volumeMounts' && change.op === 'append') {
    const { name, mountPath, ...others } = json as { name?: string; mountPath?: string }
    const made = name === undefined ? undefined : volume(name)
    if (made === undefined || mountPath === undefined || Object.keys(others).length > 0) return undefined
    return [{ container, path: ['volumeMounts'], op: 'append', value: { code: `{ path: ${JSON.stringify(mountPath).replaceAll('"', "'")}, volume: ${made} }` } }]
  }
  if (field === 'env' && change.op === 'append') {
    const { name, value: text } = json as { name?: string; value?: string }
    const from = code('EnvValue', `fromValue(${JSON.stringify(text ?? '').replaceAll('"', "'")})`)
    return name === undefined || text === undefined || from === undefined ? undefined : [{ container, path: ['envVariables', name], op: 'set', value: from }]
  }
  if (field !== 'securityContext') return undefined
  if (part === 'capabilities' && (more === 'drop' || more === 'add') && change.op === 'append') {
    const capability = version.capabilities ? code('Capability', String(json)) : undefined
    return capability === undefined ? undefined : [{ container, path: ['securityContext', 'capabilities', more], op: 'append', value: capability }]
  }
  if (part === 'seccompProfile' && !version.seccomp) return undefined
  if (part === 'seccompProfile') {
    const type = typeof json === 'object' && json !== null ? (json as { type?: Json }).type : more === 'type' ? json : undefined
    const runtime = code('SeccompProfileType', 'RUNTIME_DEFAULT')
    return type !== 'RuntimeDefault' || runtime === undefined ? undefined : [{ container, path: ['securityContext', 'seccompProfile', 'type'], op: 'set', value: runtime }]
  }
  const own = FIELDS[part ?? '']
  if (own === undefined || change.op !== 'set' || (own === 'allowPrivilegeEscalation' && !version.privilegeEscalation)) return undefined
  return [{ container, path: ['securityContext', own], op: 'set', value: { json } }]
}

function isPlainEmptyDir(json: Json): boolean {
  const { emptyDir } = json as { emptyDir?: Json }
  return typeof emptyDir === 'object' && emptyDir !== null && Object.keys(emptyDir).length === 0
}
