/** What a container needs beside a new uid, so that it starts: volumes, variables, a port setting. */
import type { About, Container, Context, FieldChange, Grade, Pod } from '../types.ts'
import { about } from './about.ts'
import { envOf, replacesCommand } from './commands.ts'
import { stateAt, valueAt } from './fields.ts'
import { weakest } from './grades.ts'
import { cleanPath, isAtOrAbove } from './mounts.ts'
import { blocked, isBlocked, NOTHING, type Outcome } from './outcome.ts'
import { isNotOurs, knownPaths, standing } from './paths.ts'
import { persistentMounts, sharedClaim } from './persistence.ts'
import { lowPorts, portSysctl, UNPRIVILEGED_PORT_START } from './ports.ts'
import { distinct, volumeProblem } from './unmountable.ts'
import { keepsUser, mayWrite, type NumberedUser } from './users.ts'
import { emptyDirs, type VolumeNames } from './volumes.ts'

/** All of it, or the first thing that stands in the way. */
export function needsOf(pod: Pod, container: Container, user: NumberedUser | undefined, context: Context, names: VolumeNames): Outcome {
  const known = about(pod, container, context)
  // The image's own user stays: what works today goes on working.
  if (user === undefined || keepsUser(known, user)) return NOTHING
  const parts = [
    config(container, known),
    port(pod, container, known, user),
    data(pod, container, known, user, context),
    volumes(pod, container, known, user, context, names),
    home(pod, container, known, user, context),
  ]
  const fields: FieldChange[] = []
  const notes: string[] = []
  for (const part of parts) {
    if (isBlocked(part)) return part
    fields.push(...part.fields)
    notes.push(...part.notes)
  }
  return { fields, notes, grade: weakest(...parts.map((part) => (isBlocked(part) ? 'certain' : (part.grade ?? 'certain')))) }
}

/** Variables without which a start without root does not work. */
function config(container: Container, known: About): Outcome {
  if (known.needsEnv === undefined) return NOTHING
  const env = stateAt(container, ['env'], 'list')
  if (env.is === 'opaque' || env.is === 'wrong')
    return blocked('opaque', 'env cannot be read, and the image needs a variable to run without root', `Set ${[...Object.keys(known.needsEnv.value)].join(', ')} by hand.`)
  const present = new Set(envOf(container).map(({ name }) => name))
  const missing = Object.entries(known.needsEnv.value).filter(([name]) => !present.has(name))
  const moving = missing.find(([name]) => known.movesPort?.value[name] !== undefined || /PORT$/.test(name))
  if (moving !== undefined)
    return blocked(
      'low-port',
      `needs ${moving[0]}: "${moving[1]}" to run without root, which moves its port (${known.needsEnv.source})`,
      `Set ${moving[0]} and let containerPort, probes and the Service follow, then run again.`,
    )
  const source = known.needsEnv
  return {
    fields: missing.map(([name, value]) => ({
      change: { op: 'append', path: [...container.path, 'env'], value: { name, value }, key: 'name' },
      grade: weakest(source.grade, replacesCommand(container) ? 'likely' : 'certain'),
      because: `needed without root, ${source.source}`,
    })),
    notes: [],
  }
}

/** Ports below 1024. A file capability on the program is better than the pod's sysctl, and stays with the drop of ALL. */
function port(pod: Pod, container: Container, known: About, user: NumberedUser): Outcome {
  const low = lowPorts(container, known)
  if (low.unclear)
    return blocked(
      'low-port',
      `the image listens on a port below 1024 (${known.ports?.source ?? 'the image'}), and which one it is here cannot be read`,
      'Write the port out, or move it above 1023.',
    )
  const lowest = low.ports.length === 0 ? undefined : Math.min(...low.ports)
  const held = known.fileCapabilities?.value ?? []
  if (held.some((name) => name !== 'NET_BIND_SERVICE'))
    return blocked(
      'needs-knowledge',
      `a program of the image holds the file capability ${held.filter((name) => name !== 'NET_BIND_SERVICE').join(', ')} (${known.fileCapabilities?.source})`,
      'Decide by hand which capabilities it keeps.',
    )
  if (lowest === undefined || held.includes('NET_BIND_SERVICE')) return NOTHING
  const grade: Grade = replacesCommand(container) && low.because === known.ports?.source ? 'likely' : weakest(known.ports?.grade ?? 'certain', user.grade)
  const state = portSysctl(pod, lowest)
  if (state.is === 'enough') return { ...NOTHING, grade }
  if (state.is === 'blocked')
    return blocked(
      'low-port',
      `listens on port ${lowest} (${low.because}), which takes root or a port setting; ${state.why}`,
      'Let it listen above 1023 (containerPort, probes and Service follow), then run again.',
    )
  return {
    fields: [
      {
        change: { op: 'append', path: ['spec', 'securityContext', 'sysctls'], value: { name: UNPRIVILEGED_PORT_START, value: '0' }, key: 'name' },
        grade,
        because: `listens on port ${lowest} (${low.because}); safe sysctl since Kubernetes 1.22`,
      },
    ],
    notes: [`Port ${lowest} stays bound through the pod's sysctl; "bind: permission denied" would mean the node refuses it.`],
  }
}

