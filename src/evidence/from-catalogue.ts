/** What the catalogue says of an image, field by field, each with its source and how sure it is. */
import type { About, ContainerName, Fact, Grade, ImageUser, WritablePath } from '../types.ts'
import { type FileCapability, type Found, type ImageRecord, lookUp, type TraitsRecord } from './catalogue.ts'
import { weaker } from './merge.ts'
import { isKo, parseReference, type Reference, referenceText } from './reference.ts'

/** How the manifest starts the image. */
export interface Situation {
  /** `command` is set: the image's own entry point does not run. */
  readonly commandReplaced: boolean
  /** Variables by name; the empty text where the value cannot be read here. */
  readonly env: ReadonlyMap<string, string>
  /** Words of `command` and `args`. */
  readonly args: readonly string[]
  /** Absent where it is about an image by itself. */
  readonly container?: ContainerName
}

/** Empty where it has nothing; the reference in full form wherever it can be read. */
export function ofCatalogue(image: string, situation: Situation): About {
  if (isKo(image)) return KO
  const reference = parseReference(image)
  if (reference === undefined) return {}
  const names = { reference: referenceText(reference), repository: reference.repository }
  const found = lookUp(reference)
  if (found === undefined) return names
  const limit: Grade = found.family || !found.covered ? 'likely' : 'known'
  return {
    ...names,
    ...(found.image === undefined ? {} : ofRecord(found, found.image, situation, limit, reference)),
    ...(found.traits === undefined ? {} : ofTraits(found.traits, found.image, limit)),
  }
}

/** Built by ko on a base image whose user is 65532, unless the project says otherwise. https://ko.build/configuration/ */
const KO: About = (() => {
  const source = 'built by ko, whose default base image runs as 65532'
  const fact = <T>(value: T): Fact<T> => ({ value, grade: 'likely', source })
  return { user: fact({ name: 'nonroot', uid: 65532, gid: 65532 }), defaultUser: fact<string | null>('65532'), runsAsNonRoot: fact('yes' as const) }
})()

function ofRecord(found: Found, record: ImageRecord, situation: Situation, limit: Grade, reference: Reference): About {
  const hint =
    reference.openTag === true
      ? ', the tag is a placeholder'
      : reference.tag === undefined && reference.digest !== undefined
        ? ', digest only'
        : found.covered
          ? ''
          : ', older than what is recorded'
  const source = `catalogue ${record.image}${found.family ? ' (a family of images)' : ''}${hint} (${record.source})`
  const graded = (confidence: 'read' | 'inferred', most: Grade = limit): Grade => weaker(most, confidence === 'read' ? 'known' : 'likely')
  const fact = <T>(value: T, grade: Grade): Fact<T> => ({ value, grade, source })
  // With another program the image's paths, ports and capabilities are a guess; its accounts are still there.
  const program = situation.commandReplaced ? weaker(limit, 'likely') : limit
  const { user, runs } = userAtTag(found, record)
  const userGrade = weaker(graded(record.confidence.user), graded(record.confidence.runsAsNonRoot))
  const paths =
    found.family || record.writablePaths === null || (situation.commandReplaced && found.traits?.toolbox === true)
      ? undefined
      : movedPaths(record.writablePaths, found.traits, situation)
  const files = namesOf(record.fileCapabilities)
  return {
    user: fact(user, userGrade),
    ...(found.otherNumbers.some((uid) => uid !== user.uid)
      ? {
          otherNumbers: fact(
            found.otherNumbers.filter((uid) => uid !== user.uid),
            userGrade,
          ),
        }
      : {}),
    ...(found.defaultUser === 'unknown' ? {} : { defaultUser: fact(found.defaultUser, graded(record.confidence.user)) }),
    runsAsNonRoot: fact(runs, graded(record.confidence.runsAsNonRoot)),
    ...(paths === undefined
      ? {}
      : { writablePaths: fact(paths.paths, paths.moved ? weaker(graded(record.confidence.writablePaths, program), 'likely') : graded(record.confidence.writablePaths, program)) }),
    ports: fact(movedPorts(record.ports, found.traits, situation), graded(record.confidence.runsAsNonRoot, program)),
    capabilities: fact(record.capabilities, graded(record.confidence.runsAsNonRoot, program)),
    ...(files.length === 0 ? {} : { fileCapabilities: fact(files, graded(record.confidence.runsAsNonRoot, program)) }),
    ...(record.needsEnv === undefined ? {} : { needsEnv: fact(record.needsEnv, graded(record.confidence.runsAsNonRoot, program)) }),
    ...(record.readOnlyRootSeen === undefined ? {} : { readOnlyRootSeen: fact(record.readOnlyRootSeen, program) }),
  }
}

/** USER of an old release decides over the record's number, and over whether the kubelet can check it. */
function userAtTag({ defaultUser, covered }: Found, record: ImageRecord): { readonly user: ImageUser; readonly runs: ImageRecord['runsAsNonRoot'] } {
  const changed = record.defaultUserHistory !== undefined && defaultUser !== record.defaultUser && covered && defaultUser !== 'unknown'
  const number = defaultUser === null ? null : /^([1-9]\d*)(?::(\d+))?$/.exec(defaultUser)
  const runs = record.runsAsNonRoot === 'yes' && number === null && defaultUser !== 'unknown' ? 'with-uid' : record.runsAsNonRoot
  if (!changed || number === null || Number(number[1]) === record.user.uid) return { user: record.user, runs }
  return { user: { name: null, uid: Number(number[1]), gid: number[2] === undefined ? null : Number(number[2]) }, runs }
}

