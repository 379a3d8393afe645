/** What is known of one container's image: every source asked, the most direct first. */
import type { About, Builds, ImageAnswers, ImageOptions, Recorded } from '../types.ts'
import { ofBuild } from './from-build.ts'
import { ofCatalogue, type Situation } from './from-catalogue.ts'
import { entryFor, mapped, ofStatement } from './from-statement.ts'
import { merged, numberOf } from './merge.ts'
import { parseReference } from './reference.ts'

export interface Sources {
  readonly images: ImageOptions
  readonly builds: Builds
  readonly neighbours: ImageAnswers
  readonly inspected: ImageAnswers
  readonly recorded: Recorded
}

const NOTHING: ImageAnswers = { of: () => ({}) }

export const NO_SOURCES: Sources = { images: { images: [], prefixes: [] }, builds: { of: () => undefined }, neighbours: NOTHING, inspected: NOTHING, recorded: NOTHING }

/** Deeper than anybody stacks images of one tree. */
const DEPTH = 4

export function about(image: string | undefined, situation: Situation, sources: Sources, depth = DEPTH): About {
  if (image === undefined) return {}
  const catalogue = ofCatalogue(mapped(image, sources.images), situation)
  const stated = entryFor(image, sources.images)
  const read = [builtInTree(image, catalogue, situation, sources, depth), sources.inspected.of(image), catalogue]
  const seen = sources.recorded.of(image, situation.container, merged(read))
  const own = merged([stated === undefined ? {} : ofStatement(stated), seen, ...read])
  return beside(own, sources.neighbours.of(image), situation)
}

/**
 * What the tree does elsewhere with the image is more direct than a guess, and less than what was read of the
 * image itself. It says nothing of a shell or an interpreter, which runs another program each time.
 */
function beside(own: About, neighbours: About, { commandReplaced }: Situation): About {
  if (own.toolbox !== undefined || own.rootRequired !== undefined || own.runsAsNonRoot?.value === 'no') return own
  const { pathsElsewhere, ...who } = neighbours
  const isRead = numberOf(own)?.grade === 'known'
  const both = merged(isRead ? [own, who] : [who, own])
  return pathsElsewhere === undefined || commandReplaced ? both : { ...both, pathsElsewhere }
}

function builtInTree(image: string, catalogue: About, situation: Situation, sources: Sources, depth: number): About {
  const reference = parseReference(image)
  if (reference === undefined || depth === 0) return {}
  // What the catalogue knows beyond the name was read from the public image.
  const isPublic = Object.keys(catalogue).some((field) => field !== 'reference' && field !== 'repository')
  const found = sources.builds.of(reference.repository, reference.tag, isPublic)
  if (found === undefined) return {}
  if (found.is === 'several') return { candidates: found.files }
  const { base, entrypoint } = found.build
  // What was seen of the container was seen of its own image, not of the base.
  const { env, args, commandReplaced } = situation
  const known = ofBuild(found, about(base === 'scratch' ? undefined : base, { env, args, commandReplaced: commandReplaced || entrypoint }, sources, depth - 1))
  // Another command does not start what the entry point needs root for.
  const { rootRequired: _root, ...rest } = known
  return commandReplaced && found.build.stepsDown !== undefined ? rest : known
}
