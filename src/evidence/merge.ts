/** Several sources on one image: field by field the most direct one that says something. */
import type { About, Fact, Grade, WritablePath } from '../types.ts'

const ORDER: readonly Grade[] = ['certain', 'known', 'likely', 'assumed']

export function weaker(a: Grade, b: Grade): Grade {
  return ORDER[Math.max(ORDER.indexOf(a), ORDER.indexOf(b))] as Grade
}

function isSurer(a: Grade, b: Grade): boolean {
  return ORDER.indexOf(a) < ORDER.indexOf(b)
}

/** Who the image runs as is one answer: parts of two sources do not fit together. */
export function withoutIdentity(known: About): About {
  const { user: _user, defaultUser: _default, runsAsNonRoot: _runs, stepsDownTo: _down, rootRequired: _root, ...rest } = known
  return rest
}

/** The number that the source would run it as. */
export function numberOf({ stepsDownTo, user, defaultUser }: About): Fact<number> | undefined {
  for (const fact of [stepsDownTo, user]) if (typeof fact?.value.uid === 'number') return { ...fact, value: fact.value.uid }
  const own = /^([1-9]\d*)(?::|$)/.exec(defaultUser?.value ?? '')
  return defaultUser === undefined || own === null ? undefined : { ...defaultUser, value: Number(own[1]) }
}

function saysWho({ user, defaultUser, runsAsNonRoot, rootRequired }: About): boolean {
  return [user, defaultUser, runsAsNonRoot, rootRequired].some((fact) => fact !== undefined)
}

/** `answers`: the most direct first. */
export function merged(answers: readonly About[]): About {
  const [first, ...others] = answers
  if (first === undefined) return {}
  return others.reduce(laidUnder, first)
}

/** `less` fills the gaps of `more`. */
function laidUnder(more: About, less: About): About {
  const isWho = saysWho(more)
  const own = numberOf(more)
  const other = numberOf(less)
  const others = [...(more.otherUsers ?? []), ...(isWho && other !== undefined && own?.value !== other.value ? [other] : []), ...(less.otherUsers ?? [])]
  const paths = pathsOf(more, less)
  return {
    ...(isWho ? withoutIdentity(less) : less),
    ...more,
    // Two sources that agree are as good as the better of them.
    ...(isWho && own !== undefined && own.value === other?.value ? agreed(more, less) : {}),
    ...paths,
    ...(more.ownedBy === undefined || less.ownedBy === undefined ? {} : { ownedBy: { ...more.ownedBy, value: { ...less.ownedBy.value, ...more.ownedBy.value } } }),
    ...(others.length === 0 ? {} : { otherUsers: others }),
  }
}

function agreed(more: About, less: About): About {
  const { user } = more
  const other = numberOf(less)
  if (user === undefined || other === undefined || !isSurer(other.grade, user.grade)) return {}
  return {
    user: { value: { ...user.value, gid: user.value.gid ?? less.user?.value.gid ?? null }, grade: other.grade, source: `${user.source}, and ${other.source}` },
    ...(less.runsAsNonRoot === undefined ? {} : { runsAsNonRoot: less.runsAsNonRoot }),
  }
}

/** All paths of both, unless the more direct one is known to name all. What it says of a path counts. */
function pathsOf(more: About, less: About): About {
  const [a, b] = [more.writablePaths, less.writablePaths]
  if (a === undefined || b === undefined || more.pathsAreAll?.grade === 'known') return {}
  const list = new Map<string, WritablePath>()
  for (const path of a.value) list.set(path.path, path)
  const added = b.value.filter(({ path }) => !list.has(path))
  for (const path of added) list.set(path.path, { source: b.source, ...path })
  const all = [more.pathsAreAll ?? { ...a, value: true as const }, less.pathsAreAll ?? { ...b, value: true as const }].reduce((x, y) => (isSurer(y.grade, x.grade) ? y : x))
  return {
    writablePaths: { value: [...list.values()], grade: added.length === 0 ? a.grade : weaker(a.grade, b.grade), source: a.source },
    pathsAreAll: all,
  }
}