/** Paths after the variables and flags that move them. */
function movedPaths(paths: readonly WritablePath[], traits: TraitsRecord | undefined, situation: Situation): { readonly paths: readonly WritablePath[]; readonly moved: boolean } {
  let moved = false
  let now = paths.map(({ path, purpose, keepsImageContent, persistent }): WritablePath => ({ path, purpose, keepsImageContent, persistent }))
  for (const [key, from] of Object.entries(traits?.movesPaths ?? {})) {
    const value = givenValue(key, situation)
    if (value === undefined || value === from) continue
    moved = true
    if (!value.startsWith('/')) continue
    const to = value.replace(/\/+$/, '')
    if (traits?.movesPart?.includes(key) === true) {
      const like = now.find(({ path }) => path === from)
      if (!now.some(({ path }) => to === path || to.startsWith(`${path}/`)))
        now = [...now, { path: to, purpose: like?.purpose ?? 'data', keepsImageContent: false, persistent: like?.persistent ?? false }]
    } else now = now.map((one) => (one.path === from || one.path.startsWith(`${from}/`) ? { ...one, path: to + one.path.slice(from.length), keepsImageContent: false } : one))
  }
  return { paths: now, moved }
}

/** Ports below 1024 after the variables and flags that move them. */
function movedPorts(ports: readonly number[], traits: TraitsRecord | undefined, situation: Situation): readonly number[] {
  let now = [...ports]
  for (const [key, from] of Object.entries(traits?.movesPort ?? {})) {
    const value = givenValue(key, situation)
    const to = value === undefined ? Number.NaN : Number(/(\d+)$/.exec(value)?.[1] ?? Number.NaN)
    if (!Number.isInteger(to)) continue
    now = now.filter((port) => port !== from)
    if (to > 0 && to < 1024) now.push(to)
  }
  return now
}

/** A variable by its name, or a flag as `--flag=value` or `--flag value`. Undefined when it is not given. */
function givenValue(key: string, { env, args }: Situation): string | undefined {
  if (!key.startsWith('-')) return env.get(key)
  const joined = args.find((word) => word.startsWith(`${key}=`))
  if (joined !== undefined) return joined.slice(key.length + 1)
  const at = args.indexOf(key)
  return at === -1 ? undefined : (args[at + 1] ?? '')
}

function namesOf(files: readonly FileCapability[] | undefined): readonly string[] {
  // What the entry point would set as root is not there for a container that never is root.
  return [...new Set((files ?? []).filter(({ setAtStart }) => setAtStart !== true).flatMap(({ capabilities }) => capabilities))]
}

function ofTraits(traits: TraitsRecord, record: ImageRecord | undefined, limit: Grade): About {
  const source = `catalogue ${traits.traits}${traits.source === undefined ? (record === undefined ? '' : ` (${record.source})`) : ` (${traits.source})`}`
  const fact = <T>(field: keyof TraitsRecord, value: T): Fact<T> => ({
    value,
    grade: weaker(limit, traits.confidence === 'read' && traits.inferred?.includes(field) !== true ? 'known' : 'likely'),
    source,
  })
  const files = namesOf(traits.fileCapabilities)
  return {
    ...(traits.ownedBy === undefined ? {} : { ownedBy: fact('ownedBy', traits.ownedBy) }),
    ...(traits.home === undefined ? {} : { home: fact('home', traits.home) }),
    ...(traits.mustOwnData === undefined ? {} : { mustOwnData: fact('mustOwnData', traits.mustOwnData) }),
    ...(traits.stepsDownTo === undefined ? {} : { stepsDownTo: fact('stepsDownTo', traits.stepsDownTo) }),
    ...(traits.movesPaths === undefined ? {} : { movesPaths: fact('movesPaths', traits.movesPaths) }),
    ...(traits.movesPart === undefined ? {} : { movesPart: fact('movesPart', traits.movesPart) }),
    ...(traits.movesPort === undefined ? {} : { movesPort: fact('movesPort', traits.movesPort) }),
    ...(files.length === 0 ? {} : { fileCapabilities: fact('fileCapabilities', files) }),
    ...(traits.usesSetuid === true ? { usesSetuid: fact('usesSetuid', true as const) } : {}),
    ...(traits.needsSudo === true ? { needsSudo: fact('needsSudo', true as const) } : {}),
    ...(traits.needsSyscalls === undefined ? {} : { needsSyscalls: fact('needsSyscalls', traits.needsSyscalls) }),
    ...(traits.rootRequired === undefined ? {} : { rootRequired: fact('rootRequired', traits.rootRequired) }),
    ...(traits.hostAgent === true ? { hostAgent: fact('hostAgent', true as const) } : {}),
    ...(traits.toolbox === true ? { toolbox: fact('toolbox', true as const) } : {}),
  }
}
