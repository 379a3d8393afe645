/** All exemptions of a workload, the strongest word first: the config file, our own words, those of other tools. */
import type { Options, Site, SiteExemptions } from '../types.ts'
import { foreignWords } from './foreign.ts'
import { ownWords } from './own.ts'
import { ofRules } from './rules.ts'

/** `ids`: the transforms there are. `file`: what paths in rules are held against. */
export function exemptionsOf(site: Site, { exemptions, foreignExemptions, today }: Options, ids: readonly string[], file = site.file): SiteExemptions {
  const own = ownWords(site, ids)
  const foreign = foreignExemptions ? foreignWords(site, today) : { exemptions: [], seen: [] }
  return {
    list: [...ofRules(exemptions, { ...site, file }, today), ...own.exemptions, ...foreign.exemptions],
    left: [
      ...own.unread.map(({ at, message }) => ({ code: 'EXEMPTION_UNREAD' as const, at, message, hint: 'Write <transform>: <reason>; podharden list names the transforms.' })),
      ...foreign.seen.map(({ at, message }) => ({
        code: 'EXEMPTION_NOT_OURS' as const,
        at,
        message,
        hint: 'It means more or less than one of our transforms; where it should count, write podharden.io/skip.',
      })),
    ],
  }
}
