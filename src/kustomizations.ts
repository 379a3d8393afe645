/**
 * What kustomizations say of other files: which of them are patches and no objects, and which images they replace.
 * Field names: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
 */
import { posix } from 'node:path'
import { parse } from 'yaml'
import type { ImageOverride } from './types.ts'

export interface Kustomization {
  readonly path: string
  readonly folder: string
  readonly component: boolean
  /** Files or folders of objects, relative to the root. */
  readonly resources: readonly string[]
  readonly components: readonly string[]
  readonly images: readonly ImageOverride[]
  /** What all of its objects are put into. */
  readonly namespace: string | undefined
  /** It changes objects beyond names and labels. */
  readonly isPatching: boolean
  /** Files that look like objects and are none: patches of every kind, and configurations of transformers. */
  readonly patches: readonly string[]
}

export function isKustomization(path: string): boolean {
  return /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/.test(path)
}

/** Undefined where the text cannot be read; that is kustomize's own trouble. */
export function readKustomization(path: string, text: string): Kustomization | undefined {
  const root = record(parsed(text))
  if (root === undefined) return undefined
  const folder = folderOf(path)
  const paths = (key: string): readonly string[] => resolved(folder, list(root[key]))
  const pathsOf = (key: string): readonly string[] =>
    resolved(
      folder,
      list(root[key]).map((item) => record(item)?.path ?? item),
    )
  return {
    path,
    folder,
    component: root.kind === 'Component',
    resources: [...paths('resources'), ...paths('bases')],
    components: paths('components'),
    images: list(root.images).flatMap(imageOverride),
    namespace: typeof root.namespace === 'string' && root.namespace !== '' ? root.namespace : undefined,
    isPatching: ['patches', 'patchesStrategicMerge', 'patchesJson6902', 'components', 'transformers', 'replacements', 'helmCharts'].some((key) => list(root[key]).length > 0),
    patches: [...pathsOf('patches'), ...paths('patchesStrategicMerge'), ...pathsOf('patchesJson6902'), ...paths('configurations')],
  }
}

/** Patch file → the kustomization that names it, the first one by path. */
export function patchFilesOf(all: readonly Kustomization[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { path, patches } of all) for (const file of patches) if (!found.has(file)) found.set(file, path)
  return found
}

/**
 * The images that every build agrees on, by file. A build starts at a kustomization that no other one refers to and
 * goes through its bases and components, the innermost first, as kustomize does. Where two builds that list a file
 * differ (a tag per stage, or one that replaces and one that does not), nothing is said of that image.
 */
export function imagesOf(all: readonly Kustomization[]): ReadonlyMap<string, readonly ImageOverride[]> {
  if (all.every(({ images }) => images.length === 0)) return new Map()
  const byFolder = new Map(all.map((one) => [one.folder, one]))
  const referred = new Set(all.flatMap(({ resources, components }) => [...resources, ...components]))
  const build = builder(byFolder)
  const merged: Files = new Map()
  for (const one of all) if (!one.component && !referred.has(one.folder)) mergeInto(merged, build(one))
  const result = new Map<string, readonly ImageOverride[]>()
  for (const [file, replaced] of merged) {
    const clear = [...replaced.values()].flatMap((one) => (one === 'unclear' ? [] : [one.override]))
    if (clear.length > 0) result.set(file, clear)
  }
  return result
}

interface Replaced {
  /** The name after all replacements so far: what an outer kustomization has to match. */
  readonly current: string
  readonly override: ImageOverride
}

/** Image name as written → what becomes of it; `unclear` where builds differ. */
type Images = ReadonlyMap<string, Replaced | 'unclear'>
type Files = Map<string, Images>

const NO_IMAGES: Images = new Map()

function builder(byFolder: ReadonlyMap<string, Kustomization>): (one: Kustomization) => Files {
  const built = new Map<Kustomization, Files>()
  // Kustomizations that refer to each other in a circle: kustomize refuses them, we only must come to an end.
  const open = new Set<Kustomization>()
  const absorb = (one: Kustomization, files: Files): void => {
    for (const path of one.resources) {
      const base = byFolder.get(path)
      mergeInto(files, base === undefined ? new Map([[path, NO_IMAGES]]) : build(base))
    }
    for (const path of one.components) {
      const component = byFolder.get(path)
      if (component !== undefined && !open.has(component)) {
        open.add(component)
        absorb(component, files)
        open.delete(component)
      }
    }
    if (one.images.length > 0) for (const [file, images] of files) files.set(file, one.images.reduce(replace, images))
  }
  const build = (one: Kustomization): Files => {
    const known = built.get(one)
    if (known !== undefined) return known
    const files: Files = new Map()
    built.set(one, files)
    absorb(one, files)
    return files
  }
  return build
}

function replace(images: Images, next: ImageOverride): Images {
  const result = new Map(images)
  const before = [...images].find(([, one]) => one !== 'unclear' && one.current === next.name)
  if (before !== undefined) {
    const [written, one] = before as [string, Replaced]
    result.set(written, { current: next.newName ?? one.current, override: { ...one.override, ...next, name: written } })
  } else if (!images.has(next.name)) result.set(next.name, { current: next.newName ?? next.name, override: next })
  return result
}

function mergeInto(files: Files, more: Files): void {
  for (const [file, images] of more) {
    const before = files.get(file)
    files.set(file, before === undefined || before === images ? images : agreed(before, images))
  }
}

function agreed(a: Images, b: Images): Images {
  const result = new Map<string, Replaced | 'unclear'>()
  for (const name of new Set([...a.keys(), ...b.keys()])) {
    const [one, other] = [a.get(name), b.get(name)]
    result.set(name, one !== undefined && other !== undefined && same(one, other) ? one : 'unclear')
  }
  return result
}

function same(a: Replaced | 'unclear', b: Replaced | 'unclear'): boolean {
  if (a === 'unclear' || b === 'unclear') return false
  return a.override.newName === b.override.newName && a.override.newTag === b.override.newTag && a.override.digest === b.override.digest
}

function imageOverride(item: unknown): readonly ImageOverride[] {
  const { name, newName, newTag, digest } = record(item) ?? {}
  if (typeof name !== 'string' || name === '') return []
  const rest = Object.fromEntries(Object.entries({ newName, newTag, digest }).filter(([, value]) => typeof value === 'string' && value !== ''))
  return Object.keys(rest).length === 0 ? [] : [{ name, ...rest }]
}

/** Every scalar is text: `newTag: 1.10` must not become 1.1. */
function parsed(text: string): unknown {
  try {
    return parse(text, { schema: 'failsafe', uniqueKeys: false, logLevel: 'error' })
  } catch {
    return undefined
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Below the root only. Inline patches (they have line breaks) and addresses are no paths. */
function resolved(folder: string, values: readonly unknown[]): readonly string[] {
  return values.flatMap((value) => {
    if (typeof value !== 'string' || value === '' || /[\n{]|:\/\/|^\//.test(value)) return []
    const path = posix.join(folder, value).replace(/\/$/, '')
    return path === '..' || path.startsWith('../') ? [] : [path === '.' ? '' : path]
  })
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}
