/** The survey of what a walk found. What cannot be read says nothing here; it is reported where it would be edited. */
import type { Discovery } from './discover.ts'
import { isDockerfile } from './evidence/dockerfile/links.ts'
import { isProblem, readSource } from './read.ts'
import { startSurvey, type Surveyed } from './survey.ts'

export function surveyTree({ root, all, builds }: Discovery): Surveyed {
  const survey = startSurvey()
  const add = (path: string): void => {
    const source = readSource(root, path)
    if (!isProblem(source)) survey.add(path, source.text)
  }
  // Without a Dockerfile nothing in the tree can say what an image is made of.
  if (builds.some((path) => isDockerfile(path.slice(path.lastIndexOf('/') + 1)))) for (const path of builds) add(path)
  for (const path of all) add(path)
  return survey.finish()
}
