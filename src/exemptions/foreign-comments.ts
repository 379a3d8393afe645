/** Comments by which trivy, checkov, Semgrep and KICS leave something alone, and what of the object each one means. */
import type { Comment, Path, Place, Site } from '../types.ts'
import { partOf } from './comments.ts'
import type { Tool } from './foreign-table.ts'

/** One word of another tool. No id: all of its checks. */
export interface ForeignWord {
  readonly tool: Tool
  readonly id: string | undefined
  readonly reason: string
  readonly at: Place | undefined
  readonly container?: string
}

export interface CommentWord extends ForeignWord {
  /** None: all of the object. */
  readonly below?: Path
  readonly isExact?: true
}

export function commentWords(site: Site, today: string | undefined): readonly CommentWord[] {
  return [
    ...site.comments.flatMap((comment) => {
      const text = comment.text.replace(/^(?:#|\/\/|\/\*)+\s*/, '').replace(/\s*\*\/$/, '')
      return [...trivy(text, comment, site, today), ...checkov(text, comment), ...semgrep(text, comment, site), ...kicsPart(text, comment, site)]
    }),
    ...(site.head ?? []).flatMap((comment) => kicsFile(comment)),
  ]
}

/** `trivy:ignore:AVD-KSV-0014:exp:2027-01-31`, several on a line; `tfsec:` is its old name. `*` means every check. */
function trivy(text: string, comment: Comment, site: Site, today: string | undefined): readonly CommentWord[] {
  if (!/(?:^|\s)(?:trivy|tfsec):ignore:/.test(text)) return []
  const part = partOf(comment, site.root)
  if (part === undefined) return []
  return text.split(/\s+/).flatMap((word): CommentWord[] => {
    const [, id = '', rest = ''] = /^(?:trivy|tfsec):ignore:([^:[\s]+)(.*)$/.exec(word) ?? []
    if (id === '') return []
    const [, expires] = /:exp:([^:]*)/.exec(rest) ?? []
    if (expires !== undefined && !(/^\d{4}-\d{2}-\d{2}$/.test(expires) && (today === undefined || today <= expires))) return []
    return [{ tool: 'trivy', id: id === '*' ? undefined : trivyId(id), reason: '', at: comment.at, below: part.path }]
  })
}

/** `AVD-KSV-0014`, `KSV014`, `kubernetes-no-root` and `no-root` are names of the same kind. */
function trivyId(id: string): string {
  const lower = id
    .toLowerCase()
    .replace(/^avd-/, '')
    .replace(/^kubernetes-/, '')
  return lower.replace(/^ksv-?0*(\d+)$/, (_, number: string) => `ksv-${number.padStart(4, '0')}`)
}

/** `checkov:skip=CKV_K8S_20:reason`, for the whole resource. */
function checkov(text: string, { at }: Comment): readonly CommentWord[] {
  const [, id, reason = ''] = /^(?:checkov|bridgecrew|cortex):skip=\s*(\w+)(?::(.*))?$/s.exec(text) ?? []
  return id === undefined ? [] : [{ tool: 'checkov', id, reason: reason.trim(), at }]
}

/** `nosemgrep: rule, rule`, for the value on its line or below it. The last part of a rule's id is enough. */
function semgrep(text: string, comment: Comment, site: Site): readonly CommentWord[] {
  const match = /(?:^|\s)nosem(?:grep)?(?:\s*[:=]\s?(.*))?$/i.exec(text)
  if (match === null) return []
  const part = partOf(comment, site.root)
  if (part === undefined) return []
  const base = { tool: 'semgrep', at: comment.at } as const
  const ids = (match[1] ?? '')
    .split(',')
    .map((one) => one.trim().replace(/^["']/, ''))
    .filter((one) => one !== '')
  if (ids.length === 0) return [{ ...base, id: undefined, reason: '', below: part.exact, isExact: true }]
  return ids.map((one) => {
    const [id = '', ...reason] = one.split(' ')
    return { ...base, id: (id.replace(/["']$/, '').split('.').at(-1) ?? '') as string, reason: reason.join(' '), below: part.path }
  })
}

/** `kics-scan ignore-line` and `ignore-block`, for all queries. */
function kicsPart(text: string, comment: Comment, site: Site): readonly CommentWord[] {
  const [, what] = /^kics-scan\s+ignore-(line|block)(?:\s|$)/i.exec(text) ?? []
  if (what === undefined) return []
  const part = partOf(comment, site.root)
  if (part === undefined) return []
  const base = { tool: 'kics', id: undefined, reason: '', at: comment.at } as const
  return what.toLowerCase() === 'line' ? [{ ...base, below: part.exact, isExact: true }] : [{ ...base, below: part.path }]
}

/** At the head of the file: `kics-scan ignore`, or `kics-scan disable=<query>,<query>`. */
function kicsFile({ text, at }: Comment): readonly CommentWord[] {
  const [first, what = ''] = text.replace(/^#+\s*/, '').split(/\s+/)
  if (first !== 'kics-scan') return []
  if (what.toLowerCase() === 'ignore') return [{ tool: 'kics', id: undefined, reason: '', at }]
  const [, ids] = /^disable=(.+)$/i.exec(what) ?? []
  return (ids ?? '').split(',').flatMap((id): CommentWord[] => (id === '' ? [] : [{ tool: 'kics', id: id.toLowerCase(), reason: '', at }]))
}
