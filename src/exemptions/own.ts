/** Our own words in a manifest: the annotation `podharden.io/skip[.<container>]` and the comment `podharden-ignore`. */
import { entries, nodeAt, scalar } from '../tree.ts'
import type { Exemption, Node, Place, Site } from '../types.ts'
import { partOf } from './comments.ts'
import { directive } from './directive.ts'

const ANNOTATION = /^podharden\.io\/skip(?:\.(.+))?$/
const COMMENT = /^(?:#|\/\/|\/\*)\s*podharden-ignore\b[ \t:]*(.*?)\s*(?:\*\/)?$/s

export interface OwnWords {
  readonly exemptions: readonly Exemption[]
  /** Meant as one, and not understood. */
  readonly unread: readonly { readonly at: Place | undefined; readonly message: string }[]
}

export function ownWords(site: Site, ids: readonly string[]): OwnWords {
  const exemptions: Exemption[] = []
  const unread: { at: Place | undefined; message: string }[] = []
  const add = (text: string, at: Place | undefined, by: string, more: Pick<Exemption, 'container' | 'below'>): void => {
    const said = directive(text, ids)
    if ('mistake' in said) unread.push({ at, message: `${by} ${said.mistake}` })
    else
      exemptions.push({
        by,
        reason: said.reason,
        isOurs: true,
        isInManifest: true,
        ...(at === undefined ? {} : { at }),
        ...(said.transforms === undefined ? {} : { transforms: said.transforms }),
        ...more,
      })
  }
  for (const { key, text, at } of annotationsOf(site)) {
    const match = ANNOTATION.exec(key)
    if (match === null) continue
    const [, container] = match
    for (const line of text.split('\n').filter((one) => one.trim() !== '')) add(line, at, key, container === undefined ? {} : { container })
  }
  for (const comment of site.comments) {
    const match = COMMENT.exec(comment.text)
    if (match === null) continue
    const part = partOf(comment, site.root)
    if (part === undefined) unread.push({ at: comment.at, message: 'podharden-ignore stands on no line of the object' })
    else add(match[1] as string, comment.at, 'podharden-ignore', { below: part.path })
  }
  return { exemptions, unread }
}

export interface Annotation {
  readonly key: string
  readonly text: string
  readonly at: Place | undefined
  /** Of the pod itself, not of the object around it. */
  readonly ofPod: boolean
}

/** Those of the object, then those of the pod. A value that cannot be read is empty. */
export function annotationsOf(site: Site, field: 'annotations' | 'labels' = 'annotations'): readonly Annotation[] {
  const own = listed(nodeAt(site.root, ['metadata', field]), false)
  const isSame = site.metadata === undefined || site.metadata.join('.') === 'metadata'
  return isSame ? own.map((one) => ({ ...one, ofPod: site.metadata !== undefined })) : [...own, ...listed(nodeAt(site.root, [...(site.metadata ?? []), field]), true)]
}

function listed(node: Node | undefined, ofPod: boolean): readonly Annotation[] {
  return [...entries(node)].map(([key, { key: at, node: value }]) => {
    const text = scalar(value)
    return { key, text: text === undefined || text === null ? '' : String(text), at: at ?? value.at, ofPod }
  })
}
