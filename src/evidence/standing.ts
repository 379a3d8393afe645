/** How well the user of an image is known: the figure of the summary and of `podharden images`. */
import type { About, Grade } from '../types.ts'

export interface Standing {
  /** The user that it can run as: null where no number is known. */
  readonly uid: number | null
  readonly gid: number | null
  /** Something says who it runs as, be it that any number will do, or that it takes root. */
  readonly isKnown: boolean
  readonly needsRoot: boolean
  readonly grade: Grade
}

export function standingOf(known: About): Standing {
  const number = /^([1-9]\d*)(?::(\d+))?$/.exec(known.defaultUser?.value ?? '')
  const uid = known.stepsDownTo?.value.uid ?? known.user?.value.uid ?? (number === null ? null : Number(number[1]))
  const gid = known.stepsDownTo?.value.gid ?? known.user?.value.gid ?? (number?.[2] === undefined ? null : Number(number[2]))
  const needsRoot = known.rootRequired !== undefined || known.runsAsNonRoot?.value === 'no'
  const runs = known.runsAsNonRoot?.value
  // An account by name, whose number no source fixes, is one that has to be found out.
  const name = [known.user?.value.name, known.defaultUser?.value?.split(':')[0]].some((one) => one !== undefined && one !== null && !/^(?:unknown|root|\d*)$/.test(one))
  const isKnown = uid !== null || needsRoot || runs === 'yes' || known.toolbox !== undefined || (!name && (runs === 'with-uid' || runs === 'with-config'))
  const grade = isKnown ? (known.stepsDownTo?.grade ?? known.user?.grade ?? known.runsAsNonRoot?.grade ?? 'likely') : 'assumed'
  return { uid, gid, isKnown, needsRoot, grade }
}
