/** The exemptions that repositories already carry for other tools, each in that tool's own syntax. */
import type { Exemption, Place, Site } from '../types.ts'
import { type CommentWord, commentWords, type ForeignWord } from './foreign-comments.ts'
import { meaningsOf, type Tool } from './foreign-table.ts'
import { annotationsOf } from './own.ts'

export interface ForeignWords {
  readonly exemptions: readonly Exemption[]
  /** Of our concern, and of more or less than one of our transforms. */
  readonly seen: readonly { readonly at: Place | undefined; readonly message: string }[]
}

/** `today`: what a word with a day of its own is judged by. */
export function foreignWords(site: Site, today: string | undefined): ForeignWords {
  const exemptions: Exemption[] = []
  const seen: { at: Place | undefined; message: string }[] = []
  const words: readonly (ForeignWord & Partial<CommentWord>)[] = [...annotationWords(site), ...labelWords(site), ...commentWords(site, today)]
  for (const { tool, id, reason, at, container, below, isExact } of words) {
    const base = {
      by: id === undefined ? tool : `${tool} ${id}`,
      reason: reason === '' ? 'no reason given' : reason,
      isOurs: false,
      ...(at === undefined ? {} : { at }),
      ...(container === undefined ? {} : { container }),
      ...(below === undefined ? {} : { below }),
      ...(isExact === undefined ? {} : { isExact }),
    }
    if (id === undefined) exemptions.push(base)
    else
      for (const { transform, field, isSame } of meaningsOf(tool, id)) {
        if (isSame) exemptions.push({ ...base, transforms: [transform], ...(field === undefined ? {} : { fields: [field] }) })
        else seen.push({ at, message: `${tool} ${id} is near ${transform}, and does not mean the same; it has no effect` })
      }
  }
  return { exemptions, seen }
}

/** Of the object itself; kube-score reads those of its pods, too. */
function annotationWords(site: Site): readonly ForeignWord[] {
  const own = site.metadata?.join('.') === 'metadata'
  return annotationsOf(site).flatMap(({ key, text, at, ofPod }): ForeignWord[] => {
    const word = (tool: Tool, id: string | undefined, reason: string): ForeignWord[] => [{ tool, id, reason: reason.trim(), at }]
    const isTrue = text.toLowerCase() === 'true'
    const withReason = isTrue ? '' : text
    if (key === 'kube-score/ignore') return text.split(',').flatMap((id) => word('kube-score', id.trim(), ''))
    if (ofPod && !own) return []
    const linter = /^ignore-check\.kube-linter\.io\/(.+)$/.exec(key)
    if (linter !== null) return word('kube-linter', linter[1], text)
    if (key === 'kube-linter.io/ignore-all') return word('kube-linter', undefined, text)
    if (/(?:checkov|bridgecrew|cortex)\.io\/skip/.test(key)) {
      const [id = '', ...reason] = text.split('=')
      return word('checkov', id, reason.join('='))
    }
    const polaris = /^polaris\.fairwinds\.com\/(?:(.+)-)?exempt$/.exec(key)
    if (polaris !== null) return isTrue ? word('polaris', polaris[1], '') : []
    const datree = /^datree\.skip\/(.+)$/.exec(key)
    if (datree !== null) return word('datree', datree[1], withReason)
    const monokle = /^monokle\.io\/suppress\.(.+)$/.exec(key)
    if (monokle !== null) return text === '' || text === 'false' ? [] : word('monokle', (monokle[1] as string).toLowerCase(), withReason)
    return []
  })
}

/** kubeaudit reads labels of the pod, where a value can be no sentence. */
function labelWords(site: Site): readonly ForeignWord[] {
  return annotationsOf(site, 'labels').flatMap(({ key, text, at, ofPod }): ForeignWord[] => {
    if (!ofPod) return []
    const base = { tool: 'kubeaudit', reason: text === 'true' ? '' : text, at } as const
    const ofContainer = /^container\.(?:kubeaudit\.io|audit\.kubernetes\.io)\/(.+)\.([^.]+)$/.exec(key)
    if (ofContainer !== null) return [{ ...base, container: ofContainer[1] as string, id: ofContainer[2] }]
    const ofAll = /^(?:kubeaudit\.io\/|audit\.kubernetes\.io\/pod\.)(.+)$/.exec(key)
    return ofAll === null ? [] : [{ ...base, id: ofAll[1] }]
  })
}
