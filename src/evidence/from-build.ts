/** What the Dockerfile of an image says of it, with what its base image brings along. */
import type { About, Fact, FoundBuild, Grade, ImageUser, WritablePath } from '../types.ts'
import { withoutIdentity } from './merge.ts'

/** `base`: what is known of the image that the last stage stands on. */
export function ofBuild({ file, build, grade, link }: FoundBuild, base: About): About {
  const hint = grade === 'known' ? '' : link === undefined ? ', taken for this image by its name' : `, taken for this image by ${link}`
  const place = (line: number): string => `${file}:${line}`
  const fact = <T>(value: T, source: string, at: Grade = grade): Fact<T> => ({ value, grade: at, source: source + hint })
  const inherited = inheritedOf(base, build.base, place(build.line) + hint)
  const low = build.ports.filter(({ value }) => value < 1024)
  const files = [...new Set(build.fileCapabilities.flatMap(({ value }) => value.capabilities))]
  const setcap = build.fileCapabilities[0]
  return {
    ...(build.user === undefined ? inherited : withoutIdentity(inherited)),
    ...identityOf(build, inherited, fact, place),
    ...pathsOf(build, inherited, fact, place),
    ...(build.ports.length === 0
      ? {}
      : { ports: fact([...new Set(low.map(({ value }) => value))], low.length === 0 ? `${place(build.ports[0]?.line ?? 1)} EXPOSE` : `${place(low[0]?.line ?? 1)} EXPOSE`) }),
    ...(setcap === undefined ? {} : { fileCapabilities: fact([...new Set([...files, ...(inherited.fileCapabilities?.value ?? [])])], `${place(setcap.line)} setcap`) }),
    ...(build.home === undefined ? {} : { home: fact(build.home, `${file} ENV HOME`) }),
  }
}

type Make = <T>(value: T, source: string, at?: Grade) => Fact<T>

/** What the base brings: never surer than likely. Of a shell or an interpreter only its accounts say anything of a program built on it. */
function inheritedOf(base: About, name: string | undefined, place: string): About {
  const { reference: _reference, repository: _repository, toolbox, candidates: _candidates, ...facts } = base
  const wanted = toolbox === undefined ? facts : accountsOf(base)
  return Object.fromEntries(
    Object.entries(wanted).flatMap(([field, fact]) => {
      if (fact === undefined) return []
      const { value, grade, source } = fact as Fact<unknown>
      return [[field, { value, grade: grade === 'assumed' ? grade : 'likely', source: `FROM ${name} in ${place}: ${source}` }]]
    }),
  )
}

/** `nobody` is an account that programs are not meant to run as. */
function accountsOf({ user, defaultUser, runsAsNonRoot }: About): About {
  const isMeant = typeof user?.value.uid === 'number' && user.value.name !== 'nobody'
  return { ...(defaultUser === undefined ? {} : { defaultUser }), ...(isMeant ? { user, ...(runsAsNonRoot === undefined ? {} : { runsAsNonRoot }) } : {}) }
}

function identityOf(build: FoundBuild['build'], inherited: About, fact: Make, place: (line: number) => string): About {
  const down = build.stepsDown
  // Called without a look at who runs it, the tool wants to set groups, which only root may.
  const stepsDown =
    down === undefined
      ? {}
      : {
          stepsDownTo: fact({ uid: down.value.uid, gid: down.value.gid, by: down.value.by }, `${place(down.line)} ENTRYPOINT`),
          rootRequired: fact(`the entry point calls ${down.value.by} itself, which only root may`, `${place(down.line)} ENTRYPOINT`),
        }
  const { user } = build
  if (user === undefined) {
    const isScratch = build.base === 'scratch'
    return { ...stepsDown, ...(isScratch ? { defaultUser: fact<string | null>(null, `${place(build.line)} FROM scratch without USER`) } : {}) }
  }
  const { text, name, uid, gid } = user.value
  const at = place(user.line)
  // An argument without a value: it stays open who it is.
  if (uid === null && name === null) return stepsDown
  if (uid === 0) return { ...stepsDown, defaultUser: fact<string | null>(text, `USER ${text}, ${at}`) }
  // The account may come with the base image.
  const own = inherited.user?.value
  const isOfBase = build.accountsUnclear !== true && uid === null && name !== null && own?.name === name && own.uid !== null
  const number = isOfBase ? own.uid : uid
  const source = name === null || number === null ? `USER ${text}, ${at}` : `USER ${name} → ${number}, ${at}${isOfBase ? ` and ${inherited.user?.source}` : ''}`
  const value: ImageUser = { name, uid: number, gid: isOfBase ? (gid ?? own.gid) : gid }
  return {
    ...stepsDown,
    user: fact(value, source, isOfBase ? 'likely' : undefined),
    defaultUser: fact<string | null>(text, source),
    runsAsNonRoot: fact(name === null ? 'yes' : 'with-uid', source),
  }
}

function isNonRootBase({ defaultUser }: About): boolean {
  return typeof defaultUser?.value === 'string' && !/^(?:unknown|root|0)?(?::|$)/.test(defaultUser.value)
}

function pathsOf(build: FoundBuild['build'], inherited: About, fact: Make, place: (line: number) => string): About {
  const said = [
    ...build.volumes.map(({ value, line }) => ({ path: value, source: `${place(line)} VOLUME`, persistent: true })),
    ...build.owned.map(({ value, line }) => ({ path: value, source: `${place(line)} chown`, persistent: false })),
  ]
  const isNonRoot = build.user === undefined ? isNonRootBase(inherited) : build.user.value.uid !== 0
  const handed = build.handed[0]
  if (said.length === 0 && inherited.writablePaths === undefined && !(isNonRoot && handed === undefined)) return {}
  const paths = new Map<string, WritablePath>()
  for (const { path, source, persistent } of said) {
    const keepsImageContent = [...build.handed, ...build.filled].some(({ value }) => value === path || value.startsWith(`${path}/`))
    if (!paths.has(path)) paths.set(path, { path, purpose: 'data', keepsImageContent, persistent, source })
  }
  for (const path of inherited.writablePaths?.value ?? []) if (!paths.has(path.path)) paths.set(path.path, { ...path, source: inherited.writablePaths?.source ?? '' })
  const tmp = 'every user may write there'
  if (!paths.has('/tmp')) paths.set('/tmp', { path: '/tmp', purpose: 'tmp', keepsImageContent: false, persistent: false, source: tmp })
  const source = said[0]?.source ?? inherited.writablePaths?.source ?? `${place(build.user?.line ?? build.line)}: nothing else is handed to the user`
  const list = [...paths.values()]
  return {
    // What the base brings names its Dockerfile already.
    writablePaths:
      said.length === 0 && inherited.writablePaths !== undefined ? { ...inherited.writablePaths, value: list } : fact(list, source, said.length === 0 ? 'likely' : undefined),
    // A user without root can write only what the build gives it, and that was read; what else root writes nobody knows.
    pathsAreAll: fact(true as const, source, isNonRoot && handed === undefined ? 'likely' : 'assumed'),
  }
}
