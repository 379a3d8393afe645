/** The survey of what a walk found. What cannot be read says nothing here; it is reported where it would be edited. */
import type { Discovery } from './discover.ts'
import { isDockerfile } from './evidence/dockerfile/links.ts'
import { isProblem } from './decode.ts'
import { readSource } from './read.ts'
import { startSurvey, type Surveyed } from './survey.ts'

export function surveyTree({ root, all, builds }: Discovery): Surveyed {
  const survey = startSurvey()
  const add = (path: string): void => {
    const source = readSource(root, path)
    if (!isProblem(source)) survey.add(path, source.text)
  }
  // Without a Dockerfile nothing in the tree can say what an image is made of.
  const [dockerfiles, others] = parted(builds, (path) => isDockerfile(path.slice(path.lastIndexOf('/') + 1)))
  if (dockerfiles.length > 0) for (const path of [...dockerfiles, ...others]) add(path)
  for (const path of all) add(path)
  return survey.finish()
}

function parted<T>(list: readonly T[], test: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [list.filter(test), list.filter((item) => !test(item))]
}
