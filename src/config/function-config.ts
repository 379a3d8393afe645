/**
 * The `functionConfig` of a KRM function: the keys of `podharden.yaml` in the `spec` of a PodHarden, or the plain ones
 * as text in the `data` of a ConfigMap, which is what `kpt fn eval -- level=restricted` makes.
 */
import { asText, type Keys, map, type Shape } from '../shape.ts'
import type { Options } from '../types.ts'
import { CHOICE, CONFIG, type Config, KEYS } from './keys.ts'
import { NO_CONFIG } from './read.ts'

export const FUNCTION_API = 'podharden.io/v1alpha1'

/** Kubernetes' own keys, which say nothing to us. */
const ANYTHING: { readonly shape: Shape<never>; readonly says: string } = { says: '', shape: { must: 'anything', schema: {}, read: () => undefined } }
interface Head {
  readonly apiVersion: unknown
  readonly kind: unknown
  readonly metadata: unknown
}
const HEAD: Keys<Head> = { apiVersion: ANYTHING, kind: ANYTHING, metadata: ANYTHING }

/** A key that has its place somewhere else. */
function refused(why: string): { readonly shape: Shape<never>; readonly says: string } {
  return {
    says: why,
    shape: {
      must: why,
      schema: {},
      read(node, name, file) {
        file.wrong(node, `${name} ${why}`)
        return undefined
      },
    },
  }
}

type Plain = 'level' | 'atLeast' | 'scope' | 'platform' | 'pssVersion' | 'stage' | 'uid' | 'pinUid' | 'foreignExemptions' | 'only' | 'skip'
type Structured = 'transforms' | 'ignore' | 'images' | 'prefixes' | 'workloads' | 'exemptions'
interface Data extends Pick<Options, Plain>, Record<Structured, unknown> {
  readonly catalogue: string
}

const asTextKey = <T>({ shape, says }: { readonly shape: Shape<T>; readonly says: string }) => ({ shape: asText(shape), says })
const structured = refused(`cannot be said in a ConfigMap; use a functionConfig of apiVersion ${FUNCTION_API} and kind PodHarden`)
const { level, atLeast, scope, platform, pssVersion, catalogue, stage, uid, pinUid, foreignExemptions } = KEYS
const DATA_KEYS: Keys<Data> = {
  level,
  stage: asTextKey(stage),
  atLeast,
  uid: asTextKey(uid),
  pinUid: asTextKey(pinUid),
  scope,
  platform,
  pssVersion,
  only: asTextKey(CHOICE.only),
  skip: asTextKey(CHOICE.skip),
  foreignExemptions: asTextKey(foreignExemptions),
  catalogue,
  transforms: refused('is a map; in a ConfigMap write only or skip, with commas'),
  ignore: structured,
  images: structured,
  prefixes: structured,
  workloads: structured,
  exemptions: structured,
}
const DATA: Shape<Config> = map(DATA_KEYS, ({ catalogue: version, ...options }) => ({ options: options as Partial<Options>, ignore: [], catalogue: version }))

/** There is no tree of files to leave some out of. */
const SPEC: Shape<Config> = {
  ...CONFIG,
  read(node, name, file) {
    const config = CONFIG.read(node, name, file)
    if (config === undefined || config.ignore.length === 0) return config
    file.wrong(node, 'ignore has no meaning in a function; select what it is given, or write exemptions with a path')
    return undefined
  },
}

const POD_HARDEN_KEYS: Keys<Head & { readonly spec: Config }> = { ...HEAD, spec: { shape: SPEC, says: 'As in podharden.yaml.' } }
const CONFIG_MAP_KEYS: Keys<Head & { readonly immutable: unknown; readonly data: Config }> = {
  ...HEAD,
  immutable: ANYTHING,
  data: { shape: DATA, says: 'What is plain in podharden.yaml, as text.' },
}
export const POD_HARDEN: Shape<Config> = map(POD_HARDEN_KEYS, ({ spec = NO_CONFIG }) => spec)
export const CONFIG_MAP: Shape<Config> = map(CONFIG_MAP_KEYS, ({ data = NO_CONFIG }) => data)
