/**
 * The catalogue of public images.
 *
 *     node dist/scripts/catalogue.js build               data/*.yaml to data/catalogue.json
 *     node dist/scripts/catalogue.js import IMAGES TRAITS  research tables to data/*.yaml (once, at the start)
 *
 * The YAML files are the project's data, corrected by hand; the JSON is made from them, one record a line.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain }
type Fields = { readonly [key: string]: Plain }

const data = join(resolve(dirname(fileURLToPath(import.meta.url)), '../..'), 'data')

/** Fields of an image record and of a traits record, in the order they are written. */
const IMAGE = [
  'image',
  'aliases',
  'tags',
  'user',
  'defaultUser',
  'defaultUserHistory',
  'runsAsNonRoot',
  'needsEnv',
  'writablePaths',
  'ports',
  'capabilities',
  'fileCapabilities',
  'readOnlyRootSeen',
  'confidence',
  'source',
]
const TRAITS = [
  'traits',
  'tags',
  'toolbox',
  'hostAgent',
  'rootRequired',
  'home',
  'stepsDownTo',
  'mustOwnData',
  'movesPaths',
  'movesPart',
  'movesPort',
  'ownedBy',
  'fileCapabilities',
  'usesSetuid',
  'needsSudo',
  'needsSyscalls',
  'inferred',
  'confidence',
  'source',
]

// ---- import -----------------------------------------------------------------------------------------------

/** Short keywords for what the research says in sentences: facts carry over, prose does not. */
const KEYWORDS: readonly (readonly [RegExp, string])[] = [
  [/s6|supervisor|sshd/i, 'init system'],
  [/systemd/i, 'a node in a container'],
  [/dind|docker-in-docker|daemon as root/i, 'docker daemon'],
  [/ebpf|kernel probe|kernel module/i, 'eBPF or kernel module'],
  [/packet filter|routes|network plug-in/i, 'node network'],
  [/log files|container logs/i, 'node logs'],
  [/namespaces to reboot/i, 'reboots the node'],
  [/csi/i, 'CSI node driver'],
  [/storage manager|raw access to disks/i, 'node disks'],
  [/unpacks base images/i, 'image builder'],
  [/raw sockets|packet capture/i, 'raw sockets'],
  [/looks into other processes/i, 'other processes of the node'],
  [/node proxy/i, 'node proxy'],
  [/slapd|start script|renumbers/i, 'start script runs as root'],
]
const SYSCALLS: readonly (readonly [RegExp, string])[] = [
  [/io_uring/i, 'io_uring'],
  [/browser/i, 'browser sandbox'],
  [/ebpf|kernel/i, 'eBPF'],
  [/docker-in-docker|nested/i, 'nested containers'],
  [/mount|namespace|unshare/i, 'mounts and namespaces'],
]

function keyword(text: string, words: readonly (readonly [RegExp, string])[]): string {
  return words.find(([pattern]) => pattern.test(text))?.[1] ?? 'by design'
}

/** `cap_net_raw,cap_net_admin+eip` and its like to names without prefix. */
function capabilityNames(text: string): readonly string[] {
  return [...text.toUpperCase().matchAll(/CAP_([A-Z_]+)/g)].flatMap((match) =>
    match[1] === undefined || match[1].startsWith('ALLOW') || match[1] === 'PRIVILEGED_PORTS' ? [] : [match[1]],
  )
}

function fileCapabilities(list: Plain | undefined): Plain | undefined {
  if (!Array.isArray(list)) return undefined
  return (list as Fields[]).map((item) => {
    const text = String(item.caps ?? item.capability)
    // "Set at start" needs root at start: a container that never is root does not meet it.
    return /set at start|set at every start/.test(text)
      ? { path: item.path ?? null, capabilities: capabilityNames(text.split(' set at')[0] ?? ''), setAtStart: true }
      : { path: item.path ?? null, capabilities: capabilityNames(text) }
  })
}

function ofImage(record: Fields): Fields {
  const { notes: _notes, confidence: _confidence, confidenceBy, ...rest } = record
  const capabilities = fileCapabilities(rest.fileCapabilities)
  return { ...rest, ...(capabilities === undefined ? {} : { fileCapabilities: capabilities }), confidence: confidenceBy ?? null }
}

