/** Which user an image can run as, from what is known of it. */
import type { About, Container, Context, Grade, Pod, ReviewReason } from '../types.ts'
import { about } from './about.ts'
import { reaches, weakest } from './grades.ts'
import { isImageComputed, openshift } from './platform.ts'

/** Written where nothing is known: free in common images, outside the range of system accounts. */
export const DEFAULT_UID = 10001

export interface NumberedUser {
  readonly is: 'number'
  readonly uid: number
  readonly gid?: number
  readonly grade: Grade
  readonly because: string
  /** An account of the image, or the number its files belong to. */
  readonly ofImage: boolean
  /** The record's group is 0: the image is made so that group 0 may write. */
  readonly groupZero?: boolean
}

export type Identity =
  | NumberedUser
  /** The image's own USER stays; only root is refused. */
  | { readonly is: 'own-user'; readonly grade: Grade; readonly because: string }
  /** Runs as whatever the main container runs as; `alone` when it is the main container itself. */
  | { readonly is: 'follows'; readonly alone: NumberedUser | undefined }
  /** Nothing is known; `because` says how that comes where it is not the usual. */
  | { readonly is: 'unknown'; readonly because?: string }
  | { readonly is: 'review'; readonly reason: ReviewReason; readonly message: string; readonly todo: string }

const numberOf = (name: string): string => `Write runAsUser by hand; docker run --rm --entrypoint id IMAGE ${name} shows the number.`

export function identityOf(pod: Pod, container: Container, context: Context): Identity {
  const known = about(pod, container, context)
  if (isImageComputed(container))
    return {
      is: 'review',
      reason: 'needs-knowledge',
      message: 'the image comes from somewhere else, so its user is not known',
      todo: 'Write the user number where the image is chosen, or harden it at synthesis (podharden/cdk8s).',
    }
  const { user, runsAsNonRoot: runs, stepsDownTo: down, defaultUser } = known
  const others = otherUsersText(known)
  const refused = needsRootByDesign(known)
  if (refused !== undefined) return refused
  const cluster = openshift(pod, context)
  if (cluster !== undefined)
    return {
      is: 'own-user',
      grade: cluster === 'said' ? 'known' : 'likely',
      because: cluster === 'said' ? 'OpenShift hands out the number (--platform openshift)' : 'OpenShift kinds stand beside it, and OpenShift hands out the number',
    }
  if (typeof down?.value.uid === 'number' && down.value.uid > 0)
    return numbered(down.value.uid, down.value.gid, weakest(down.grade, runs?.grade ?? 'certain'), `the image steps down to it (${down.value.by}), ${down.source}${others}`)
  const uid = user?.value.uid
  if (user !== undefined && uid === 0)
    return { is: 'review', reason: 'author-chose', message: `runs as root: ${user.source} gives uid 0`, todo: 'Name another uid there, or leave it as it is.' }
  const account = user !== undefined && typeof uid === 'number' ? numbered(uid, user.value.gid, weakest(user.grade, runs?.grade ?? 'certain'), user.source + others) : undefined
  if (known.toolbox !== undefined) return { is: 'follows', alone: account }
  if (account !== undefined) return account
  const name = user?.value.name ?? (down === undefined ? undefined : 'another account')
  if (runs?.value === 'yes') return { is: 'own-user', grade: runs.grade, because: `USER is a number, ${runs.source}` }
  if (typeof name === 'string' && name !== '' && name !== 'root')
    return {
      is: 'review',
      reason: 'needs-knowledge',
      message: `the image has the account ${name}, but no source fixes its number`,
      todo: numberOf(name === 'another account' ? 'ACCOUNT' : name),
    }
  const own = /^([1-9]\d*)(?::(\d+))?$/.exec(defaultUser?.value ?? '')
  if (defaultUser !== undefined && own !== null)
    return numbered(Number(own[1]), own[2] === undefined ? null : Number(own[2]), defaultUser.grade, `USER ${own[0]}, ${defaultUser.source}`)
  if (typeof defaultUser?.value === 'string' && !/^(?:unknown|root|0)?(?::.*)?$/.test(defaultUser.value))
    return {
      is: 'review',
      reason: 'needs-knowledge',
      message: `the image's USER is the name ${defaultUser.value}, and no source fixes its number`,
      todo: numberOf(defaultUser.value.split(':')[0] as string),
    }
  if (runs?.value === 'with-uid' || runs?.value === 'with-config')
    return { ...defaultNumber(context), grade: weakest(runs.grade, 'known'), because: `any number works, ${runs.source}` }
  if (known.candidates !== undefined) return { is: 'unknown', because: `it is not clear which of ${known.candidates.join(', ')} makes the image; our default` }
  // An image of the tree that nobody gave a user.
  if (defaultUser !== undefined && defaultUser.source.includes('ockerfile')) return { is: 'unknown', because: `the image runs as root (${defaultUser.source}); our default` }
  return { is: 'unknown' }
}

/** What ends the reason of a number that others see otherwise. */
export function otherUsersText({ otherUsers }: About): string {
  return (otherUsers ?? []).map(({ value, source }) => `; uid ${value} by ${source}`).join('')
}

function numbered(uid: number, gid: number | null, grade: Grade, because: string): NumberedUser {
  if (gid === 0) return { is: 'number', uid, grade, because, ofImage: true, groupZero: true }
  return gid === null ? { is: 'number', uid, grade, because, ofImage: true } : { is: 'number', uid, gid, grade, because, ofImage: true }
}

/** The number for images that nothing is known of, as the user or we choose it. */
export function defaultNumber(context: Context): NumberedUser {
  const { uid } = context.options
  return typeof uid === 'number'
    ? { is: 'number', uid, grade: 'known', because: `--uid ${uid}`, ofImage: false }
    : { is: 'number', uid: DEFAULT_UID, grade: 'assumed', because: 'nothing is known of the image; our default', ofImage: false }
}

function needsRootByDesign(known: About): Identity | undefined {
  const why = known.rootRequired ?? (known.runsAsNonRoot?.value === 'no' ? { value: 'the image needs root or the node', source: known.runsAsNonRoot.source } : undefined)
  if (why === undefined) return undefined
  return {
    is: 'review',
    reason: 'by-design',
    message: `needs root by design: ${why.value.replace(/\.$/, '')} (${why.source})`,
    todo: 'Use an image that runs without root; else it belongs in a namespace at the privileged level.',
  }
}

/** The image runs as this user already: nothing changes but that the kubelet checks it. */
export function keepsUser(known: About, user: NumberedUser): boolean {
  const own = known.defaultUser
  if (own === undefined || own.value === null || !user.ofImage || !reaches(own.grade, 'likely')) return false
  const name = own.value.split(':')[0]
  return name === String(user.uid) || (name === known.user?.value.name && known.user?.value.uid === user.uid)
}

/** Whether the process, as this user, may write the path in the image without a volume. `undefined`: nothing is known of its owner. */
export function mayWrite(known: About, user: NumberedUser, path: string): boolean | undefined {
  const owners = Object.entries(known.ownedBy?.value ?? {}).filter(([directory]) => path === directory || path.startsWith(`${directory}/`))
  const owner = owners.sort(([a], [b]) => b.length - a.length)[0]?.[1]
  if (owner === 'world' || /^\/(?:var\/)?tmp$/.test(path)) return true
  if (owner === 'root') return false
  if (owner === 'image-user') return user.ofImage
  if (owner !== undefined && /^\d+$/.test(owner)) return Number(owner) === user.uid
  return undefined
}
