/**
 * How much is known of the images of real repositories: `npm run evidence:report [FOLDER]`. FOLDER holds one
 * repository a folder (default `../shared/corpus`). Prints a table, then holds every user number that would be written
 * against the source that it names, read here once more, and ends with `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ListedImage } from '../src/images/list.ts'
import type { Finding } from '../src/types.ts'

const here = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const folder = resolve(process.argv[2] ?? join(here, '../shared/corpus'))
if (!existsSync(folder)) {
  console.log(`skipped: ${folder} is not there\n0 passed, 0 failed`)
  process.exit(0)
}

function podharden(cwd: string, ...args: readonly string[]): string {
  return spawnSync(process.execPath, [join(here, 'bin/podharden.cjs'), ...args, '--root', '.', '.'], { cwd, encoding: 'utf8', maxBuffer: 1 << 30 }).stdout
}

/** Containers, not images: an image that is used often counts often. */
interface Row {
  containers: number
  readonly users: Record<string, number>
  paths: number
}

function rowOf(images: readonly ListedImage[]): Row {
  const row: Row = { containers: 0, users: { known: 0, likely: 0, assumed: 0 }, paths: 0 }
  for (const { uses, grade, writablePaths, missing } of images) {
    row.containers += uses.length
    row.users[grade] = (row.users[grade] ?? 0) + uses.length
    // A shell writes what its command says.
    if (writablePaths !== null || !missing.includes('writablePaths')) row.paths += uses.length
  }
  return row
}

interface CatalogueRecord {
  readonly image?: string
  readonly traits?: string
  readonly user?: { readonly uid: number | null }
  readonly defaultUserHistory?: readonly { readonly defaultUser: string | null }[]
  readonly stepsDownTo?: { readonly uid: number | null }
}

const records = (JSON.parse(readFileSync(join(here, 'data/catalogue.json'), 'utf8')) as { records: readonly CatalogueRecord[] }).records

function numbersOf(name: string): ReadonlySet<number> {
  const own = records.filter((record) => record.image === name || record.traits === name)
  return new Set(
    own.flatMap(({ user, stepsDownTo, defaultUserHistory }) => [
      ...[user?.uid, stepsDownTo?.uid].filter((uid) => typeof uid === 'number'),
      ...(defaultUserHistory ?? []).map(({ defaultUser }) => Number.parseInt(defaultUser ?? '', 10)).filter((uid) => !Number.isNaN(uid)),
    ]),
  )
}

/** Why the number cannot be found where its reason says; undefined when it can. */
function unfounded(root: string, uid: number, because: string): string | undefined {
  const catalogue = /catalogue ([^\s,;]+)/.exec(because)?.[1]
  if (/our default|any number works/.test(because) && uid === 10001) return undefined
  const place = /(?:^|\s)([^\s:]+):(\d+)(?:[\s;,)]|$)/.exec(because.replace(/catalogue .*/, ''))
  if (place !== null) {
    const line = readFileSync(join(root, place[1] as string), 'utf8').split('\n')[Number(place[2]) - 1] ?? ''
    return new RegExp(`\\b${uid}\\b`).test(line) ? undefined : `${place[0].trim()} does not hold ${uid}`
  }
  if (catalogue !== undefined) return numbersOf(catalogue).has(uid) ? undefined : `the catalogue does not have ${uid} for ${catalogue}`
  // ko's documentation, and a container that follows the main one, whose number is checked there.
  if (because.startsWith('built by ko') && because.includes(String(uid))) return undefined
  if (/^as the main container /.test(because)) return undefined
  return `"${because}" names no source`
}

const COLUMNS = ['containers', 'user known', 'likely', 'assumed', 'paths known']
console.log(`${'repository'.padEnd(44)}${COLUMNS.map((column) => column.padStart(13)).join('')}`)

function print(name: string, { containers, users, paths }: Row): void {
  const share = (count: number | undefined): string => (containers === 0 ? '' : `${Math.round((100 * (count ?? 0)) / containers)} %`).padStart(13)
  console.log(`${name.padEnd(44)}${String(containers).padStart(13)}${share(users.known)}${share(users.likely)}${share(users.assumed)}${share(paths)}`)
}

const all: Row = { containers: 0, users: {}, paths: 0 }
const failures: string[] = []
let numbers = 0
for (const name of readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort()) {
  const root = join(folder, name)
  const { images } = JSON.parse(podharden(root, 'images', '--format', 'json')) as { images: readonly ListedImage[] }
  const row = rowOf(images)
  print(name, row)
  all.containers += row.containers
  all.paths += row.paths
  for (const [grade, count] of Object.entries(row.users)) all.users[grade] = (all.users[grade] ?? 0) + count
  const { units } = JSON.parse(podharden(root, '--format', 'json')) as { units: readonly { readonly findings: readonly Finding[] }[] }
  for (const finding of units.flatMap(({ findings }) => findings)) {
    if (finding.outcome !== 'fix') continue
    for (const { path, proposed, because } of finding.fields) {
      if (!path.endsWith('runAsUser')) continue
      numbers++
      const problem = unfounded(root, Number(proposed), because)
      if (problem !== undefined) failures.push(`${name}/${finding.place.file}:${finding.line} runAsUser: ${String(proposed)}: ${problem}`)
    }
  }
}
print('together', all)
console.log(`\nHelm templates are left out. ${numbers} user numbers would be written.`)
for (const failure of failures.slice(0, 20)) console.log(`  ${failure}`)
const isGood = failures.length === 0 && numbers > 0
console.log(`${isGood ? 'ok  ' : 'FAIL'}  each of them stands where its reason says`)
console.log(`\n${isGood ? 1 : 0} passed, ${isGood ? 0 : 1} failed`)
process.exitCode = isGood ? 0 : 1