function ofTraits(record: Fields): Fields {
  const { notes: _notes, new: _new, image, rootRequired, needsSyscalls, mustOwnData, fileCapabilities: files, ...rest } = record
  const capabilities = fileCapabilities(files)
  return {
    traits: image ?? null,
    ...rest,
    ...(rootRequired === undefined ? {} : { rootRequired: keyword(String(rootRequired), KEYWORDS) }),
    ...(needsSyscalls === undefined ? {} : { needsSyscalls: [...new Set((needsSyscalls as string[]).map((text) => keyword(text, SYSCALLS)))] }),
    ...(mustOwnData === undefined ? {} : { mustOwnData: (mustOwnData as Fields[]).map(({ path }) => path ?? null) }),
    ...(capabilities === undefined ? {} : { fileCapabilities: capabilities }),
    confidence: rest.confidence === 'images.yaml' ? 'inferred' : (rest.confidence ?? null),
  }
}

function fileOf(image: string): string {
  const [host = '', organisation = ''] = image.split('/')
  if (host !== 'docker.io') return host
  return ['library', 'bitnami'].includes(organisation) ? `${host}-${organisation}` : host
}

function flow(value: Plain): string {
  if (Array.isArray(value)) return `[${(value as Plain[]).map(flow).join(', ')}]`
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, child]) => `${text(key)}: ${flow(child)}`)
      .join(', ')}}`
  return typeof value === 'string' ? text(value) : String(value)
}

/** Reads the same with YAML 1.1 and 1.2. */
function text(value: string): string {
  const plain = /^[A-Za-z_/][\w./-]*$/.test(value) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(value)
  return plain ? value : `'${value.replaceAll("'", "''")}'`
}

function recordText(record: Fields, order: readonly string[]): string {
  const unknown = Object.keys(record).find((key) => !order.includes(key))
  if (unknown !== undefined) throw new Error(`unknown field ${unknown} in ${JSON.stringify(record)}`)
  const lines = order
    .filter((key) => record[key] !== undefined)
    .map((key): string => {
      const value = record[key] as Plain
      if ((key === 'source' || key === 'writablePaths') && Array.isArray(value) && value.length > 0)
        return `${key}:\n${(value as Plain[]).map((item) => `    - ${flow(item)}\n`).join('')}`
      return `${key}: ${flow(value)}\n`
    })
  return lines.map((line, i) => (i === 0 ? '- ' : '  ') + line).join('')
}

const HEAD = `# What is known of public images. The fields are explained in README.md beside this file.
# A correction needs a source: repository, path and commit. Then: npm run build && npm run catalogue.
`

function importTables(images: string, traits: string): void {
  const files = new Map<string, string[]>()
  const add = (image: string, part: string): void => {
    const file = fileOf(image)
    files.set(file, [...(files.get(file) ?? []), part])
  }
  for (const record of parse(readFileSync(images, 'utf8')) as Fields[]) add(String(record.image), recordText(ofImage(record), IMAGE))
  for (const record of parse(readFileSync(traits, 'utf8')) as Fields[]) add(String(record.image), recordText(ofTraits(record), TRAITS))
  mkdirSync(data, { recursive: true })
  for (const [file, parts] of files) writeFileSync(join(data, `${file}.yaml`), `${HEAD}\n${parts.join('\n')}`)
}

// ---- build ------------------------------------------------------------------------------------------------

class Wrong extends Error {}

function must(condition: boolean, where: string, what: string): void {
  if (!condition) throw new Wrong(`${where}: ${what}`)
}

const isText = (value: Plain | undefined): value is string => typeof value === 'string' && value !== ''
const isId = (value: Plain | undefined): boolean => value === null || (Number.isInteger(value) && (value as number) >= 0)
const isMap = (value: Plain | undefined): value is Fields => value !== null && typeof value === 'object' && !Array.isArray(value)
const isTexts = (value: Plain | undefined): value is readonly string[] => Array.isArray(value) && value.every(isText)
const isPath = (value: Plain | undefined): boolean => isText(value) && value.startsWith('/')
const GRADES = ['read', 'inferred']

