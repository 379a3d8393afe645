/**
 * AppArmor profiles: as text, and as the AppArmorProfile objects that the security profiles operator records. Their
 * globs become the directory before them.
 * https://manpages.ubuntu.com/manpages/noble/en/man5/apparmor.d.5.html and
 * https://github.com/kubernetes-sigs/security-profiles-operator/blob/main/installation-usage.md
 */
import { record, texts } from '../loose.ts'
import { SeenPaths } from './paths.ts'
import { capabilityName, type Recording } from './recording.ts'

type Seen = Pick<Recording, 'directories' | 'capabilities' | 'partial'>

export function isAppArmorObject({ apiVersion, kind }: Readonly<Record<string, unknown>>): boolean {
  return kind === 'AppArmorProfile' && /security-profiles-operator\.x-k8s\.io\//.test(String(apiVersion))
}

export function ofAppArmorObject(object: Readonly<Record<string, unknown>>): Seen {
  const { abstract, policy } = record(object.spec)
  if (typeof policy === 'string') return ofAppArmor(policy)
  const { filesystem, capability, executable } = record(abstract)
  const { readOnlyPaths, writeOnlyPaths, readWritePaths } = record(filesystem)
  const paths = new SeenPaths()
  for (const path of [...texts(writeOnlyPaths), ...texts(readWritePaths)]) wrote(paths, path)
  for (const path of [...texts(readOnlyPaths), ...texts(record(executable).allowedExecutables)]) paths.read(path)
  return { directories: paths.directories(), partial: false, capabilities: texts(record(capability).allowedCapabilities).map(capabilityName) }
}

const RULE = /^(?:(?:audit|allow|owner|file|quiet)\s+)*(?:("[^"]+"|[/@]\S*)\s+([a-zA-Z]+)|([rwaxmlkiupPUCc]+)\s+("[^"]+"|[/@]\S*))\s*(?:->.*)?,$/
const PROFILE = /^[ \t]*(?:profile[ \t]+\S+|\/\S+)[^\n]*\{[ \t]*$/m

export function isAppArmor(text: string): boolean {
  return PROFILE.test(text) && text.split('\n').some((line) => RULE.test(line.trim()) || /^\s*capability\s+\w+/.test(line))
}

export function ofAppArmor(text: string): Seen {
  const paths = new SeenPaths()
  const capabilities: string[] = []
  let isOpen = false
  let partial = false
  for (const written of text.split('\n')) {
    const line = written.replace(/(?:^|\s)#.*$/, '').trim()
    const caps = /^(?:(?:audit|allow)\s+)*capability\s+([\w\s]+),$/.exec(line)?.[1]
    if (caps !== undefined) capabilities.push(...caps.split(/\s+/).map(capabilityName))
    const [, path = '', modes = '', modesFirst = '', pathLast = ''] = RULE.exec(line) ?? []
    const isWrite = /[wa]/.test(modes || modesFirst)
    const name = withVariables((path || pathLast).replaceAll('"', ''))
    // What allows everything says nothing of what is done.
    if (/^(?:(?:audit|allow|owner)\s+)*file\s*,$/.test(line) || (isWrite && name !== undefined && /^\/\*/.test(name))) isOpen = true
    if (name === undefined) {
      partial ||= isWrite
      continue
    }
    if (isWrite) wrote(paths, name)
    else paths.read(name)
  }
  return { directories: isOpen ? undefined : paths.directories(), capabilities, partial }
}

/** A slash at the end is a directory, which to write is to make it. */
function wrote(paths: SeenPaths, path: string): void {
  if (/[^/]\/$/.test(path)) paths.made(path)
  else paths.wrote(path)
}

/** The variables of the usual tunables; others may be anywhere. */
function withVariables(path: string): string | undefined {
  const plain = path.replace('@{PROC}', '/proc').replace('@{run}', '/run').replace('@{sys}', '/sys')
  return plain.startsWith('/') ? plain.replace(/@\{[^}]*\}/g, '*') : undefined
}
