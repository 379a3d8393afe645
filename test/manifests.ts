/** Random manifests in random styles: what an author could have written by hand. */
import fc from 'fast-check'

export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain }

export interface Style {
  readonly step: 2 | 3 | 4
  readonly listOffset: 0 | 2
  readonly dash: 2 | 3 | 4
  readonly eol: '\n' | '\r\n'
  readonly finalNewline: boolean
  readonly bom: boolean
  /** Draws from 0 to 99 decide each small choice, so that shrinking makes the text plainer. */
  readonly draws: readonly number[]
}

export const style: fc.Arbitrary<Style> = fc.record({
  step: fc.constantFrom(2, 3, 4),
  listOffset: fc.constantFrom(0, 2),
  dash: fc.constantFrom(2, 3, 4),
  eol: fc.constantFrom('\n', '\r\n'),
  finalNewline: fc.boolean(),
  bom: fc.boolean(),
  draws: fc.array(fc.nat(99), { minLength: 40, maxLength: 40 }),
})

const image = fc.constantFrom(
  'registry.example/app:1',
  'nginx:1.27',
  'redis:7.4',
  'busybox:1.36',
  'postgres:16',
  'grafana/grafana:11.1.0',
  'registry.example/team/api@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
)
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 2 })

const containerContext = fc.record({
  runAsNonRoot: maybe(fc.boolean()),
  runAsUser: maybe(fc.constantFrom(0, 1000, 65534)),
  allowPrivilegeEscalation: maybe(fc.boolean()),
  privileged: maybe(fc.constantFrom(false, false, true)),
  readOnlyRootFilesystem: maybe(fc.boolean()),
  capabilities: maybe(fc.record({ drop: maybe(fc.constantFrom(['ALL'], ['all'], ['NET_RAW'], [])), add: maybe(fc.constantFrom(['NET_BIND_SERVICE'], ['SYS_ADMIN'], [])) })),
  seccompProfile: maybe(fc.constantFrom({ type: 'RuntimeDefault' }, { type: 'Unconfined' })),
})

const container = (name: string): fc.Arbitrary<Plain> =>
  fc.record({
    name: fc.constant(name),
    image,
    imagePullPolicy: maybe(fc.constantFrom('Always', 'IfNotPresent')),
    command: maybe(fc.constantFrom(['sh', '-c', 'echo "# no comment"'], ['/app'])),
    args: maybe(fc.constantFrom(['--port=8080'], ['|\n  not a block', 'a: b'])),
    env: maybe(fc.constantFrom([{ name: 'HOME', value: '/home/app' }], [{ name: 'CACHE_DIR', value: '/var/cache/app' }])),
    ports: maybe(fc.constantFrom([{ containerPort: 8080 }], [{ containerPort: 80, name: 'http' }])),
    volumeMounts: maybe(fc.constantFrom([{ name: 'tmp', mountPath: '/tmp/' }], [])),
    securityContext: maybe(fc.oneof(containerContext, fc.constant(null), fc.constant({}))),
  }) as unknown as fc.Arbitrary<Plain>

/** Two containers with one security context: the same object, printed once with an anchor and then as an alias. */
const shared: fc.Arbitrary<Plain> = fc.tuple(container('app'), container('side'), containerContext).map(([app, side, context]): Plain => {
  const kept = Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined)) as { [key: string]: Plain }
  return [
    { ...(app as object), securityContext: kept },
    { ...(side as object), securityContext: kept },
  ] as Plain
})

const podSpec: fc.Arbitrary<Plain> = fc.record({
  serviceAccountName: maybe(fc.constant('app')),
  securityContext: maybe(
    fc.oneof(
      fc.record({ runAsNonRoot: maybe(fc.boolean()), fsGroup: maybe(fc.constant(2000)), seccompProfile: maybe(fc.constant({ type: 'RuntimeDefault' })) }),
      fc.constant({}),
      fc.constant(null),
    ),
  ),
  initContainers: maybe(fc.tuple(container('init'))),
  containers: fc.oneof(fc.tuple(container('app')), fc.tuple(container('app'), container('side')), shared),
  volumes: fc.constantFrom(
    [{ name: 'tmp', emptyDir: {} }],
    [
      { name: 'tmp', emptyDir: {} },
      { name: 'cfg', configMap: { name: 'cfg' } },
    ],
  ),
  restartPolicy: maybe(fc.constant('Always')),
}) as unknown as fc.Arbitrary<Plain>

export const objects: fc.Arbitrary<Plain> = fc.record({ spec: podSpec, kind: fc.constantFrom('Pod', 'Deployment', 'CronJob') }).map(({ spec, kind }): Plain => {
  const template: Plain = { metadata: { labels: { app: 'x' } }, spec }
  if (kind === 'Pod') return { apiVersion: 'v1', kind, metadata: { name: 'x' }, spec }
  if (kind === 'CronJob') return { apiVersion: 'batch/v1', kind, metadata: { name: 'x' }, spec: { schedule: '* * * * *', jobTemplate: { spec: { template } } } }
  return { apiVersion: 'apps/v1', kind, metadata: { name: 'x' }, spec: { selector: { matchLabels: { app: 'x' } }, template } }
})

