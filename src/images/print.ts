/** The list of images for people and for programs. */
import { json, plural, safe } from '../report/safe.ts'
import { gradeText, type Paint } from '../report/text.ts'
import type { Grade } from '../types.ts'
import type { ListedImage } from './list.ts'

function who({ uid, gid, needsRoot, user, missing }: ListedImage): string {
  if (needsRoot) return 'needs root'
  if (uid !== null) return gid === null ? `uid ${uid}` : `uid ${uid}:${gid}`
  if (missing.includes('user')) return user === undefined ? 'not known' : user === null ? 'root, number not known' : `USER ${user}, number not known`
  return 'any number'
}

export function imageLines(image: ListedImage, paint: Paint): string {
  const { uses, grade, writablePaths, ports, sources, otherUsers, candidates, missing } = image
  const first = uses[0]
  const more = uses.length > 1 ? ` and ${uses.length - 1} more` : ''
  const place = first === undefined ? '' : `    ${safe(`${first.file}:${first.line} ${first.kind}/${first.name} ${first.container}`)}${more}\n`
  const paths = writablePaths === null ? 'not known' : writablePaths.length === 0 ? 'none' : writablePaths.join(', ')
  return (
    `${paint('bold', safe(image.image))}\n` +
    `    ${grade.padEnd(8)} ${safe(who(image))}; writes ${safe(paths)}${ports.length === 0 ? '' : `; ports ${ports.join(', ')}`}\n` +
    place +
    sources.map((source) => `    ${paint('dim', safe(source))}\n`).join('') +
    otherUsers.map(({ uid, source }) => `    ${paint('yellow', safe(`uid ${uid} by ${source}`))}\n`).join('') +
    (candidates.length === 0 ? '' : `    ${paint('yellow', safe(`not clear which makes it: ${candidates.join(', ')}`))}\n`) +
    (missing.length === 0 ? '' : `    ${paint('yellow', `missing: ${missing.join(', ')}`)}\n`)
  )
}

/** How many containers stand on which grade. */
export function imageTotals(images: readonly ListedImage[]): string {
  const grades: Record<Grade, number> = { certain: 0, known: 0, likely: 0, assumed: 0 }
  let containers = 0
  for (const { grade, uses } of images) {
    grades[grade] += uses.length
    containers += uses.length
  }
  const paths = images.reduce((sum, { writablePaths, uses }) => sum + (writablePaths === null ? 0 : uses.length), 0)
  const isMissing = images.some(({ missing }) => missing.length > 0)
  return `${plural(images.length, 'image')}, ${plural(containers, 'container')}: ${gradeText(grades)}; writable paths known for ${paths}.\n${isMissing ? 'State what is missing in podharden.yaml (--write-config), or in a file for --images.\n' : ''}`
}

export function imagesJson(images: readonly ListedImage[], problems: readonly unknown[]): string {
  return `{"schema":1,"images":[${images.map((image) => `\n${json(image)}`).join(',')}\n],"problems":${json(problems)}}\n`
}
