/** What stands behind our own words: `<transform>[,<transform>…]: <reason>`. */
import { nearest } from '../shape.ts'

export type Directive = { readonly transforms: readonly string[] | undefined; readonly reason: string } | { readonly mistake: string }

/** `all` stands for every transform. `ids`: the transforms there are. */
export function directive(text: string, ids: readonly string[]): Directive {
  const [, names = '', reason = ''] = /^([^:]*)(?::([^]*))?$/.exec(text) ?? []
  const list = names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (list.length === 0) return { mistake: 'names no transform' }
  const unknown = list.find((name) => name !== 'all' && !ids.includes(name))
  if (unknown !== undefined) return { mistake: `there is no transform "${unknown}"; did you mean ${nearest(unknown, [...ids, 'all'])}?` }
  if (reason.trim() === '') return { mistake: 'gives no reason; write one behind a colon' }
  return { transforms: list.includes('all') ? undefined : list, reason: reason.trim() }
}
