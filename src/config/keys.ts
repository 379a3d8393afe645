/** Every key of `podharden.yaml`: what it may hold and what it means. The reader and the JSON Schema both come from here. */
import transforms from '../../transforms/index.ts'
import { IMAGE_KEYS, id } from '../evidence/images-file.ts'
import { GRADES, LEVELS, PLATFORMS, SCOPES } from '../options.ts'
import { each, flag, isText, type Keys, listOf, map, nearest, oneOf, type Shape, scalar, TEXT, text } from '../shape.ts'
import { parseVersion } from '../standards/versions.ts'
import type { ExemptionRule, FieldsAllowed, Options, WorkloadKind } from '../types.ts'

/** What the file says; what it leaves open is absent. */
export interface Config {
  readonly options: Partial<Options>
  /** Patterns as in `.gitignore`, from the root: such files are read for what they say and never changed. */
  readonly ignore: readonly string[]
  /** The version of the image catalogue that must be the one in use. */
  readonly catalogue: string | undefined
}

const IDS = transforms.map(({ id: name }) => name as string)
const isTransform = (value: unknown): value is string => typeof value === 'string' && IDS.includes(value)
const ids = (): Shape<readonly string[]> => {
  const list = listOf(`a list of transforms (${IDS.join(', ')})`, isTransform, { enum: IDS })
  return {
    ...list,
    read(node, name, file) {
      const given: unknown = node.toJS(file.document)
      const wrong = Array.isArray(given) ? given.find((one) => !isTransform(one)) : undefined
      if (typeof wrong !== 'string') return list.read(node, name, file)
      file.wrong(node, `${name}: there is no transform "${wrong}"; did you mean ${nearest(wrong, IDS)}?`)
      return undefined
    },
  }
}
const isDay = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)) && new Date(value).toISOString().startsWith(value)
const API = /^(?:[a-z0-9][a-z0-9.-]*\/)?v[a-z0-9]+$/
const PATH = /^[A-Za-z][\w-]*(?:\[\])?(?:\.(?:\*|[A-Za-z][\w-]*(?:\[\])?))*$/
const isApi = (value: unknown): value is string => typeof value === 'string' && API.test(value)
const isFields = (value: unknown): value is string => typeof value === 'string' && PATH.test(value)
const isVersion = (value: unknown): value is string => typeof value === 'string' && parseVersion(value) !== undefined

const uid = id('user')
const user: Shape<number | 'image'> = {
  must: 'a user id from 1 to 2147483647, or image',
  schema: { anyOf: [uid.schema, { const: 'image' }] },
  read: (node, name, file) => ((node.toJS(file.document) as unknown) === 'image' ? 'image' : uid.read(node, name, file)),
}

export const CHOICE: Keys<{ only: readonly string[]; skip: readonly string[] }> = {
  only: { shape: ids(), says: 'These transforms and no others, whatever the level.' },
  skip: { shape: ids(), says: 'Not these transforms.' },
}
const chosen = map(CHOICE, ({ only = [], skip = [] }): Pick<Options, 'only' | 'skip'> => ({ only, skip }))

interface Written extends Omit<ExemptionRule, 'transforms' | 'source'> {
  readonly transform: string
  readonly transforms: readonly string[]
}

