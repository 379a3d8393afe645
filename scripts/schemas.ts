/** Makes the JSON Schemas of the package: `podharden.yaml` from its keys, the JSON report from its types. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createGenerator } from 'ts-json-schema-generator'
import { configSchema } from '../src/config/schema.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** Path from the root of the project → text. */
export function schemas(): ReadonlyMap<string, string> {
  const report = createGenerator({
    path: join(root, 'src/report/json.ts'),
    tsconfig: join(root, 'tsconfig.json'),
    type: 'ReportBody',
    topRef: false,
    additionalProperties: true,
    skipTypeCheck: true,
    sortProps: false,
  }).createSchema('ReportBody')
  return new Map([
    ['schemas/podharden.schema.json', text(configSchema())],
    ['schemas/report.schema.json', text({ title: 'podharden --format json', ...report })],
  ])
}

function text(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, content] of schemas()) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
}
