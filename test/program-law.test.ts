/** Charts by chance, synthesised with real cdk8s before and after they are rewritten. */
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compareSynthesis } from '../src/prove/compare.ts'
import { hardenedObjects, type Json, meaningOf, rewritten, synthesised } from './law.ts'

const law = suite('law of programs')

const IMAGES = [
  'nginx:1.27',
  'redis:7',
  'corp.example/app:1',
  'busybox:1.37',
  'postgres:16-alpine',
  'grafana/grafana:11.2.0',
  'quay.io/prometheus/prometheus:v2.54.0',
  'nginxinc/nginx-unprivileged:1.27',
]

interface Written {
  readonly quote: string
  readonly comma: boolean
  readonly inline: boolean
}

/** An object literal in the style of the file. */
function literal(value: unknown, style: Written, indent: string): string {
  if (value instanceof Code) return value.text
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    if (style.inline || value.every((item) => typeof item !== 'object')) return `[${value.map((item) => literal(item, style, indent)).join(', ')}]`
    return `[\n${value.map((item) => `${indent}  ${literal(item, style, `${indent}  `)}`).join(',\n')}${style.comma ? ',' : ''}\n${indent}]`
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, one]) =>
      `${/^[A-Za-z_]\w*$/.test(key) ? key : `${style.quote}${key}${style.quote}`}: `.concat(literal(one, style, style.inline ? indent : `${indent}  `)),
    )
    if (members.length === 0) return '{}'
    return style.inline ? `{ ${members.join(', ')} }` : `{\n${members.map((member) => `${indent}  ${member}`).join(',\n')}${style.comma ? ',' : ''}\n${indent}}`
  }
  return typeof value === 'string' ? `${style.quote}${value}${style.quote}` : String(value)
}

class Code {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const security = fc.option(
  fc.record(
    {
      runAsNonRoot: fc.boolean(),
      allowPrivilegeEscalation: fc.boolean(),
      readOnlyRootFilesystem: fc.boolean(),
      capabilities: fc.constantFrom({ drop: ['NET_RAW'] }, { drop: ['ALL'] }, { add: ['NET_BIND_SERVICE'] }, {}),
    },
    { requiredKeys: [] },
  ),
  { nil: undefined },
)

const container = fc.record({
  image: fc.constantFrom(...IMAGES),
  security,
  port: fc.option(fc.constantFrom(80, 8080), { nil: undefined }),
  mount: fc.boolean(),
})

const workload = fc.record({
  kind: fc.constantFrom('Deployment', 'StatefulSet', 'DaemonSet'),
  form: fc.constantFrom('l1', 'l1-namespace', 'raw', 'hop'),
  containers: fc.array(container, { minLength: 1, maxLength: 2 }),
  pod: fc.constantFrom(undefined, { runAsUser: 4711 }, { seccompProfile: { type: 'RuntimeDefault' } }),
})

const style = fc.record({ quote: fc.constantFrom("'", '"'), comma: fc.boolean(), inline: fc.boolean() })
const options = fc.record({
  atLeast: fc.constantFrom('assumed', 'likely', 'known'),
  level: fc.constantFrom('restricted', 'hardened'),
  override: fc.constantFrom([], [], ['require-run-as-non-root', 'set-read-only-root-filesystem', 'forbid-privilege-escalation', 'forbid-privileged']),
})

function l1Source(workloads: readonly (typeof workload extends fc.Arbitrary<infer T> ? T : never)[], written: Written): string {
  const lines = [
    "import { ApiObject, Chart } from 'cdk8s';",
    "import { KubeDeployment, KubeStatefulSet, KubeDaemonSet } from './imports/k8s';",
    "import * as k8s from './imports/k8s';",
    '',
    'export default function make(app: any) {',
    "  const chart = new Chart(app, 'c');",
  ]
  workloads.forEach(({ kind, form, containers, pod }, i) => {
    const spec: Json = {
      ...(pod === undefined ? {} : { securityContext: pod }),
      containers: containers.map((one, at) => ({
        name: `c${at}`,
        image: one.image,
        ...(one.port === undefined ? {} : { ports: [{ containerPort: one.port }] }),
        ...(one.security === undefined ? {} : { securityContext: one.security }),
        ...(one.mount ? { volumeMounts: [{ name: 'data', mountPath: '/data' }] } : {}),
      })),
      ...(containers.some(({ mount }) => mount) ? { volumes: [{ name: 'data', emptyDir: {} }] } : {}),
    }
    const labels = { app: `w${i}` }
    const props = {
      metadata: { name: `w${i}` },
      spec: {
        ...(kind === 'StatefulSet' ? { serviceName: 's' } : {}),
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: form === 'hop' ? new Code(`spec${i}`) : spec },
      },
    }
    if (form === 'hop') lines.push(`  const spec${i} = ${literal(spec, written, '  ')};`)
    const name = form === 'raw' ? 'ApiObject' : form === 'l1-namespace' ? `k8s.Kube${kind}` : `Kube${kind}`
    lines.push(
      `  new ${name}(chart, ${written.quote}w${i}${written.quote}, ${literal(form === 'raw' ? { apiVersion: 'apps/v1', kind, ...props } : props, written, '  ')}); // w${i}`,
    )
  })
  return `${lines.join('\n')}\n}\n`
}

