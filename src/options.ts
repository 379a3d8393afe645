/** What the user asked for, with defaults filled in. */
import { parseVersion } from './standards/versions.ts'
import type { Context, Grade, Options } from './types.ts'

export const GRADES = ['certain', 'known', 'likely', 'assumed'] as const satisfies readonly Grade[]
export const LEVELS = ['baseline', 'restricted', 'hardened'] as const
export const SCOPES = ['auto', 'pod', 'container'] as const
export const PLATFORMS = ['auto', 'kubernetes', 'openshift'] as const

/**
 * `seen`: a person looks at a diff before anything is written, so assumptions are shown too. Otherwise
 * (a pipe, a library call) only what evidence was read for is written.
 */
export function withDefaults(given: Partial<Options>, seen: boolean): Options {
  return {
    level: given.level ?? 'hardened',
    only: given.only ?? [],
    skip: given.skip ?? [],
    stage: given.stage ?? 4,
    atLeast: given.atLeast ?? (seen ? 'assumed' : 'known'),
    uid: given.uid,
    pinUid: given.pinUid ?? false,
    scope: given.scope ?? 'auto',
    platform: given.platform ?? 'auto',
    images: given.images ?? { images: [], prefixes: [] },
    inspected: given.inspected ?? { of: () => ({}) },
    recorded: given.recorded ?? { of: () => ({}) },
    override: given.override ?? [],
    pssVersion: given.pssVersion ?? 'latest',
    exemptions: given.exemptions ?? [],
    foreignExemptions: given.foreignExemptions ?? true,
    baseline: given.baseline,
    workloads: given.workloads ?? [],
    today: given.today,
  }
}

/** Nothing is known of a tree around the text. */
export const EMPTY_SURVEY: Context['survey'] = {
  claims: new Map(),
  namespaces: new Map(),
  injectedNamespaces: new Map(),
  rootScripts: new Map(),
  openshift: new Set(),
  images: new Map(),
  builds: { of: () => undefined },
  neighbours: { of: () => ({}) },
}

/** What is wrong with options that no parser of arguments has seen; undefined where nothing is. `transforms`: known ids. */
export function mistakeIn(given: Partial<Options>, transforms: readonly string[]): string | undefined {
  const oneOf = (name: keyof Options, values: readonly unknown[]): string | undefined =>
    given[name] === undefined || values.includes(given[name]) ? undefined : `${name} must be one of ${values.join(', ')}, not ${JSON.stringify(given[name])}`
  const ids = (name: 'only' | 'skip'): string | undefined => {
    const list: unknown = given[name]
    if (list === undefined) return undefined
    if (!Array.isArray(list)) return `${name} must be a list of transforms`
    const unknown = list.find((id) => !transforms.includes(String(id)))
    return unknown === undefined ? undefined : `${name}: there is no transform ${JSON.stringify(unknown)}`
  }
  const { uid } = given
  const isUid = uid === undefined || uid === 'image' || isId(uid)
  const images = (given.images?.images ?? []).find(({ uid: own, gid }) => (own !== undefined && !isId(own)) || (gid !== undefined && !isId(gid)))
  return (
    (isUid ? undefined : `uid must be a user id from 1 to 2147483647, or "image", not ${JSON.stringify(uid)}`) ??
    oneOf('atLeast', GRADES) ??
    oneOf('level', LEVELS) ??
    oneOf('scope', SCOPES) ??
    oneOf('platform', PLATFORMS) ??
    oneOf('stage', [1, 2, 3, 4]) ??
    (given.pssVersion === undefined || parseVersion(given.pssVersion) !== undefined ? undefined : `pssVersion must be latest or v1.N, not ${JSON.stringify(given.pssVersion)}`) ??
    ids('only') ??
    ids('skip') ??
    (images === undefined ? undefined : `images: uid and gid of ${images.image} must be ids from 1 to 2147483647`)
  )
}

/** @throws TypeError where there is a mistake. */
export function refuse(mistake: string | undefined): void {
  if (mistake !== undefined) throw new TypeError(`podharden: ${mistake}`)
}

function isId(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= 2147483647
}
