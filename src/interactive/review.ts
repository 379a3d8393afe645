/**
 * A migration workload by workload: what would change and why, then a question. What is declined is planned again
 * without it, so that what is written is a plan of its own and verified as one.
 */
import { applyEdits, orderEdits } from '../text/edits.ts'
import { unifiedDiff } from '../text/diff.ts'
import type { FixFinding, Options, Patch, Problem, UnitResult } from '../types.ts'
import type { Decisions } from './decisions.ts'
import { type Answer, answerOf, HELP } from './prompt.ts'

/** What a review needs of the world around it. */
export interface Desk {
  /** What is said, with line breaks. */
  say(text: string): void
  /** The next line that the person types; undefined when there is none any more. */
  ask(question: string): Promise<string | undefined>
  /** A workload as it is shown, in the width and the colours of the terminal. */
  show(result: UnitResult, patch: Patch, diff: string): string
  write(result: UnitResult): readonly Problem[]
}

export interface Reviewed {
  readonly written: number
  readonly problems: readonly Problem[]
  /** The person wants no further question. */
  readonly stopped: boolean
}

/** `again`: the file planned once more, with other options. */
export async function reviewUnit(first: UnitResult, decisions: Decisions, base: Options, again: (options: Options) => UnitResult | undefined, desk: Desk): Promise<Reviewed> {
  const replan = (): UnitResult => (decisions.count === 0 ? first : (again(decisions.over(base)) ?? first))
  let result = replan()
  const accepted = new Set<string>()
  const isOpen = ({ id }: Patch): boolean => !accepted.has(id)
  for (let patch = result.patches.find(isOpen); patch !== undefined; patch = result.patches.find(isOpen)) {
    const answer = await answerFor(result, patch, decisions, desk)
    const fixes = fixesOf(result, patch)
    if (answer.is === 'quit') return { ...(accepted.size === 0 ? NOTHING : write(kept(result, accepted), desk)), stopped: true }
    if (answer.is === 'all') decisions.all = true
    if (answer.is === 'image') for (const image of imagesOf(fixes)) decisions.taken.add(image)
    if (answer.is === 'yes' || answer.is === 'all' || answer.is === 'image') {
      accepted.add(patch.id)
      continue
    }
    if (answer.is === 'no') for (const { object, place } of oneEach(fixes)) decisions.leave({ file: place.file, object })
    if (answer.is === 'skip') for (const { object, place } of oneEach(fixes)) decisions.leave({ file: place.file, object }, answer.transforms)
    if (answer.is === 'uid') for (const image of imagesOf(fixes)) decisions.setUser(image, answer.uid)
    result = replan()
  }
  return accepted.size === 0 ? { ...NOTHING, stopped: false } : { ...write(result, desk), stopped: false }
}

const NOTHING = { written: 0, problems: [] } as const

async function answerFor(result: UnitResult, patch: Patch, decisions: Decisions, desk: Desk): Promise<Exclude<Answer, { is: 'help' | 'mistake' }>> {
  const fixes = fixesOf(result, patch)
  const images = imagesOf(fixes)
  if (decisions.all || (images.length > 0 && images.every((image) => decisions.taken.has(image)))) return { is: 'yes' }
  const transforms = [...new Set(fixes.map(({ transform }) => transform))]
  desk.say(desk.show(result, patch, diffOf(result, patch)))
  for (;;) {
    const text = await desk.ask('Write it? [y,n,u,s,i,a,q,?] ')
    const answer: Answer = text === undefined ? { is: 'quit' } : answerOf(text, transforms)
    if (answer.is === 'help') desk.say(`${HELP}  Transforms here: ${transforms.map((id, i) => `${i + 1} ${id}`).join(', ')}\n`)
    else if (answer.is === 'mistake') desk.say(`${answer.message}\n`)
    else if (answer.is === 'uid' && images.length === 0) desk.say('No image is named here, so no user can be set for it\n')
    else return answer
  }
}

function fixesOf({ findings }: UnitResult, { documents }: Patch): readonly FixFinding[] {
  return findings.filter((finding): finding is FixFinding => finding.outcome === 'fix' && documents.includes(finding.patch))
}

function imagesOf(fixes: readonly FixFinding[]): readonly string[] {
  return [...new Set(fixes.flatMap(({ image }) => image ?? []))]
}

function oneEach(fixes: readonly FixFinding[]): readonly FixFinding[] {
  return [...new Map(fixes.map((fix) => [JSON.stringify([fix.place.file, fix.object]), fix])).values()]
}

/** Of this patch alone, on the file as it is. */
function diffOf({ outputs }: UnitResult, { edits }: Patch): string {
  return outputs
    .map(({ source }) => {
      const own = orderEdits(edits.get(source.path) ?? [])
      return own.length === 0 ? '' : unifiedDiff(source, applyEdits(source.text, own), own)
    })
    .join('')
}

/** The outputs with the edits of some patches only; documents of one file are edited apart from each other. */
function kept(result: UnitResult, accepted: ReadonlySet<string>): UnitResult {
  const patches = result.patches.filter(({ id }) => accepted.has(id))
  const outputs = result.outputs.map(({ source }) => {
    const edits = orderEdits(patches.flatMap((patch) => patch.edits.get(source.path) ?? []))
    return { source, edits, text: applyEdits(source.text, edits) }
  })
  return { ...result, patches, outputs: outputs.filter(({ edits }) => edits.length > 0) }
}

function write(result: UnitResult, desk: Desk): { readonly written: number; readonly problems: readonly Problem[] } {
  const problems = desk.write(result)
  return { written: problems.length === 0 ? result.outputs.length : 0, problems }
}
