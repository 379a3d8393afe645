/** `podharden images`. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ImagesRequest, STDIN } from '../requests.ts'
import { CONFIG_FILE } from '../config/read.ts'
import { parseReference } from '../evidence/reference.ts'
import { ImageList, type ListedImage } from '../images/list.ts'
import { imageLines, imagesJson, imageTotals } from '../images/print.ts'
import { withStubs } from '../images/stubs.ts'
import { surveyAround } from '../look.ts'
import { isProblem } from '../decode.ts'
import { readSource } from '../read.ts'
import { plural } from '../report/safe.ts'
import type { Problem, Survey } from '../types.ts'
import { writeFiles } from '../write.ts'
import { rootOf } from './settings.ts'
import { inspection, looked, painter, reportProblems, type Stop } from './terminal.ts'

/** What is no path and looks like an image is one: `podharden images redis:7`. */
export async function listImages(request: ImagesRequest, stop: Stop): Promise<number> {
  const list = new ImageList()
  const problems: Problem[] = []
  const isPath = (path: string): boolean => path === STDIN || existsSync(path)
  const names = request.paths.filter((path) => !isPath(path) && parseReference(path) !== undefined)
  for (const name of names) list.name(name)
  const paths = request.paths.filter((path) => !names.includes(path))
  let survey: Survey | undefined
  const parts = paths.length > 0 ? [...looked(paths, request.root, request.options.workloads)] : []
  const inspected = await inspection(request, () => parts, stop, names)
  problems.push(...inspected.problems)
  if (paths.length > 0)
    for (const part of parts) {
      survey = part.survey
      problems.push(...part.problems)
      for (const site of part.sites) list.add(site, part.lineOf, part.survey.images.get(site.file))
    }
  const { builds, neighbours } = survey ?? surveyAround({ cwd: process.cwd(), ...(request.root === undefined ? {} : { root: request.root }) })
  const images = list.list({ images: request.options.images ?? { images: [], prefixes: [] }, builds, neighbours, inspected, recorded: request.recorded })
  if (request.format === 'json') process.stdout.write(imagesJson(images, problems))
  else {
    const paint = painter(request.color)
    for (const image of images) process.stdout.write(imageLines(image, paint))
    process.stderr.write(imageTotals(images))
  }
  if (request.writeConfig) problems.push(...writeStubs(rootOf(request), images))
  return reportProblems(problems)
}

/** The file is made where there is none. */
function writeStubs(root: string, images: readonly ListedImage[]): readonly Problem[] {
  const path = join(root, CONFIG_FILE)
  const isNew = !existsSync(path)
  const source = isNew ? { path: CONFIG_FILE, text: '', bom: false } : readSource(root, CONFIG_FILE)
  if (isProblem(source)) return [source]
  const answer = withStubs(source.text, images)
  if ('mistake' in answer) return [{ code: 'UNWRITABLE', file: CONFIG_FILE, message: answer.mistake, hint: 'Write images: as a list with a line for each item.' }]
  const { text, added } = answer
  if (added > 0 && isNew) writeFileSync(path, text, { flag: 'wx' })
  const problems = added > 0 && !isNew ? writeFiles(root, [{ source, text }]) : []
  if (problems.length === 0)
    process.stderr.write(added === 0 ? `Nothing to add to ${CONFIG_FILE}.\n` : `${plural(added, 'entry', 'entries')} added to ${CONFIG_FILE}, to be filled in.\n`)
  return problems
}