/** Strict, so that a correction by hand cannot go wrong unnoticed. */
function checkRecord(record: Fields, where: string): void {
  const isTraits = record.traits !== undefined
  for (const key of Object.keys(record)) must((isTraits ? TRAITS : IMAGE).includes(key), where, `there is no field "${key}"`)
  const name = record.traits ?? record.image
  must(isText(name) && /^[a-z0-9.-]+\/[a-z0-9._/*-]+$/.test(name), where, 'the image is not in full form (docker.io/library/nginx)')
  if (record.tags !== undefined) must(isTexts(record.tags), where, 'tags is a list of texts')
  if (isTraits) {
    must(GRADES.includes(String(record.confidence)), where, 'confidence is read or inferred')
    return
  }
  const { user, writablePaths, confidence } = record
  must(isMap(user) && isId(user.uid) && isId(user.gid) && (user.name === null || isText(user.name)), where, 'user is {name, uid, gid}')
  must(['yes', 'with-uid', 'with-config', 'no'].includes(String(record.runsAsNonRoot)), where, "runsAsNonRoot is 'yes', with-uid, with-config or 'no'")
  must(record.defaultUser === null || isText(record.defaultUser), where, 'defaultUser is a text or null')
  must(
    writablePaths === null ||
      (Array.isArray(writablePaths) &&
        (writablePaths as Fields[]).every(
          (item) =>
            isMap(item) &&
            isPath(item.path) &&
            ['tmp', 'run', 'cache', 'log', 'data'].includes(String(item.purpose)) &&
            typeof item.keepsImageContent === 'boolean' &&
            typeof item.persistent === 'boolean' &&
            GRADES.includes(String(item.confidence)),
        )),
    where,
    'writablePaths is null or a list of {path, purpose, keepsImageContent, persistent, confidence}',
  )
  must(
    Array.isArray(record.ports) && record.ports.every((port) => Number.isInteger(port) && (port as number) > 0 && (port as number) < 1024),
    where,
    'ports are numbers below 1024',
  )
  must(isTexts(record.capabilities) || (Array.isArray(record.capabilities) && record.capabilities.length === 0), where, 'capabilities is a list of names')
  must(
    isMap(confidence) && ['user', 'runsAsNonRoot', 'writablePaths'].every((key) => GRADES.includes(String(confidence[key]))),
    where,
    'confidence is {user, runsAsNonRoot, writablePaths}, each read or inferred',
  )
  must(
    Array.isArray(record.source) && record.source.length > 0 && (record.source as Fields[]).every((item) => isText(item.repo) && isText(item.path)),
    where,
    'source is a list of {repo, path, commit, for}, and not empty',
  )
}

/** The one source to name in a report: the first that speaks of the user, else the first. */
function sourceText(record: Fields): string | undefined {
  const sources = (record.source ?? []) as Fields[]
  const best = sources.find((item) => Array.isArray(item.for) && item.for.includes('user')) ?? sources[0]
  if (best === undefined) return undefined
  return `${String(best.repo)} ${String(best.path)}${best.commit === undefined ? '' : `@${String(best.commit)}`}`
}

export function build(): string {
  const lines: string[] = []
  for (const file of readdirSync(data)
    .filter((name) => name.endsWith('.yaml'))
    .sort()) {
    const records = parse(readFileSync(join(data, file), 'utf8')) as Fields[]
    must(Array.isArray(records), file, 'the file is a list of records')
    for (const [i, record] of records.entries()) {
      checkRecord(record, `${file}, record ${i + 1} (${String(record.image ?? record.traits)})`)
      const { source: _source, ...facts } = record
      const source = sourceText(record)
      lines.push(JSON.stringify(source === undefined ? facts : { ...facts, source }))
    }
  }
  const body = lines.join(',\n')
  const date = readFileSync(join(data, 'VERSION'), 'utf8').trim()
  must(/^\d{4}-\d{2}-\d{2}$/.test(date), 'VERSION', 'a date, YYYY-MM-DD')
  const version = `${date}-${createHash('sha256').update(body).digest('hex').slice(0, 8)}`
  return `{"version":${JSON.stringify(version)},"records":[\n${body}\n]}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [command, images, traits] = process.argv.slice(2)
  try {
    if (command === 'import' && images !== undefined && traits !== undefined) importTables(images, traits)
    else if (command !== 'build') throw new Wrong('usage: catalogue.js build | import IMAGES TRAITS')
    writeFileSync(join(data, 'catalogue.json'), build())
  } catch (error) {
    if (!(error instanceof Wrong)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 2
  }
}
