/** The one review of a host agent: a pod that is there to work on its node. */
import type { Container, Context, Pod, ReviewProposal } from '../types.ts'
import { hostItems } from './hostaccess.ts'
import { containerKernelItems, podKernelItems } from './kernel.ts'
import { leftAltogether, listed } from './left.ts'
import { signsOf } from './signs.ts'
import { review } from './speaking.ts'

export function agentReview(pod: Pod, agents: readonly Container[], context: Context): ReviewProposal {
  const restricted = context.options.level !== 'baseline'
  const found = new Map<string, ReviewProposal['at']>()
  for (const { text, at } of hostItems(pod, restricted)) found.set(text, at)
  for (const { text, at } of [...podKernelItems(pod), ...agents.flatMap((container) => containerKernelItems(pod, container, restricted))]) found.set(text, at)
  for (const container of agents) for (const { text, at } of signsOf(pod, container, context)) if (![...found.keys()].some((other) => sameThing(other, text))) found.set(text, at)
  const left = [...new Set(agents.flatMap((container) => leftAltogether(pod, container, context)))]
  const only = agents.length === 1 ? agents[0] : undefined
  const [first, ...rest] = [...found]
  const shown = [...found.keys()].slice(0, 6)
  const more = found.size - shown.length
  return review({
    key: 'agent',
    ...(only === undefined ? {} : { container: only.name }),
    at: first?.[1] ?? ['spec'],
    field: 'spec',
    severity: 'decide',
    reason: 'by-design',
    message: `works on its node: ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}${left.length === 0 ? '' : `; ${listed(left)} ${left.length === 1 ? 'was' : 'were'} left alone in ${listed(agents.map(({ name }) => name))}`}`,
    todo: 'An agent of the node belongs in a namespace of its own at the privileged level. Take away by hand what it does not need.',
    related: rest.map(([message, at]) => ({ message, at })),
  })
}

/** A hostPath is found as a volume and as a mount; once is enough. */
function sameThing(a: string, b: string): boolean {
  const path = /hostPath (\S+?),?(?: |$)/
  const first = path.exec(a)?.[1]
  return a === b || (first !== undefined && first === path.exec(b)?.[1])
}
