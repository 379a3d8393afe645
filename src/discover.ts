/**
 * Which files may be changed, and which are only read for what they say. One walk over the tree below the root, so
 * that one folder and the whole tree give the same answers.
 */
import * as fs from 'node:fs'
import { resolve } from 'node:path'
import { errnoText } from './errno.ts'
import { findRoot, namedPath } from './named-paths.ts'
import type { Note, Problem } from './types.ts'
import { type DiscoverIo, unreached, visit, type Walk } from './walk.ts'

export interface DiscoverOptions {
  readonly cwd: string
  /** Default: see `findRoot`. */
  readonly root?: string
  /** Vendored and generated files are hardened like any other. */
  readonly includeGenerated: boolean
}

/** Paths are relative to the root, with `/`, sorted by their bytes, each once. */
export interface Discovery {
  /** Absolute, links resolved. */
  readonly root: string
  /** To be hardened. */
  readonly files: readonly string[]
  /** Those files that the command line names themselves, not through a folder. */
  readonly named: ReadonlySet<string>
  readonly problems: readonly Problem[]
  readonly notes: readonly Note[]
  /** Directories with a `Chart.yaml`; `` is the root. */
  readonly charts: ReadonlySet<string>
  /** Everything worth surveying: also what lies outside of the given paths, what is vendored, and kustomizations. */
  readonly all: readonly string[]
  /** Dockerfiles, and files other than YAML that may say which image they make. */
  readonly builds: readonly string[]
}

/** `native` spells a name as the folder does, also where case does not count. */
export const DISCOVER_IO: DiscoverIo = {
  readdirSync: fs.readdirSync,
  lstatSync: fs.lstatSync,
  statSync: fs.statSync,
  realpathSync: fs.realpathSync.native,
  readFileSync: fs.readFileSync,
}

/** `paths` relative to `cwd`; none means the working directory. */
export function discover(paths: readonly string[], options: DiscoverOptions, io: DiscoverIo = DISCOVER_IO): Discovery {
  const given = paths.length === 0 ? ['.'] : paths
  const walk = startWalk(given, options, io)
  if (walk.named.folders.size + walk.named.files.size > 0) {
    visit(walk, { path: '', selected: walk.named.folders.has(''), passing: false, ignores: [], marks: [], hold: undefined, chart: undefined, part: undefined })
    walk.problems.push(...unreached(walk))
  }
  return {
    root: walk.root,
    files: byBytes(walk.files),
    named: walk.named.files,
    problems: walk.problems,
    notes: [...walk.notes, ...tallied(walk)].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : (a.line ?? 0) - (b.line ?? 0))),
    charts: walk.charts,
    all: byBytes(walk.all),
    builds: byBytes(walk.builds),
  }
}

function startWalk(given: readonly string[], options: DiscoverOptions, io: DiscoverIo): Walk {
  const { cwd, includeGenerated } = options
  const problems: Problem[] = []
  const root = options.root === undefined ? findRoot(given[0] as string, cwd, io) : chosenRoot(options.root, cwd, io, problems)
  const files = new Set<string>()
  const folders = new Set<string>()
  const onTheWay = new Set<string>()
  for (const one of problems.length > 0 ? [] : given) {
    const found = namedPath(one, cwd, root, io)
    if ('code' in found) {
      problems.push(found)
      continue
    }
    const { path, is } = found
    ;(is === 'file' ? files : folders).add(path)
    if (is === 'folder') onTheWay.add(path)
    for (let end = path.lastIndexOf('/'); end > 0 && !onTheWay.has(path.slice(0, end)); end = path.lastIndexOf('/', end - 1)) onTheWay.add(path.slice(0, end))
  }
  return {
    root,
    io,
    includeGenerated,
    problems,
    named: { files, folders, onTheWay },
    reached: new Set(),
    files: [],
    all: [],
    builds: [],
    notes: [],
    charts: new Set(),
    outputs: new Map(),
    held: new Map(),
    templates: new Map(),
  }
}

function chosenRoot(given: string, cwd: string, io: DiscoverIo, problems: Problem[]): string {
  const full = resolve(cwd, given)
  try {
    const real = io.realpathSync(full)
    if (!io.statSync(real).isDirectory()) problems.push({ code: 'NOT_A_FILE', file: given, message: 'the root is not a folder', hint: 'Give --root a folder.' })
    return real
  } catch (error) {
    problems.push({ code: 'NOT_FOUND', file: given, message: `the root cannot be read: ${errnoText(error)}`, hint: 'Give --root a folder that exists.' })
    return full
  }
}

function tallied(walk: Walk): readonly Note[] {
  const held = [...walk.held].map(([{ code, file, line, because, hint }, count]): Note => {
    const message = `${count === 1 ? '1 file is' : `${count} files are`} ${because}; left alone`
    return line === undefined ? { code, file, message, hint } : { code, file, line, message, hint }
  })
  const charts = [...walk.templates].map(
    ([chart, count]): Note => ({
      code: 'HELM_TEMPLATE',
      file: chart === '' ? 'Chart.yaml' : `${chart}/Chart.yaml`,
      message: `chart ${chart === '' ? '.' : chart}: ${count === 1 ? '1 template is' : `${count} templates are`} not handled yet`,
      hint: 'Render the chart with helm template and harden the result, or wait for chart support.',
    }),
  )
  return [...held, ...charts]
}

/** By code points, which is the order of the UTF-8 bytes; UTF-16 units differ from it above the surrogates. */
function byBytes(paths: string[]): readonly string[] {
  if (paths.some((path) => /[\uD800-\uFFFF]/.test(path))) return paths.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return paths.sort()
}
