/** Which Namespaces have only workloads that the Pod Security Standards allow, as the tree stands: read once, before planning. */
import type { Discovery } from './discover.ts'
import { isKustomization, type Kustomization, patchFilesOf, readKustomization } from './kustomizations.ts'
import { languageOf, unitOf } from './languages/index.ts'
import { isProgram } from './languages/program/files.ts'
import { templateOf } from './pod.ts'
import { isProblem } from './decode.ts'
import { mayHoldPods, readSource, readWanted } from './read.ts'
import { evaluate } from './standards/evaluate.ts'
import { versionText } from './standards/versions.ts'
import type { NamespaceFacts, Site, WorkloadKind } from './types.ts'

interface Tally {
  workloads: number
  readonly refused: { baseline: number; restricted: number }
  unsure: string | undefined
}

/** By name. `minor`: the version of the standards. */
export function namespaceFacts(found: Discovery, kinds: readonly WorkloadKind[], minor: number): ReadonlyMap<string, NamespaceFacts> {
  const kustomizations = found.all.flatMap((path) => {
    const source = isKustomization(path) ? readSource(found.root, path) : undefined
    return source === undefined || isProblem(source) ? [] : (readKustomization(path, source.text) ?? [])
  })
  const placed = placesOf(kustomizations)
  const patchFiles = patchFilesOf(kustomizations)
  const tallies = new Map<string, Tally>()
  const tally = (name: string): Tally => {
    const known = tallies.get(name) ?? { workloads: 0, refused: { baseline: 0, restricted: 0 }, unsure: undefined }
    tallies.set(name, known)
    return known
  }
  // What may be put into any namespace, and what cannot be judged here.
  let everywhere = found.charts.size > 0 ? 'there are Helm charts in the tree' : found.files.some(isProgram) ? 'there are cdk8s programs in the tree' : undefined
  for (const path of found.all) {
    if (patchFiles.has(path)) continue
    const source = readWanted(found.root, path, mayHoldPods)
    if (source === undefined || isProblem(source)) continue
    const { namespaces, unsure } = placed.get(path) ?? { namespaces: [], unsure: undefined }
    for (const site of languageOf(path).locate(unitOf(found.root, source, kinds)).sites) {
      const own = site.object.namespace
      const names = namespaces.length > 0 ? namespaces : own === undefined ? [] : [own]
      const isFine = { baseline: isAllowed(site, 'baseline', minor), restricted: isAllowed(site, 'restricted', minor) }
      if (names.length === 0 && !isFine.restricted) everywhere ??= `${site.object.kind}/${site.object.name} names no namespace and is not allowed by restricted`
      for (const name of names) {
        const one = tally(name)
        one.workloads++
        if (!isFine.baseline) one.refused.baseline++
        if (!isFine.restricted) one.refused.restricted++
        one.unsure ??= unsure
      }
    }
  }
  return new Map(
    [...tallies].map(([name, { workloads, refused, unsure }]) => {
      const level = refused.restricted === 0 ? 'restricted' : refused.baseline === 0 ? 'baseline' : undefined
      const why = unsure ?? everywhere
      return [name, { workloads, level, version: versionText(minor), ...(why === undefined ? {} : { unsure: why }) }]
    }),
  )
}

function isAllowed(site: Site, level: 'baseline' | 'restricted', minor: number): boolean {
  return evaluate({ template: templateOf(site), isPod: site.object.kind === 'Pod' }, level, minor).allowed === true
}

interface Placed {
  readonly namespaces: readonly string[]
  /** A patch may make another pod of it. */
  readonly unsure: string | undefined
}

/** Where kustomizations put the objects of a file, directly or through others. https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/namespace/ */
function placesOf(all: readonly Kustomization[]): ReadonlyMap<string, Placed> {
  const byFolder = new Map(all.map((one) => [one.folder, one]))
  const placed = new Map<string, { namespaces: Set<string>; unsure: string | undefined }>()
  for (const { namespace, path, folder, isPatching } of all) {
    if (namespace === undefined && !isPatching) continue
    for (const file of filesOf(folder, byFolder, new Set())) {
      const one = placed.get(file) ?? { namespaces: new Set<string>(), unsure: undefined }
      placed.set(file, one)
      if (namespace !== undefined) one.namespaces.add(namespace)
      if (isPatching) one.unsure ??= `${path} patches what it lists`
    }
  }
  return new Map([...placed].map(([file, { namespaces, unsure }]) => [file, { namespaces: [...namespaces], unsure }]))
}

function filesOf(folder: string, byFolder: ReadonlyMap<string, Kustomization>, seen: Set<string>): readonly string[] {
  const one = byFolder.get(folder)
  if (one === undefined || seen.has(folder)) return []
  seen.add(folder)
  return [...one.resources, ...one.components].flatMap((path) => (byFolder.has(path) ? filesOf(path, byFolder, seen) : [path]))
}
