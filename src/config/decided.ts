/** What was decided at the prompt, added to `podharden.yaml`. Every byte that stands there stays. */
import { lineBreakNear } from '../text/lines.ts'
import type { ExemptionRule, ImageFacts } from '../types.ts'
import { placeFor } from './place.ts'
import { configOf } from './read.ts'

export interface Decided {
  readonly exemptions: readonly ExemptionRule[]
  readonly images: readonly ImageFacts[]
}

/** The text with the decisions, or why they cannot be added. */
export function withDecided(text: string, { exemptions, images }: Decided): { readonly text: string } | { readonly mistake: string } {
  const before = configOf('', text)
  if ('mistakes' in before) return { mistake: before.mistakes[0] ?? 'the file cannot be read' }
  let result: string | undefined = text
  if (images.length > 0)
    result = added(
      result,
      'images',
      images.map(({ image, uid }) => [`image: ${quoted(image)}`, ...(uid === undefined ? [] : [`uid: ${uid}`])]),
    )
  if (result !== undefined && exemptions.length > 0) result = added(result, 'exemptions', exemptions.map(linesOf))
  if (result === undefined) return { mistake: 'its list is not written as a block list, so nothing can be added to it' }
  const after = configOf('', result)
  const grown = 'config' in after && (after.config.options.exemptions ?? []).length === (before.config.options.exemptions ?? []).length + exemptions.length
  return grown ? { text: result } : { mistake: 'the file is written in a way that nothing could be added to' }
}

function linesOf({ reason, transforms, path, kind, name, namespace, container }: ExemptionRule): readonly string[] {
  const scalars = { reason, path, kind, name, namespace, container }
  return [
    ...Object.entries(scalars).flatMap(([key, value]) => (value === undefined || value === '' ? [] : [`${key}: ${quoted(value)}`])),
    ...(transforms === undefined ? [] : [`transforms: [${transforms.join(', ')}]`]),
  ]
}

function added(text: string, key: string, items: readonly (readonly string[])[]): string | undefined {
  const place = placeFor(text, key)
  if (place === undefined) return undefined
  const end = text === '' ? '\n' : lineBreakNear(text, 0)
  const lines = items.flatMap((item) => item.map((line, i) => `${place.indent}${i === 0 ? '- ' : '  '}${line}`))
  const before = text.slice(0, place.at)
  const gap = before === '' || before.endsWith('\n') ? '' : end
  return `${before}${gap}${[...(place.isNew ? [`${key}:`] : []), ...lines].join(end)}${end}${text.slice(place.at)}`
}

/** JSON's strings are YAML's double-quoted ones. */
function quoted(text: string): string {
  const isPlain = /^[A-Za-z/][\w./ @-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text) && text === text.trim()
  return isPlain ? text : JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