/** Prints documents in a style, with comments and blank lines in places where people put them. */
export function print(documents: readonly Plain[], how: Style): string {
  const printer = new Printer(how)
  const text = documents.map((document) => printer.document(document)).join('---\n')
  const ended = how.finalNewline ? text : text.replace(/\n$/, '')
  return (how.bom ? '\uFEFF' : '') + (how.eol === '\r\n' ? ended.replaceAll('\n', '\r\n') : ended)
}

class Printer {
  #next = 0
  readonly #anchors = new Map<Plain, number>()
  readonly #how: Style

  constructor(how: Style) {
    this.#how = how
  }

  #draw(): number {
    return this.#how.draws[this.#next++ % this.#how.draws.length] ?? 0
  }

  document(value: Plain): string {
    this.#anchors.clear()
    this.prepare(value)
    const head = this.#draw() > 80 ? '# header\n' : ''
    return head + this.#map(value as { [key: string]: Plain }, 0, '')
  }

  /** ` &a1` where an object that comes again stands first, ` *a1` where it stands again, else nothing. */
  #anchor(value: Plain): string {
    const known = this.#anchors.get(value)
    if (known === undefined || known === 1) return ''
    if (known === 0) {
      this.#anchors.set(value, 2)
      return ' &a1'
    }
    return ' *a1'
  }

  /** Objects that stand in more than one place; in flow style they are printed each time. */
  prepare(value: Plain): void {
    if (value === null || typeof value !== 'object') return
    const known = this.#anchors.get(value)
    this.#anchors.set(value, known === undefined ? 1 : 0)
    if (known === undefined) for (const child of Object.values(value)) this.prepare(child as Plain)
  }

  #comment(column: number): string {
    const draw = this.#draw()
    if (draw > 92) return `${' '.repeat(column)}# note ${draw}\n`
    return draw > 88 ? '\n' : ''
  }

  #inline(): string {
    return this.#draw() > 88 ? `  # inline ${this.#next % 7}` : ''
  }

  #map(map: { [key: string]: Plain }, column: number, first: string): string {
    let out = ''
    const entries = Object.entries(map).filter(([, value]) => value !== undefined)
    entries.forEach(([key, value], i) => {
      const lead = i === 0 && first !== '' ? first : `${this.#comment(column)}${' '.repeat(column)}`
      const name = this.#draw() > 93 ? `"${key}"` : key
      out += `${lead}${name}:${this.#value(value, column)}`
    })
    return out
  }

  #value(value: Plain, column: number): string {
    if (Array.isArray(value)) {
      if (value.length === 0 || this.#draw() > 85) return ` ${flow(value)}${this.#inline()}\n`
      const at = column + this.#how.listOffset
      return `${this.#inline()}\n${value.map((item) => this.#item(item, at)).join('')}`
    }
    if (value !== null && typeof value === 'object') {
      const entries = Object.entries(value).filter(([, child]) => child !== undefined)
      const name = this.#anchor(value)
      if (name.startsWith(' *')) return `${name}${this.#inline()}\n`
      if (entries.length === 0 || this.#draw() > 90) return `${name} ${flow(value)}${this.#inline()}\n`
      return `${name}${this.#inline()}\n${this.#map(value, column + this.#how.step, '')}`
    }
    if (value === null) return `${['', ' null', ' ~'][this.#draw() % 3]}${this.#inline()}\n`
    return ` ${scalar(value, this.#draw())}${this.#inline()}\n`
  }

  #item(item: Plain, column: number): string {
    const dash = `${' '.repeat(column)}-${' '.repeat(this.#how.dash - 1)}`
    if (item !== null && typeof item === 'object' && !Array.isArray(item)) {
      if (this.#draw() > 93) return `${dash}${flow(item)}\n`
      return this.#map(item, column + this.#how.dash, `${this.#comment(column)}${dash}`)
    }
    return `${dash}${Array.isArray(item) ? flow(item) : scalar(item, this.#draw())}${this.#inline()}\n`
  }
}

function scalar(value: Plain, draw: number): string {
  if (typeof value !== 'string') return String(value)
  if (/^[a-zA-Z][\w/.:-]*$/.test(value) && draw < 80 && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(value)) return value
  return draw % 2 === 0 && !value.includes('\n') ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value)
}

function flow(value: Plain): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value)
      .filter(([, child]) => child !== undefined)
      .map(([key, child]) => `${key}: ${flow(child)}`)
      .join(', ')}}`
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