/** Data that outlives the pod belongs to somebody already. */
function data(pod: Pod, container: Container, known: About, user: NumberedUser, context: Context): Outcome {
  const persistent = persistentMounts(pod, container)
  const first = persistent[0]
  if (first === undefined) return NOTHING
  const where = `${first.volume.kind === 'volumeClaimTemplate' ? 'claim template' : first.volume.kind} ${first.volume.name} at ${first.mount.path}`
  if (user.grade === 'assumed')
    return blocked(
      'persistent-data',
      `keeps data (${where}), and no source says which uid owns it`,
      'Settle the number: run with --uid N on this path, or write runAsUser by hand; "stat -c %u" on the mounted directory shows the owner.',
    )
  const shared = persistent.map((one) => sharedClaim(pod, one, context)).find((one) => one !== undefined)
  if (shared !== undefined)
    return blocked('persistent-data', `${shared}, so every pod that uses it needs the same numbers`, `Set runAsUser: ${user.uid} and fsGroup in all of them together, by hand.`)
  const own = (known.mustOwnData?.value ?? []).find((path) => persistent.some(({ mount }) => !mount.subPath && mount.path === cleanPath(dataPath(container, known, path))))
  if (own !== undefined)
    return blocked(
      'persistent-data',
      `the program must own ${own}, and the volume is mounted exactly there (${known.mustOwnData?.source})`,
      `Point it at a directory below the mount (for PostgreSQL, PGDATA: ${own}/pgdata, which moves the data), or hand the volume to ${user.uid} once with a Job that runs chown, and then write runAsUser: ${user.uid} and fsGroup by hand.`,
    )
  return NOTHING
}

function dataPath(container: Container, known: About, path: string): string {
  const name = Object.entries(known.movesPaths?.value ?? {}).find(([, from]) => cleanPath(from) === cleanPath(path))?.[0]
  return envOf(container).find((variable) => variable.name === name)?.value ?? path
}

/** Paths that the program writes and that the new user cannot write in the image. */
function volumes(pod: Pod, container: Container, known: About, user: NumberedUser, context: Context, names: VolumeNames): Outcome {
  const paths = knownPaths(pod, container, context)
  // With a read-only root it gets along without writing there today.
  if (paths === undefined || valueAt(container, ['securityContext', 'readOnlyRootFilesystem'], 'boolean') === true) return NOTHING
  const open = paths.value.filter(({ path }) => !isNotOurs(path) && standing(pod, container, path) === 'open')
  const needed = open.filter(({ path }) => !(mayWrite(known, user, path) ?? user.ofImage))
  if (needed.length === 0) return NOTHING
  const problem = volumeProblem(pod, container, needed)
  if (problem !== undefined) return problem
  const changes = emptyDirs(pod, container, distinct(needed.map(({ path }) => path)), distinct(open.map(({ path }) => path)).length, names)
  // As sure as the path is: where the owner was inferred wrongly the volume is one too many, and does no harm.
  return {
    fields: changes.map((change) => ({ change, grade: paths.grade, because: `uid ${user.uid} cannot write there in the image, ${paths.source}` })),
    notes: needed.filter(({ persistent }) => persistent).map(({ path }) => `What is written to ${path} is lost with the pod, as before; a claim would keep it.`),
  }
}

/** A number without an account has no home: programs that write below it need HOME to be said. */
function home(pod: Pod, container: Container, known: About, user: NumberedUser, context: Context): Outcome {
  if (user.ofImage || known.home === undefined) return NOTHING
  const directory = cleanPath(known.home.value)
  if (directory === '/' || envOf(container).some(({ name }) => name === 'HOME') || container.get(['envFrom']) !== undefined) return NOTHING
  const below = knownPaths(pod, container, context)?.value.find(({ path }) => isAtOrAbove(directory, cleanPath(path)))
  if (below === undefined) return NOTHING
  if (isAtOrAbove('/root', directory))
    return blocked('needs-knowledge', `writes below its home ${directory}, which only root can reach`, 'Set HOME to a writable directory by hand, then run again.')
  if (valueAt(container, ['env'], 'list') === undefined && container.get(['env']) !== undefined)
    return blocked('opaque', 'env cannot be read, and HOME has to be set', `Set HOME: ${directory} by hand.`)
  return {
    fields: [
      {
        change: { op: 'append', path: [...container.path, 'env'], value: { name: 'HOME', value: directory }, key: 'name' },
        grade: weakest(known.home.grade, 'likely'),
        because: `uid ${user.uid} has no account and so no home; the image's is ${directory}, ${known.home.source}`,
      },
    ],
    notes: [],
  }
}

/** Whether a record that asks for configuration says all of it in fields we can write. */
export function configIsKnown(known: About): boolean {
  if (known.runsAsNonRoot?.value !== 'with-config') return true
  // What it writes is part of the configuration: without the paths nobody knows all of it.
  if (known.writablePaths === undefined) return false
  const owners = Object.values(known.ownedBy?.value ?? {})
  return (
    (known.ports?.value.length ?? 0) > 0 ||
    entriesOf(known.needsEnv?.value) > 0 ||
    (known.fileCapabilities?.value.length ?? 0) > 0 ||
    owners.includes('root') ||
    (known.capabilities?.value ?? []).includes('NET_BIND_SERVICE')
  )
}

function entriesOf(record: Readonly<Record<string, string>> | undefined): number {
  return record === undefined ? 0 : Object.keys(record).length
}
