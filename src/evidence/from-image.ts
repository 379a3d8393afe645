/** What the configuration and the layers of an image say of it. */
import type { About, Fact, ImageUser, WritablePath } from '../types.ts'
import { commandsOf } from './dockerfile/accounts.ts'
import { FILLED_DEPTH, type ImageContent, type LayerFacts } from './image/content.ts'
import { resolveLinks } from './image/layers.ts'
import { type StepDown, stepDownOf } from './step-down.ts'

/** Tools that carry a capability in many base images and are not what the image is for. */
const TOOLS = /\/(?:ping6?|arping|clockdiff|tracepath6?|mtr-packet|fping|newuidmap|newgidmap|gst-ptp-helper|suexec)$/
/** Everybody may write there in every image. */
const COMMON = /^\/(?:tmp|var\/tmp|dev(?:\/.*)?|proc(?:\/.*)?|sys(?:\/.*)?|run\/lock|var\/lock|run|var\/run|var\/mail|var\/local)$/

export function ofImage(content: ImageContent): About {
  const { config, layers } = content
  const name = content.name.replace(/@(sha\d+:[0-9a-f]{12})[0-9a-f]+$/, '@$1')
  const fact = <T>(value: T, source: string): Fact<T> => ({ value, grade: 'known', source })
  const { user, about } = userOf(config.user, layers, name)
  const down = user === 'root' ? stepsDown(layers) : undefined
  const account = down === undefined ? undefined : accountOf(down.step.who, layers)
  const runsAs = user === 'root' ? account : user
  const command = [...config.entrypoint, ...config.cmd].find((word) => !word.startsWith('-'))
  const program = command === undefined ? undefined : command.slice(command.lastIndexOf('/') + 1)
  const held = layers?.fileCapabilities.filter(({ path }) => !TOOLS.test(path) || path.endsWith(`/${program}`)) ?? []
  const setuid = layers?.setuid.find((path) => program !== undefined && path.endsWith(`/${program}`))
  const ports = config.ports.filter((port) => port < 1024)
  const home = config.env.HOME ?? (runsAs === undefined || runsAs.name === null ? undefined : layers?.users[runsAs.name]?.home)
  return {
    ...about,
    ...(down === undefined || account === undefined ? {} : { stepsDownTo: fact({ uid: account.uid, gid: account.gid, by: down.step.by }, `${down.path} in ${name}`) }),
    ...pathsOf(content, runsAs, name),
    ...(config.ports.length === 0 ? {} : { ports: fact(ports, `EXPOSE in ${name}`) }),
    ...(held.length === 0 ? {} : { fileCapabilities: fact([...new Set(held.flatMap(({ capabilities }) => capabilities))], `${held[0]?.path} in ${name}`) }),
    ...(setuid === undefined ? {} : { usesSetuid: fact(true as const, `${setuid} in ${name}`) }),
    ...(home === undefined || home === '' ? {} : { home: fact(home, config.env.HOME === undefined ? `/etc/passwd in ${name}` : `ENV HOME in ${name}`) }),
    ...(layers === undefined ? {} : { filled: fact(filledIn(layers), `layers of ${name}`) }),
  }
}

function accountOf(text: string, layers: LayerFacts | undefined): ImageUser {
  const [who = '', group = ''] = text.split(':')
  const isNumber = /^\d+$/.test(who)
  const byName = isNumber ? Object.values(layers?.users ?? {}).find(({ uid }) => uid === Number(who)) : layers?.users[who]
  const uid = isNumber ? Number(who) : who === 'root' ? 0 : (byName?.uid ?? null)
  const gid = group === '' ? (byName?.gid ?? null) : /^\d+$/.test(group) ? Number(group) : (layers?.groups[group] ?? null)
  return { name: isNumber ? null : who, uid, gid }
}

