/** What was seen of a container while it ran. What was not seen may still happen: that nothing else is written is at most likely. */
import type { About, ContainerName, Fact, Grade, Recorded, WritablePath } from '../types.ts'
import { merged, numberOf } from './merge.ts'
import { parseReference, type Reference } from './reference.ts'
import type { Recording } from './recordings/recording.ts'

/** What root does on the way to another user, and what nobody else can do. */
const START_AS_ROOT = new Set(['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP'])

/** Recordings that the user gives, with those that nothing has asked for yet. */
export class Recordings implements Recorded {
  readonly #given: readonly { readonly name: string; readonly recordings: readonly Recording[] }[]
  readonly #used = new Set<string>()

  constructor(given: readonly { readonly name: string; readonly recordings: readonly Recording[] }[]) {
    this.#given = given
  }

  of(image: string, container: ContainerName | undefined, rest: About): About {
    const found = this.#given.filter(({ recordings }) => Object.keys(ofRecordings(recordings, image, container, rest)).length > 0)
    for (const { name } of found) this.#used.add(name)
    return ofRecordings(
      found.flatMap(({ recordings }) => recordings),
      image,
      container,
      rest,
    )
  }

  /** Names of those that said nothing of any container. */
  get unused(): readonly string[] {
    return this.#given.map(({ name }) => name).filter((name) => !this.#used.has(name))
  }
}

/** `rest`: what less direct sources know of the image. */
export function ofRecordings(recordings: readonly Recording[], image: string, container: ContainerName | undefined, rest: About): About {
  const reference = parseReference(image)
  const ofContainer = container === undefined ? [] : recordings.filter(({ target }) => isOf(target, container))
  const own = ofContainer.flatMap((one) => {
    const match = one.target.image === undefined || reference === undefined ? 'same' : likeness(one.target.image, reference)
    return match === 'other' ? [] : [ofRecording(one, rest, match, true)]
  })
  if (own.length > 0) return merged(own)
  if (reference === undefined) return {}
  return merged(recordings.filter(({ target }) => target.image !== undefined && likeness(target.image, reference) === 'same').map((one) => ofRecording(one, rest, 'same', false)))
}

function isOf({ workload, container }: Recording['target'], of: ContainerName): boolean {
  if (workload === undefined || workload.kind.toLowerCase() !== of.kind.toLowerCase() || workload.name !== of.name) return false
  if (workload.namespace !== undefined && of.namespace !== undefined && workload.namespace !== of.namespace) return false
  return container === undefined || container === of.container
}

type Likeness = 'same' | 'release' | 'other'

/** `release`: the same image, another tag or digest. */
function likeness(recorded: string, reference: Reference): Likeness {
  const other = parseReference(recorded)
  if (other === undefined || other.repository !== reference.repository) return 'other'
  if (reference.digest !== undefined && other.digest !== undefined) return reference.digest === other.digest ? 'same' : 'release'
  const [a, b] = [reference, other].map(({ tag, digest }) => tag ?? (digest === undefined ? 'latest' : undefined))
  return a !== undefined && a === b ? 'same' : 'release'
}

function ofRecording({ target, directories, capabilities, partial, seconds, source }: Recording, rest: About, match: Likeness, isOwn: boolean): About {
  const over = seconds === undefined ? '' : ` over ${durationText(seconds)}`
  const from = `seen${over} in ${source}${match === 'release' ? `, of ${target.image}` : ''}`
  const grade: Grade = partial ? 'assumed' : 'likely'
  // As another user the program cannot do those, and does not start as root to begin with.
  const isOtherUser = numberOf(rest)?.grade === 'known'
  const needed = [...new Set(capabilities)].filter((name) => !(isOtherUser && START_AS_ROOT.has(name))).sort()
  const fact = <T>(value: T): Fact<T> => ({ value, grade: match === 'same' ? 'known' : 'likely', source: from })
  const paths = directories?.map(({ path, filled }): WritablePath => ({ path, purpose: purposeOf(path), keepsImageContent: filled, persistent: purposeOf(path) === 'data' }))
  return {
    ...(paths === undefined ? {} : { writablePaths: fact(paths), pathsAreAll: { value: true as const, grade, source: partial ? `${from}, which is not complete` : from } }),
    ...(paths !== undefined && isOwn ? { recorded: fact(true as const) } : {}),
    ...(needed.length === 0 ? {} : { capabilities: fact(needed) }),
  }
}

function purposeOf(path: string): WritablePath['purpose'] {
  if (/^\/(?:var\/)?tmp(?:\/|$)/.test(path)) return 'tmp'
  if (/^\/(?:var\/)?run(?:\/|$)/.test(path)) return 'run'
  if (/(?:^|\/)\.?cache(?:\/|$)/.test(path)) return 'cache'
  if (/(?:^|\/)logs?(?:\/|$)/.test(path)) return 'log'
  return 'data'
}

/** `26 h`, `40 min`, `12 s`: one unit, never rounded up. */
export function durationText(seconds: number): string {
  if (seconds >= 172_800) return `${Math.floor(seconds / 86_400)} days`
  if (seconds >= 7200) return `${Math.floor(seconds / 3600)} h`
  if (seconds >= 120) return `${Math.floor(seconds / 60)} min`
  return `${Math.floor(seconds)} s`
}