function holds(source: string, given: { readonly atLeast: 'assumed' | 'likely' | 'known'; readonly level: 'restricted' | 'hardened'; readonly override: readonly string[] }): void {
  // Without its own `false` a container of cdk8s-plus has a read-only root, whatever the level asks for.
  const override = given.override.filter((id) => given.level === 'hardened' || id !== 'set-read-only-root-filesystem')
  const chosen = { ...given, override }
  const before = synthesised(source)
  const { text, problems } = rewritten(source, chosen)
  assert.equal(problems, [], source)
  const after = synthesised(text)
  for (const { object, outcome, details } of compareSynthesis(
    [{ file: '', objects: before }],
    [{ file: '', objects: after }],
    (one) => hardenedObjects([one as Json], chosen)[0] as Json,
  )) {
    // A StatefulSet of cdk8s-plus loses the volumes of its pod, so what needs one is left to synthesis.
    const isLess = outcome === 'partly' || outcome === 'unchanged'
    if (isLess && object.startsWith('StatefulSet') && source.includes('cdk8s-plus')) continue
    const own = before.find((one) => object.endsWith(String((one.metadata as Json).name)) && object.startsWith(String(one.kind))) as Json
    if (outcome === 'unchanged') assert.equal(meaningOf(hardenedObjects([own], chosen)[0] as Json), meaningOf(own), text)
    else assert.is(outcome, 'gained', `${object}: ${details.join(', ')}\n${text}`)
  }
  assert.is(rewritten(text, chosen).text, text, 'a second run changes nothing')
}

law('L1 and raw objects', () => {
  fc.assert(
    fc.property(fc.array(workload, { minLength: 1, maxLength: 3 }), style, options, (workloads, written, chosen) => holds(l1Source(workloads, written), chosen)),
    { numRuns: 150, seed: 7 },
  )
})

const plusContainer = fc.record({
  image: fc.constantFrom(...IMAGES),
  port: fc.option(fc.constantFrom(80, 8080), { nil: undefined }),
  security: fc.constantFrom(
    undefined,
    {},
    { ensureNonRoot: true },
    { user: 5 },
    { readOnlyRootFilesystem: false },
    { allowPrivilegeEscalation: true, privileged: true },
    { ensureNonRoot: false },
  ),
  command: fc.boolean(),
})

const plusWorkload = fc.record({
  kind: fc.constantFrom('Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'),
  containers: fc.array(plusContainer, { minLength: 1, maxLength: 2 }),
  form: fc.constantFrom('inline', 'added', 'this'),
  pod: fc.constantFrom(undefined, { fsGroup: 7 }, { ensureNonRoot: false }, { user: 9 }),
})

function plusSource(workloads: readonly (typeof plusWorkload extends fc.Arbitrary<infer T> ? T : never)[], written: Written, namespace: boolean): string {
  const prefix = namespace ? 'kplus.' : ''
  const kinds = [...new Set(workloads.map(({ kind }) => kind))]
  const lines = [
    "import { Chart, Cron } from 'cdk8s';",
    namespace ? "import * as kplus from 'cdk8s-plus-33';" : `import { ${[...kinds, 'Service', 'Volume'].join(', ')} } from 'cdk8s-plus-33';`,
    '',
    'class C extends Chart {',
    '  web: any;',
    '  constructor(app: any) {',
    "    super(app, 'c');",
  ]
  workloads.forEach(({ kind, containers, form, pod }, i) => {
    const literals = containers.map((one, at) => ({
      name: `c${at}`,
      image: one.image,
      ...(one.port === undefined ? {} : { portNumber: one.port }),
      ...(one.command ? { command: ['/run'], args: ['--x'] } : {}),
      ...(one.security === undefined ? {} : { securityContext: one.security }),
    }))
    const props: Json = {
      ...(kind === 'CronJob' ? { schedule: new Code('Cron.daily()') } : {}),
      ...(kind === 'StatefulSet' ? { service: new Code(`new ${prefix}Service(this, 's${i}', { ports: [{ port: 80 }] })`) } : {}),
      ...(pod === undefined ? {} : { securityContext: pod }),
      ...(form === 'inline' ? { containers: literals } : {}),
    }
    const owner = form === 'this' ? 'this.web' : `w${i}`
    const made = `new ${prefix}${kind}(this, ${written.quote}w${i}${written.quote}, ${literal(props, written, '    ')});`
    lines.push(`    ${form === 'inline' ? '' : form === 'this' ? 'this.web = ' : `const w${i} = `}${made}`)
    if (form !== 'inline') for (const one of literals) lines.push(`    ${owner}.addContainer(${literal(one, written, '    ')});`)
  })
  return `${lines.join('\n')}\n  }\n}\nexport default (app: any) => new C(app);\n`
}

law('cdk8s-plus', () => {
  fc.assert(
    fc.property(fc.array(plusWorkload, { minLength: 1, maxLength: 2 }), style, fc.boolean(), options, (workloads, written, namespace, chosen) => {
      // Containers of the last `this.web` are those of every one of that name.
      const only = workloads.filter(({ form }, i) => form !== 'this' || i === 0)
      holds(plusSource(only, written, namespace), chosen)
    }),
    { numRuns: 150, seed: 7 },
  )
})

law.run()
