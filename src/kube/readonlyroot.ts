/** The read-only root filesystem of one container, with the volumes that it then needs. */
import type { About, Change, Container, Context, FieldChange, FixProposal, Grade, Pod, Proposal, ReviewProposal, WritablePath } from '../types.ts'
import { about } from './about.ts'
import { chownOnly, envOf, replacesCommand } from './commands.ts'
import { isWholeList } from './fields.ts'
import { weakest } from './grades.ts'
import { canAddVolumes, cleanPath, isAtOrAbove } from './mounts.ts'
import { isNotOurs, knownPaths, namedPaths, standing, writtenUid } from './paths.ts'
import { saidBy } from './said.ts'
import { review } from './speaking.ts'
import { distinct, volumeProblem } from './unmountable.ts'
import { DEFAULT_UID } from './users.ts'
import { emptyDirs, isFirstLocalVolume, LOCAL_STORAGE_NOTE, VolumeNames } from './volumes.ts'

const FIELD = 'securityContext.readOnlyRootFilesystem'

interface Wish {
  readonly paths: readonly string[]
  readonly grade: Grade
  readonly because: string
  readonly notes: readonly string[]
}

export function* planReadOnlyRoot(pod: Pod, container: Container, context: Context): Iterable<Proposal> {
  const chown = chownOnly(container)
  if (chown !== undefined) {
    if (chown.targets.every((path) => standing(pod, container, path) === 'mounted'))
      yield fix(pod, container, { paths: [], grade: 'certain', because: 'it writes to its mounts only', notes: [] }, [], [])
    return
  }
  // The review of the user has named a path already that can have no volume.
  if (saidBy(container, 'volumes') !== undefined) return
  const wish = knownWish(pod, container, context) ?? unknownWish(pod, container, about(pod, container, context))
  if ('outcome' in wish) {
    yield wish
    return
  }
  const home = homeFields(pod, container, context)
  if (home === undefined) {
    yield left(container, 'opaque', 'env cannot be read, and HOME has to be set beside a read-only root', 'Set HOME to a writable directory by hand.')
    return
  }
  const paths = home.length > 0 && standing(pod, container, '/tmp') === 'open' ? distinct([...wish.paths, '/tmp']) : wish.paths
  if (paths.length > 0 && !canAddVolumes(pod, container)) {
    yield left(
      container,
      'opaque',
      'volumes or volumeMounts cannot be read in full, so no volume was added and the root stayed writable',
      'Add the emptyDir volumes and readOnlyRootFilesystem: true by hand.',
    )
    return
  }
  const outermost = paths.filter((path) => !paths.some((other) => other !== path && isAtOrAbove(cleanPath(other), cleanPath(path))))
  const names = new VolumeNames(pod)
  yield fix(pod, container, wish, emptyDirs(pod, container, outermost, outermost.length, names), home)
}

/** Paths that are known; a review where one of them cannot be had. */
function knownWish(pod: Pod, container: Container, context: Context): Wish | ReviewProposal | undefined {
  const known = about(pod, container, context)
  const paths = knownPaths(pod, container, context)
  if (paths === undefined) return undefined
  const real = paths.value.filter(({ path }) => !isNotOurs(path) && path.startsWith('/'))
  const blockedPath = real.find(({ path }) => standing(pod, container, path) === 'read-only')
  if (blockedPath !== undefined)
    return left(
      container,
      'needs-knowledge',
      `the image writes to ${blockedPath.path} (${paths.source}), and what is mounted there is read-only`,
      `If it works today, readOnlyRootFilesystem: true can be written by hand: ${blockedPath.path} does not change.`,
    )
  const recorded = real
    .filter(({ path }) => standing(pod, container, path) === 'open')
    .map((one) => ({ ...one, keepsImageContent: one.keepsImageContent || hides(known, one.path) }))
  // Another program than the image's own writes elsewhere: what is known of it is only the least of it.
  const isAll = known.pathsAreAll?.grade ?? paths.grade
  const isOther = replacesCommand(container) && known.recorded === undefined
  const more =
    isOther || isAll === 'assumed'
      ? ['/tmp', ...namedPaths(container).map(({ path }) => path)].filter((path) => standing(pod, container, path) === 'open' && !isAtOrAbove('/root', path))
      : []
  const open = [...recorded, ...more.map((path) => ({ path, keepsImageContent: hides(known, path), persistent: false }))]
  const problem = volumeProblem(pod, container, open)
  if (problem !== undefined) return left(container, problem.reason, `${problem.message}, so the root stayed writable`, problem.todo)
  const seen = known.readOnlyRootSeen
  const isSeen = seen !== undefined && seen.value !== 'third-party-manifest' && !isOther
  return {
    paths: distinct(open.map(({ path }) => path)),
    grade: weakest(paths.grade, isAll, isSeen ? seen.grade : 'likely'),
    because: `${writes(real, paths.source)}${isSeen && seen.source !== paths.source ? ', seen with a read-only root' : ''}${more.length === 0 ? '' : isOther ? '; the command is another one, so what most programs and the manifest name was added' : '; what most programs and the manifest name was added'}`,
    notes: open.filter(({ persistent }) => persistent).map(({ path }) => `What is written to ${path} is lost with the pod, as before; a claim would keep it.`),
  }
}

