/** What is known of each container's image: the stage between the survey and planning. */
import transforms from '../transforms/index.ts'
import { coversContainer } from './exemptions/covers.ts'
import { exemptionsOf } from './exemptions/index.ts'
import { about } from './evidence/about.ts'
import { resolveImage } from './evidence/reference.ts'
import { entries, items, nodeAt, scalar } from './tree.ts'
import type { About, Container, Context, Options, Pod, Site, SiteExemptions, Survey } from './types.ts'

const IDS = transforms.map(({ id }) => id)

/** `fileOf`: the file that a site comes from, in the user's words, where it is not the one that was read. */
export function contextOf(options: Options, survey: Survey, fileOf: (site: Site) => string = ({ file }) => file): Context {
  const cache = new WeakMap<Pod, Map<string, About>>()
  const exemptions = new WeakMap<Site, SiteExemptions>()
  const exemptionsAt = (site: Site): SiteExemptions => {
    const known = exemptions.get(site) ?? exemptionsOf(site, options, IDS, fileOf(site))
    exemptions.set(site, known)
    return known
  }
  return {
    options,
    survey,
    exemptions: exemptionsAt,
    isExempt: ({ site }, container, transform) => exemptionsAt(site).list.some((one) => coversContainer(one, site, transform, container)),
    about(pod, container) {
      let known = cache.get(pod)
      if (known === undefined) {
        known = new Map()
        cache.set(pod, known)
      }
      const key = container.path.join('/')
      const found = known.get(key)
      if (found !== undefined) return found
      const answer = ask(pod, container, options, survey)
      known.set(key, answer)
      return answer
    },
  }
}

function ask(pod: Pod, container: Container, options: Options, survey: Survey): About {
  const overrides = survey.images.get(pod.site.file)
  const image = container.image === undefined || overrides === undefined ? container.image : resolveImage(container.image, overrides)
  return about(
    image,
    {
      commandReplaced: items(container.get(['command'])).length > 0,
      env: environment(container),
      args: [...texts(container, 'command'), ...texts(container, 'args')],
      container: { ...pod.site.object, container: container.name },
    },
    { images: options.images, builds: survey.builds, neighbours: survey.neighbours, inspected: options.inspected, recorded: options.recorded },
  )
}

function texts(container: Container, field: string): readonly string[] {
  return items(container.get([field])).flatMap((item) => {
    const value = scalar(item)
    return value === undefined || value === null ? [] : [String(value)]
  })
}

/** Variables whose value is written in the manifest; one without a readable value maps to the empty text. */
function environment(container: Container): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const item of items(container.get(['env']))) {
    const name = scalar(entries(item).get('name')?.node)
    if (typeof name !== 'string') continue
    const value = scalar(nodeAt(item, ['value']))
    found.set(name, value === undefined || value === null ? '' : String(value))
  }
  return found
}
