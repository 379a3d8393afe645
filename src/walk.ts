/** The walk itself. No file is opened except those that speak of others: `.gitignore`, `.gitattributes`, `cdk8s.yaml`. */
import type * as fs from 'node:fs'
import { join } from 'node:path'
import { errnoOf, errnoText, nextStep } from './errno.ts'
import { isBuildFile } from './evidence/dockerfile/links.ts'
import { type IgnoreFile, ignoreFile, isIgnored } from './gitignore.ts'
import { isProgram } from './languages/program/files.ts'
import type { Note, Problem } from './types.ts'
import { cdkOutput, chartDependencies, type Hold, markedBy, type Markings, markings, vendorFolder } from './vendored.ts'

/** The file system calls used here; tests put failures in. */
export interface DiscoverIo {
  readdirSync(path: string, options: { withFileTypes: true }): readonly fs.Dirent[]
  lstatSync(path: string): Pick<fs.Stats, 'isSymbolicLink' | 'isDirectory' | 'isFile'>
  statSync(path: string): Pick<fs.Stats, 'isDirectory' | 'isFile'>
  realpathSync(path: string): string
  readFileSync(path: string, encoding: 'utf8'): string
}

export interface Named {
  readonly files: ReadonlySet<string>
  readonly folders: ReadonlySet<string>
  /** The named folders, and every folder above something named: entered whatever is ignored. */
  readonly onTheWay: ReadonlySet<string>
}

export interface Walk {
  readonly root: string
  readonly io: DiscoverIo
  readonly includeGenerated: boolean
  readonly named: Named
  readonly reached: Set<string>
  readonly files: string[]
  readonly all: string[]
  /** Dockerfiles, and what may say which image they make. */
  readonly builds: string[]
  readonly problems: Problem[]
  readonly notes: Note[]
  readonly charts: Set<string>
  /** cdk8s output folders found so far. */
  readonly outputs: Map<string, Hold>
  readonly held: Map<Hold, number>
  /** Chart → number of its templates. */
  readonly templates: Map<string, number>
}

const CANDIDATE = /\.(?:ya?ml|json)$/i
/** Tests say what is, and follow what they test. */
const TESTS = /(?:^|\/)(?:__tests__|__snapshots__|tests?)\/|\.(?:test|spec)\.[cm]?tsx?$/i
const VALUES = /^values.*\.(?:ya?ml|json)$/i

/** What is known of a folder from the folders above it. */
export interface Folder {
  readonly path: string
  /** Named, or below a folder that is: its files are to be hardened. */
  readonly selected: boolean
  /** Entered only because something named lies below. */
  readonly passing: boolean
  readonly ignores: readonly IgnoreFile[]
  readonly marks: Markings
  readonly hold: Hold | undefined
  /** The nearest chart at or above it. */
  readonly chart: string | undefined
  /** Which part of the chart it is: templates are no manifests, and nothing can be said of `crds` and `ci`. */
  readonly part: 'templates' | 'quiet' | undefined
}

export function visit(walk: Walk, given: Folder): void {
  const entries = listed(walk, given)
  if (entries === undefined) return
  walk.reached.add(given.path)
  const folder = informed(walk, given, entries)
  const prefix = folder.path === '' ? '' : `${folder.path}/`
  for (const entry of entries) {
    const { name } = entry
    if (entry.isDirectory()) enter(walk, folder, name, prefix + name)
    // A link is not followed: inside of the root its target is found by itself, outside of it nothing is ours.
    else if (entry.isFile()) {
      const path = prefix + name
      const isNamed = walk.named.files.has(path)
      if (!isNamed && !folder.passing && isBuildFile(name)) {
        if (!isIgnored(folder.ignores, path, false)) walk.builds.push(path)
      } else if (isNamed || (!folder.passing && isCandidate(name) && !isIgnored(folder.ignores, path, false))) take(walk, folder, name, path, isNamed)
    }
  }
}

function enter(walk: Walk, folder: Folder, name: string, path: string): void {
  if (name === '.git') return
  const skipped = folder.passing || name === 'node_modules' || isIgnored(folder.ignores, path, true)
  if (skipped && !walk.named.onTheWay.has(path)) return
  const isNamed = walk.named.folders.has(path)
  const ofChart = folder.chart === folder.path
  visit(walk, {
    ...folder,
    path,
    selected: isNamed || (folder.selected && !skipped),
    passing: skipped && !isNamed,
    hold: folder.hold ?? walk.outputs.get(path) ?? vendorFolder(path, name) ?? (ofChart && name === 'charts' ? chartDependencies(path) : undefined),
    part: folder.part ?? (ofChart ? chartPart(name) : undefined),
  })
}

