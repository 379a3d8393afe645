/** Exemptions of the config file: which of them speak of a workload, and which have expired. */
import { matcher } from '../gitignore.ts'
import type { Exemption, ExemptionRule, Site } from '../types.ts'

export function ofRules(rules: readonly ExemptionRule[], { file, object, root }: Pick<Site, 'file' | 'object' | 'root'>, today: string | undefined): readonly Exemption[] {
  return rules
    .filter((rule) => !hasExpired(rule, today))
    .filter(
      ({ path, kind, name, namespace }) =>
        (path === undefined || matcher().add(path).ignores(file)) && matches(kind, object.kind) && matches(name, object.name) && matches(namespace, object.namespace ?? ''),
    )
    .map(({ reason, transforms, container, expires, source }) => ({
      by: source,
      reason,
      isOurs: true,
      ...(root.at === undefined ? {} : { at: root.at }),
      ...(transforms === undefined ? {} : { transforms }),
      ...(container === undefined ? {} : { container }),
      ...(expires === undefined ? {} : { expires }),
    }))
}

/** The day named is the last one on which it holds. */
export function hasExpired({ expires }: Pick<ExemptionRule, 'expires'>, today: string | undefined): boolean {
  return expires !== undefined && today !== undefined && expires < today
}

function matches(glob: string | undefined, text: string): boolean {
  return glob === undefined || isLike(glob, text)
}

/** `*` stands for anything, `?` for one character. */
export function isLike(glob: string, text: string): boolean {
  if (!/[*?]/.test(glob)) return glob === text
  return new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  ).test(text)
}
