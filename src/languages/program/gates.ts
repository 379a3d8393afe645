/** What the installed version of cdk8s-plus, or an `imports/k8s` file, can say. */
import type { Files } from '../../types.ts'

export interface PlusVersion {
  /** The number in the package's name; 0 for the packages without one. */
  readonly minor: number
  /** Since 22 pods are non-root with a read-only root unless the program says otherwise. */
  readonly hardDefaults: boolean
  /** `capabilities` with `Capability.ALL` and names without `CAP_`. */
  readonly capabilities: boolean
  readonly seccomp: boolean
  readonly privilegeEscalation: boolean
  /** `StatefulSet` loses the volumes of its pod. https://github.com/cdk8s-team/cdk8s-plus/issues/6735 */
  readonly losesVolumes: boolean
}

/** By the declarations that are installed beside the file, else by the package's name. */
export function plusVersion(module: string, file: string, files: Files): PlusVersion {
  const minor = Number(/-(\d+)$/.exec(module)?.[1] ?? 0)
  const declarations = installed(module, 'lib/container.d.ts', file, files)
  const says = (pattern: RegExp): boolean | undefined => (declarations === undefined ? undefined : pattern.test(declarations))
  // 28 and 29 got both in the middle of their life; without the package nobody knows which of them is meant.
  return {
    minor,
    hardDefaults: minor >= 22,
    privilegeEscalation: minor >= 22,
    capabilities: says(/\bALL = "ALL"/) ?? minor >= 30,
    seccomp: says(/seccompProfile\?/) ?? minor >= 30,
    losesVolumes: minor >= 31,
  }
}

/** What generated classes say of a seccomp profile: nothing, its type as a text, or as an enum of that name. */
export type SeccompWord = 'none' | 'text' | { readonly enum: string }

/** A text where the file is not there to be asked. */
export function seccompWord(module: string, file: string, files: Files): SeccompWord {
  const text = importsText(module, file, files)
  if (text === undefined) return 'text'
  const context = /export interface (?:\w*V1)?SecurityContext \{[\s\S]*?\n\}/.exec(text)?.[0]
  if (context !== undefined && !/readonly seccompProfile\?/.test(context)) return 'none'
  const type = /export interface (?:\w*V1)?SeccompProfile \{[\s\S]*?readonly type: (\w+)/.exec(text)?.[1]
  return type === undefined || type === 'string' ? 'text' : { enum: type }
}

function importsText(module: string, file: string, files: Files): string | undefined {
  const [name = '', part] = module.split('#')
  if (!name.startsWith('.')) return installed(name.split('/')[0] as string, part === 'k8s' ? 'lib/imports/k8s.d.ts' : `${name.split('/').slice(1).join('/')}.d.ts`, file, files)
  const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : ''
  const path = normal(`${folder}/${name.replace(/\.[cm]?[jt]s$/, '')}`)
  if (path === undefined) return undefined
  for (const ending of ['.ts', '.d.ts', '/index.ts', '/index.d.ts']) {
    const text = files.read(path + ending)?.text
    if (text !== undefined) return text
  }
  return undefined
}

function installed(module: string, part: string, file: string, files: Files): string | undefined {
  const folders = file.split('/').slice(0, -1)
  for (let depth = folders.length; depth >= 0; depth--) {
    const text = files.read([...folders.slice(0, depth), 'node_modules', module, part].join('/'))?.text
    if (text !== undefined) return text
  }
  return undefined
}

function normal(path: string): string | undefined {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}