/** `writes to /data (app/Dockerfile:3 VOLUME), /run, catalogue …`: a path with a source of its own names it. */
function writes(paths: readonly WritablePath[], source: string): string {
  if (paths.length === 0) return `writes nowhere, ${source}`
  const own = (one: WritablePath): boolean => one.source !== undefined && one.source !== source
  const text = `writes to ${paths.map((one) => (own(one) ? `${one.path} (${one.source})` : one.path)).join(', ')}`
  return paths.every(own) ? text : `${text}, ${source}`
}

/** The layers of the image were read, and there are files where a volume would go. What lies in /tmp and /run is nobody's. */
function hides(known: About, path: string): boolean {
  return known.filled?.value.has(path) === true && !/^\/(?:tmp|var\/tmp|run|var\/run)$/.test(path)
}

/** Nothing is known: /tmp, and what the manifest itself names. */
function unknownWish(pod: Pod, container: Container, known: About): Wish | ReviewProposal {
  const named = namedPaths(container).filter(({ path }) => standing(pod, container, path) === 'open' && !isAtOrAbove('/root', path))
  const elsewhere = known.pathsElsewhere
  const alsoElsewhere = (elsewhere?.value ?? []).filter((path) => standing(pod, container, path) === 'open' && !isNotOurs(path))
  const paths = distinct([...(standing(pod, container, '/tmp') === 'open' ? ['/tmp'] : []), ...named.map(({ path }) => path), ...alsoElsewhere])
  const problem = volumeProblem(
    pod,
    container,
    paths.map((path) => ({ path, keepsImageContent: hides(known, path), persistent: false })),
  )
  if (problem !== undefined) return left(container, problem.reason, `${problem.message}, so the root stayed writable`, problem.todo)
  const also = named.length === 0 ? '' : `, ${named.map(({ name, path }) => `${path} is named by ${name}`).join(', ')}`
  return {
    paths,
    grade: elsewhere === undefined ? 'assumed' : 'likely',
    because:
      elsewhere !== undefined
        ? `${elsewhere.source}${alsoElsewhere.length === 0 ? '' : ` and writes to ${alsoElsewhere.join(', ')}`}${also}`
        : `nothing is known of what the image writes; /tmp is what most programs use${also}`,
    notes: ['A path that is missing shows late: the first write there fails with "read-only file system" (EROFS), maybe long after the start.'],
  }
}

/** A number without an account in the image has no home but /, which is read-only now. Undefined: env cannot be read. */
function homeFields(pod: Pod, container: Container, context: Context): readonly FieldChange[] | undefined {
  const known = about(pod, container, context)
  const ours = typeof context.options.uid === 'number' ? context.options.uid : DEFAULT_UID
  const ofImage = [known.user?.value.uid, known.stepsDownTo?.value.uid, Number.parseInt(known.defaultUser?.value ?? '', 10)]
  const uid = writtenUid(pod, container)
  // The record gives a number that no account of the image has, and the image runs as somebody else by default.
  const isStranger = known.user !== undefined && known.user.value.name === null && known.user.value.uid === uid && !ofImage.slice(1).includes(uid)
  if (uid === undefined || (!isStranger && (uid !== ours || ofImage.includes(uid)))) return []
  if (container.get(['envFrom']) !== undefined || envOf(container).some(({ name }) => name === 'HOME')) return []
  if (!isWholeList(container, ['env'])) return undefined
  const change: Change = { op: 'append', path: [...container.path, 'env'], value: { name: 'HOME', value: '/tmp' }, key: 'name' }
  return [
    {
      change,
      grade: isStranger ? 'likely' : typeof context.options.uid === 'number' ? 'known' : 'assumed',
      because: `uid ${uid} has no account that is known of, and unless the image sets HOME it would be /, which is read-only`,
    },
  ]
}

function fix(pod: Pod, container: Container, wish: Wish, changes: readonly Change[], home: readonly FieldChange[]): FixProposal {
  const at = [...container.path, 'securityContext', 'readOnlyRootFilesystem']
  const mounts = changes.filter(({ path }) => path.at(-1) === 'volumeMounts').length
  const drain = changes.some(({ path }) => path.at(-1) === 'volumes') && isFirstLocalVolume(pod) ? [LOCAL_STORAGE_NOTE] : []
  const risk = [
    ...(wish.grade === 'certain' ? [] : ['A write outside its volumes fails with "read-only file system" (EROFS); an emptyDir there mends it, taking the line out undoes it.']),
    ...wish.notes,
    ...drain,
  ].join(' ')
  return {
    outcome: 'fix',
    key: container.name,
    container: container.name,
    at,
    field: FIELD,
    message: mounts === 0 ? 'read-only root filesystem' : `read-only root filesystem, with ${mounts === 1 ? 'a writable volume' : `${mounts} writable volumes`}`,
    fields: [
      { change: { op: 'set', path: at, value: true }, grade: wish.grade, because: wish.because },
      ...changes.map((change): FieldChange => ({ change, grade: wish.grade, because: wish.because })),
      ...home,
    ],
    ...(risk === '' ? {} : { risk }),
    stage: 4,
  }
}

/** The root stays writable: a question for a person. */
export function left(container: Container, reason: ReviewProposal['reason'], message: string, todo: string): ReviewProposal {
  return review({
    key: container.name,
    container: container.name,
    at: [...container.path, 'securityContext', 'readOnlyRootFilesystem'],
    field: FIELD,
    severity: 'decide',
    reason,
    message,
    todo,
  })
}
