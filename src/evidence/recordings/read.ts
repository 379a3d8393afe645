/** The file of `--evidence`: whichever producer wrote it, told by what stands in it. */
import { loadAll } from 'js-yaml'
import { record } from '../loose.ts'
import { isAppArmor, isAppArmorObject, ofAppArmor, ofAppArmorObject } from './apparmor.ts'
import { isDockerDiff, ofDockerDiff } from './docker-diff.ts'
import { isKubescape, ofKubescape } from './kubescape.ts'
import type { Readings, Recording, Target } from './recording.ts'
import { isStrace, ofStrace } from './strace.ts'

const FORMATS = 'ApplicationProfile and ContainerProfile of kubescape, AppArmorProfile and AppArmor text, strace -f -e trace=file, and docker diff are understood'

const KINDS = /^(?:pod|deployment|statefulset|daemonset|replicaset|replicationcontroller|job|cronjob|deploymentconfig|rollout)$/i

/** `Kind/name`, `Kind/name/container`, else the name of an image. Kinds begin with a capital, images never do; the usual kinds go in any case. */
export function targetOf(text: string): Target {
  const [, kind, name, container] = /^([A-Za-z]+)\/([^/:@]+)(?:\/([^/:@]+))?$/.exec(text) ?? []
  if (kind === undefined || name === undefined || !(KINDS.test(kind) || /^[A-Z]/.test(kind))) return { image: text }
  return { workload: { kind, name }, ...(container === undefined ? {} : { container }) }
}

/** `name` goes into every source. `target` is whose it is where the text does not say. */
export function readRecordings(name: string, text: string, target: Target | undefined): Readings {
  const plain = text.replace(/^\uFEFF/, '')
  if (/^\s*(?:\[\s*)?\{/.test(plain) || /^["']?apiVersion["']?:/m.test(plain)) return ofObjects(name, plain, target)
  const seen = isDockerDiff(plain)
    ? { directories: ofDockerDiff(plain), capabilities: [], partial: false, by: 'docker diff' }
    : isAppArmor(plain)
      ? { ...ofAppArmor(plain), by: 'AppArmor' }
      : isStrace(plain)
        ? { ...ofStrace(plain), capabilities: [], by: 'strace' }
        : undefined
  if (plain.trim() === '') return { mistake: `${name} is empty; for a container that wrote nothing say writablePaths: [] in podharden.yaml` }
  if (seen === undefined) return { mistake: `${name} is no recording that is known; ${FORMATS}` }
  if (target === undefined) return { mistake: missingTarget(name, seen.by) }
  const { by, ...facts } = seen
  return { recordings: [{ ...facts, target, source: `${name} (${by})` }] }
}

function missingTarget(name: string, by: string): string {
  return `${name} (${by}) does not say whose it is; write --evidence IMAGE=${name} or --evidence Kind/name/container=${name}`
}

function ofObjects(name: string, text: string, target: Target | undefined): Readings {
  let documents: readonly unknown[]
  try {
    documents = loadAll(text)
  } catch (error) {
    const { mark, reason } = error as { mark?: { line?: number }; reason?: string }
    return { mistake: `${name}${mark?.line === undefined ? '' : `:${mark.line + 1}`}: ${reason ?? 'cannot be read'}` }
  }
  const found: Recording[] = []
  const others = new Set<string>()
  for (const object of documents.flatMap(withItems)) {
    if (isKubescape(object)) found.push(...ofKubescape(object, name))
    else if (isAppArmorObject(object)) {
      if (target === undefined) return { mistake: missingTarget(name, 'AppArmorProfile') }
      found.push({ ...ofAppArmorObject(object), target, source: `${name} (AppArmorProfile ${String(record(object.metadata).name)})` })
    } else if (typeof object.kind === 'string') others.add(object.kind)
  }
  if (found.length === 0) {
    const kinds = others.size === 0 ? 'no object' : [...others].sort().join(', ')
    const why = others.has('SeccompProfile') ? '; a SeccompProfile lists system calls and no paths' : ''
    return { mistake: `${name} holds ${kinds} and no recording${why}; ${FORMATS}` }
  }
  if (target === undefined) return { recordings: found }
  if (found.length > 1) return { mistake: `${name} holds recordings of ${found.length} containers, which name their workloads themselves; leave out the name before =` }
  return { recordings: found.map((one) => ({ ...one, target })) }
}

function withItems(document: unknown): readonly Readonly<Record<string, unknown>>[] {
  const object = record(document)
  return Array.isArray(object.items) && /List$/.test(String(object.kind)) ? object.items.flatMap(withItems) : [object]
}
