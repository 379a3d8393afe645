/** What is said of exemptions that did nothing. */
import type { Exemption, Note, Options, Place, Site, SiteExemptions } from '../types.ts'
import { hasExpired } from './rules.ts'

/**
 * `used`: those that left something as it is. `active`: the transforms of this run; of the others nothing can be said.
 * Rules of the config file speak of many workloads and are judged at the end of the run.
 */
export function notesOf(
  { file, object }: Pick<Site, 'file' | 'object'>,
  { list, left }: SiteExemptions,
  used: readonly Exemption[],
  active: ReadonlySet<string>,
  lineOf: (at: Place) => number,
): readonly Note[] {
  const who = `${object.kind}/${object.name}`
  const place = (at: Place | undefined): Pick<Note, 'file' | 'line'> => (at === undefined ? { file } : { file: at.file, line: lineOf(at) })
  const unused = list.filter((one) => one.isOurs && one.isInManifest === true && !used.includes(one) && (one.transforms ?? [...active]).every((id) => active.has(id)))
  return [
    ...unused.map(
      ({ by, transforms, container, at }): Note => ({
        code: 'EXEMPTION_UNUSED',
        ...place(at),
        message: `${who}: ${by} (${transforms?.join(', ') ?? 'all'}) leaves nothing as it is`,
        hint: container === undefined ? 'Take it out; the workload has nothing of it to change.' : `Take it out, or check the name of the container, ${container}.`,
      }),
    ),
    ...left.map(({ code, at, message, hint }): Note => ({ code, ...place(at), message: `${who}: ${message}`, hint })),
  ]
}

/** Of the rules of the config file. `used`: the sources of those that left something as it is. `isWhole`: all of the tree was looked at. */
export function ruleNotes({ exemptions, today }: Pick<Options, 'exemptions' | 'today'>, used: ReadonlySet<string>, isWhole: boolean): readonly Note[] {
  return exemptions.flatMap((rule): Note[] => {
    const [, file = rule.source, line] = /^(.*):(\d+)$/.exec(rule.source) ?? []
    const place = { file, ...(line === undefined ? {} : { line: Number(line) }) }
    if (hasExpired(rule, today))
      return [
        {
          code: 'EXEMPTION_EXPIRED',
          ...place,
          message: `the exemption (${rule.reason}) expired on ${rule.expires} and has no effect`,
          hint: 'Take it out, or decide anew how long it holds.',
        },
      ]
    if (!isWhole || used.has(rule.source)) return []
    return [
      { code: 'EXEMPTION_UNUSED', ...place, message: `the exemption (${rule.reason}) leaves nothing as it is`, hint: 'Take it out, or check its path, kind, name and container.' },
    ]
  })
}