function take(walk: Walk, folder: Folder, name: string, path: string, isNamed: boolean): void {
  if (isNamed) walk.reached.add(path)
  const quiet = folder.part === 'quiet' || (folder.chart === folder.path && (name === 'Chart.yaml' || VALUES.test(name)))
  const template = folder.part === 'templates'
  const selected = folder.selected || isNamed
  if (isProgram(name)) {
    if (selected && (isNamed || (folder.hold === undefined && !TESTS.test(path)))) walk.files.push(path)
    return
  }
  if (name.includes('\uFFFD') && !readable(walk, path)) {
    if (selected) walk.problems.push({ code: 'UNREADABLE', file: path, message: 'its name is not UTF-8', hint: 'Rename the file.' })
    return
  }
  if (!template && !quiet) walk.all.push(path)
  if (!selected || (name === 'Kustomization' && !isNamed)) return
  const hold = walk.includeGenerated ? undefined : (folder.hold ?? markedBy(folder.marks, path))
  if (hold !== undefined && !isNamed) walk.held.set(hold, (walk.held.get(hold) ?? 0) + 1)
  else if (template && folder.chart !== undefined) walk.templates.set(folder.chart, (walk.templates.get(folder.chart) ?? 0) + 1)
  else if (!quiet || isNamed) {
    if (hold !== undefined) walk.notes.push({ code: hold.code, file: path, message: `${hold.because}; done because it was named`, hint: hold.hint.replace(/, or use .*$/, '.') })
    walk.files.push(path)
  }
}

function isCandidate(name: string): boolean {
  return CANDIDATE.test(name) || name === 'Kustomization' || isProgram(name)
}

function chartPart(name: string): Folder['part'] {
  if (name === 'templates') return 'templates'
  return name === 'crds' || name === 'ci' ? 'quiet' : undefined
}

/** The entries of a folder; a folder that nobody asked to harden may be closed. */
function listed(walk: Walk, { path, selected }: Folder): readonly fs.Dirent[] | undefined {
  try {
    return walk.io.readdirSync(join(walk.root, path), { withFileTypes: true })
  } catch (error) {
    const message = `folder cannot be read: ${errnoText(error)}`
    if (selected && errnoOf(error) !== 'ENOENT') {
      walk.reached.add(path)
      walk.problems.push({ code: 'UNREADABLE', file: path === '' ? '.' : path, message, hint: nextStep(error) })
    }
    return undefined
  }
}

/** What the folder's own files say about it and what lies below. */
function informed(walk: Walk, folder: Folder, entries: readonly fs.Dirent[]): Folder {
  let { ignores, marks, chart, part } = folder
  for (const entry of entries) {
    const { name } = entry
    if (name === '.gitignore' && entry.isFile()) ignores = [...ignores, ignoreFile(folder.path, textOf(walk, folder, name))]
    else if (name === '.gitattributes' && entry.isFile()) marks = [...marks, ...markings(folder.path, textOf(walk, folder, name))]
    else if (name === 'Chart.yaml' && !entry.isDirectory()) {
      chart = folder.path
      part = undefined
      walk.charts.add(chart)
    } else if (name === 'cdk8s.yaml' && entry.isFile()) {
      const output = cdkOutput(folder.path, textOf(walk, folder, name))
      if (output !== undefined) walk.outputs.set(output.folder, output.hold)
    }
  }
  return { ...folder, ignores, marks, chart, part }
}

/** Empty where it cannot be read: then it says nothing. */
function textOf(walk: Walk, { path }: Folder, name: string): string {
  try {
    return walk.io.readFileSync(join(walk.root, path, name), 'utf8')
  } catch (error) {
    errnoOf(error)
    return ''
  }
}

function readable(walk: Walk, path: string): boolean {
  try {
    walk.io.lstatSync(join(walk.root, path))
    return true
  } catch (error) {
    errnoOf(error)
    return false
  }
}

/** Named, but below a folder that cannot be listed, or in git's own. */
export function unreached(walk: Walk): readonly Problem[] {
  return [...walk.named.files, ...walk.named.folders]
    .filter((path) => !walk.reached.has(path))
    .map((file) =>
      /(?:^|\/)\.git(?:\/|$)/.test(file)
        ? { code: 'NOT_A_FILE', file, message: 'belongs to git', hint: 'Name a file of the working tree.' }
        : { code: 'UNREADABLE', file, message: 'a folder above it cannot be listed', hint: 'Check the permissions of the folders above it.' },
    )
}