/** `root` where it starts as root. */
function userOf(text: string, layers: LayerFacts | undefined, name: string): { readonly user: ImageUser | 'root'; readonly about: About } {
  const fact = <T>(value: T, source: string): Fact<T> => ({ value, grade: 'known', source })
  if (text === '') return { user: 'root', about: { defaultUser: fact<string | null>(null, `no USER in ${name}`) } }
  const user = accountOf(text, layers)
  if (user.uid === 0) return { user: 'root', about: { defaultUser: fact<string | null>(text, `USER ${text} in ${name}`) } }
  const source =
    user.name === null
      ? `USER ${text} in ${name}`
      : user.uid === null
        ? `USER ${text}, which /etc/passwd in ${name} does not number`
        : `USER ${text} → ${user.uid}, /etc/passwd in ${name}`
  return {
    user,
    about: { user: fact(user, source), defaultUser: fact<string | null>(text, source), runsAsNonRoot: fact(user.name === null ? ('yes' as const) : ('with-uid' as const), source) },
  }
}

function stepsDown(layers: LayerFacts | undefined): { readonly step: StepDown; readonly path: string } | undefined {
  if (layers?.script === undefined) return undefined
  for (const words of commandsOf(layers.script.text.replace(/^\s*#.*$/gm, ''))) {
    const step = stepDownOf(words)
    if (step !== undefined && accountOf(step.who, layers).uid !== null) return { step, path: layers.script.path }
  }
  return undefined
}

function filledIn({ filled, links }: LayerFacts): { has(path: string): boolean } {
  const set = new Set(filled)
  const map = new Map(Object.entries(links))
  // Deeper down nothing was noted: what lies below a filled folder may be filled.
  return {
    has: (path) =>
      set.has(
        resolveLinks(path, map)
          .split('/')
          .slice(0, FILLED_DEPTH + 1)
          .join('/'),
      ),
  }
}

function pathsOf({ config, layers }: ImageContent, user: ImageUser | undefined, name: string): About {
  const fact = <T>(value: T, source: string): Fact<T> => ({ value, grade: 'known', source })
  const filled = layers === undefined ? { has: () => false } : filledIn(layers)
  const paths = new Map<string, WritablePath>()
  for (const path of config.volumes) paths.set(path, { path, purpose: 'data', keepsImageContent: filled.has(path), persistent: true, source: `VOLUME in ${name}` })
  const owned = (layers?.directories ?? []).filter((one) => !COMMON.test(one.path) && mayWrite(one, user))
  const outermost = owned.filter(({ path }) => ![...owned.map((one) => one.path), ...config.volumes].some((other) => other !== path && path.startsWith(`${other}/`)))
  // What the build hands over empty is there to be written; among files of the image nobody knows.
  for (const { path } of outermost)
    if (!filled.has(path) && !paths.has(path)) paths.set(path, { path, purpose: 'data', keepsImageContent: false, persistent: false, source: `owner in ${name}` })
  const handed = outermost.filter(({ path }) => filled.has(path))
  const isNonRoot = user !== undefined && typeof user.uid === 'number' && layers !== undefined
  if (paths.size === 0 && !isNonRoot) return {}
  if (!paths.has('/tmp')) paths.set('/tmp', { path: '/tmp', purpose: 'tmp', keepsImageContent: false, persistent: false, source: 'every user may write there' })
  const source = handed[0] === undefined ? `layers of ${name}` : `layers of ${name}, where it also owns ${handed[0].path} with its files`
  const owners = Object.fromEntries([...paths.keys()].map((path) => [path, ownerOf(path, layers)] as const).filter(([, owner]) => owner !== undefined)) as Record<string, string>
  return {
    writablePaths: fact([...paths.values()], source),
    pathsAreAll: { value: true, grade: isNonRoot && handed.length === 0 ? 'likely' : 'assumed', source },
    ...(layers === undefined ? {} : { ownedBy: fact(owners, `layers of ${name}`) }),
  }
}

function mayWrite({ uid, gid, mode }: LayerFacts['directories'][number], user: ImageUser | undefined): boolean {
  if ((mode & 0o002) !== 0) return true
  if (user === undefined || user.uid === null) return false
  return (uid === user.uid && (mode & 0o200) !== 0) || (gid === user.gid && (mode & 0o020) !== 0)
}

function ownerOf(path: string, layers: LayerFacts | undefined): string | undefined {
  if (path === '/tmp') return 'world'
  const directory = layers?.directories.find((one) => one.path === path)
  if (directory === undefined) return layers === undefined ? undefined : 'root'
  return (directory.mode & 0o002) !== 0 ? 'world' : String(directory.uid)
}