const one = (what: string): Shape<string> => text(`${what}, with * for anything`)
const exemption = map<Written, ExemptionRule>(
  {
    reason: { shape: text('a sentence'), says: 'Why it stays as it is. Every report repeats it.', required: true },
    transform: {
      shape: scalar(`a transform: ${IDS.join(', ')}`, isTransform, { enum: IDS }),
      says: 'The transform that leaves it alone. Without transform and transforms: all of them.',
    },
    transforms: { shape: ids(), says: 'Several transforms.' },
    path: { shape: text('a pattern as in .gitignore'), says: 'Files, as in .gitignore, from the root of the repository.' },
    kind: { shape: one('a kind'), says: 'Kind of the object, such as Deployment.' },
    name: { shape: one('a name'), says: 'Name of the object.' },
    namespace: { shape: one('a namespace'), says: 'Namespace that the object names.' },
    container: { shape: text('the name of a container'), says: 'One container. Without it: the whole workload.' },
    expires: {
      shape: scalar('a day such as 2027-01-31', isDay, { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
      says: 'The last day on which it holds; afterwards it is reported and has no effect.',
    },
  },
  ({ transform, transforms: several, reason = '', ...rest }, at) => {
    if (transform !== undefined && several !== undefined) at.wrong('transform and transforms exclude each other', 'transforms')
    const list = transform === undefined ? several : [transform]
    const { path, kind, name, namespace, container } = rest
    if (list === undefined && [path, kind, name, namespace, container].every((given) => given === undefined))
      at.wrong('an exemption needs at least one of transform, path, kind, name, namespace and container')
    return { reason, source: at.source, ...rest, ...(list === undefined ? {} : { transforms: list }) }
  },
)

const workload = map<{ apiVersion: string; kind: string; path: string; fields: FieldsAllowed }, WorkloadKind>(
  {
    apiVersion: {
      shape: scalar('a group with a version, such as example.com/v1', isApi, { type: 'string', pattern: API.source }),
      says: 'Every version of the group is meant.',
      required: true,
    },
    kind: { shape: scalar('a kind', isText, TEXT), says: 'Kind of the object.', required: true },
    path: {
      shape: scalar('the fields from the object to the pod spec, such as spec.workers[].template.spec', isFields, { type: 'string', pattern: PATH.source }),
      says: 'Where the pod spec is: fields with dots between them, [] for each item of a list, * for each key of a map.',
      required: true,
    },
    fields: { shape: oneOf(['both', 'container', 'pod'] as const), says: 'Which security contexts the schema of the kind has. Default both.' },
  },
  ({ apiVersion = '', kind = '', path = '', fields = 'both' }) => ({ group: apiVersion.includes('/') ? (apiVersion.split('/')[0] as string) : '', kind, path, fields }),
)

interface File extends Pick<Options, 'level' | 'stage' | 'atLeast' | 'uid' | 'pinUid' | 'scope' | 'platform' | 'pssVersion' | 'exemptions' | 'foreignExemptions' | 'workloads'> {
  readonly transforms: Pick<Options, 'only' | 'skip'>
  readonly images: Options['images']['images']
  readonly prefixes: Options['images']['prefixes']
  readonly ignore: readonly string[]
  readonly catalogue: string
}

export const KEYS: Keys<File> = {
  level: { shape: oneOf(LEVELS), says: 'baseline and restricted are the Pod Security Standards; hardened adds read-only roots. Default hardened.' },
  transforms: { shape: chosen, says: 'Single transforms (podharden list shows them).' },
  stage: { shape: oneOf([1, 2, 3, 4] as const), says: 'How far to go: 1 seccomp and escalation, 2 what is certain, 3 user and capabilities, 4 read-only roots. Default 4.' },
  atLeast: { shape: oneOf(GRADES), says: 'How sure a change must be to be written. Default assumed where a person sees a diff, else known.' },
  uid: { shape: user, says: 'User id for images that nothing is known of, or image to keep their own USER.' },
  pinUid: { shape: flag(), says: 'Write the user id also where the image already runs as non-root.' },
  scope: { shape: oneOf(SCOPES), says: 'Where to write what pods and containers both have.' },
  platform: { shape: oneOf(PLATFORMS), says: 'openshift hands out user ids itself.' },
  pssVersion: { shape: scalar('latest or v1.N', isVersion, { type: 'string', pattern: '^(latest|v1\\.\\d+)$' }), says: 'Version of the Pod Security Standards for verdicts.' },
  ...IMAGE_KEYS,
  workloads: { shape: each(workload), says: 'Kinds of your own that hold pod specs.' },
  exemptions: { shape: each(exemption), says: 'What stays as it is, and why. All that is given must match.' },
  foreignExemptions: { shape: flag(), says: 'Whether the exemptions of kube-linter, checkov, trivy and others count here too. Default true.' },
  ignore: {
    shape: listOf('a list of patterns as in .gitignore', isText, TEXT),
    says: 'Files that are never changed, as in .gitignore, from the root of the repository. What they say is still read.',
  },
  catalogue: { shape: text('a version of the catalogue'), says: 'The version of the image catalogue to work with; another one is refused.' },
}

export const CONFIG: Shape<Config> = map(KEYS, ({ transforms: chosenOnes, images, prefixes, ignore = [], catalogue, ...options }) => ({
  options: {
    ...options,
    ...chosenOnes,
    ...(images === undefined && prefixes === undefined ? {} : { images: { images: images ?? [], prefixes: prefixes ?? [] } }),
  },
  ignore,
  catalogue,
}))
