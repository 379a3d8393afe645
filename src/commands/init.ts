/** `podharden init`: a commented `podharden.yaml` from what is found in the tree. */
import { existsSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { initText } from '../config/init.ts'
import { CONFIG_FILE } from '../config/read.ts'
import { ImageList } from '../images/list.ts'
import { withStubs } from '../images/stubs.ts'
import { plural, safe } from '../report/safe.ts'
import { type InitRequest, UsageError } from '../requests.ts'
import { EMPTY_SURVEY } from '../options.ts'
import type { Survey, UnknownKind } from '../types.ts'
import { rootOf } from './settings.ts'
import { looked } from './terminal.ts'

export function init({ root: given }: InitRequest): number {
  const root = rootOf({ paths: ['.'], root: given })
  const path = join(root, CONFIG_FILE)
  if (existsSync(path)) throw new UsageError(`${CONFIG_FILE} is there already; it is left as it is. podharden images --write-config adds what is missing of images`)
  const images = new ImageList()
  const unknownKinds: UnknownKind[] = []
  let survey: Survey = EMPTY_SURVEY
  let workloads = 0
  for (const part of looked([root], root)) {
    survey = part.survey
    workloads += part.sites.length
    for (const site of part.sites) images.add(site, part.lineOf, part.survey.images.get(site.file))
    for (const kind of part.unknownKinds) if (!unknownKinds.some((one) => one.apiVersion === kind.apiVersion && one.kind === kind.kind)) unknownKinds.push(kind)
  }
  const text = initText({ workloads, openshift: [...survey.openshift].sort(), unknownKinds })
  const { builds, neighbours } = survey
  const none = { of: () => ({}) }
  const answer = withStubs(text, images.list({ images: { images: [], prefixes: [] }, builds, neighbours, inspected: none, recorded: none }))
  writeFileSync(path, 'text' in answer ? answer.text : text, { flag: 'wx' })
  process.stderr.write(`podharden: ${safe(relative('.', path))} written, for ${plural(workloads, 'workload')}. All of it is comments: take the # away from what you want\n`)
  return 0
}
