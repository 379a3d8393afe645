/** What the user asked for, with defaults filled in. */
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
  }
}

/** Nothing is known of a tree around the text. */
export const EMPTY_SURVEY: Context['survey'] = {
  claims: new Map(),
  injectedNamespaces: new Map(),
  rootScripts: new Map(),
  openshift: new Set(),
  images: new Map(),
  builds: { of: () => undefined },
  neighbours: { of: () => ({}) },
}
