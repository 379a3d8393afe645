/** What a container is told to run, and what of it only root may do. */
import { items } from '../tree.ts'
import type { Container, Node, Path } from '../types.ts'
import { child, textOf } from './fields.ts'

export interface Words {
  readonly text: string
  /** From the container. */
  readonly path: Path
}

const EXEC_FIELDS: readonly Path[] = [
  ['livenessProbe', 'exec', 'command'],
  ['readinessProbe', 'exec', 'command'],
  ['startupProbe', 'exec', 'command'],
  ['lifecycle', 'postStart', 'exec', 'command'],
  ['lifecycle', 'preStop', 'exec', 'command'],
]

function wordsAt(container: Container, path: Path): readonly Words[] {
  return items(container.get(path)).flatMap((node, index) => {
    const text = textOf(node)
    return text === undefined ? [] : [{ text, path: [...path, index] }]
  })
}

/** Command and arguments, in order. */
export function commandWords(container: Container): readonly Words[] {
  return [...wordsAt(container, ['command']), ...wordsAt(container, ['args'])]
}

/** Command, arguments, exec probes and hooks. */
export function allWords(container: Container): readonly Words[] {
  return [...commandWords(container), ...EXEC_FIELDS.flatMap((path) => wordsAt(container, path))]
}

/** The image's own entry point is replaced: what is known of its paths and ports may no longer hold. */
export function replacesCommand(container: Container): boolean {
  const command = container.get(['command'])
  return command !== undefined && !(command.is === 'list' && command.items.length === 0)
}

export interface EnvVar {
  readonly name: string
  /** Undefined: taken from elsewhere (`valueFrom`), or unreadable. */
  readonly value: string | undefined
  readonly index: number
}

export function envOf(container: Container): readonly EnvVar[] {
  return items(container.get(['env'])).flatMap((node: Node, index) => {
    const name = textOf(child(node, 'name'))
    if (name === undefined) return []
    const value = child(node, 'value')
    if (value === undefined && child(node, 'valueFrom') === undefined) return [{ name, value: '', index }]
    return [{ name, value: textOf(value), index }]
  })
}

const BEFORE = '(?:^|[\\s;&|("\'`]|bin/)'
const AFTER = '(?=$|[\\s;&|)"\'`])'
const VERBS =
  'apt-get|apt|apk|yum|dnf|chown|useradd|adduser|groupadd|su|sudo|gosu|su-exec|mount|umount|iptables|ip6tables|nft|sysctl|modprobe|setcap|tcpdump|update-ca-certificates|dockerd'
const ROOT_VERB = new RegExp(`${BEFORE}(${VERBS})${AFTER}`)
const ESCALATING_VERB = new RegExp(`${BEFORE}(su|sudo|newuidmap|newgidmap|fusermount3?)${AFTER}`)
const SYSCALL_VERB = new RegExp(`${BEFORE}(buildkitd|buildctl-daemonless\\.sh|buildah|podman|unshare|nsenter|bwrap|bpftrace|bpftool|criu)${AFTER}`)
const ROOT_HOME = /(?:^|[\s"'=:,(])\/root(?:\/|$|[\s"':,;)])/

/** The first word that only root may run: `chown`, `apt-get`, … */
export function rootVerb(text: string): string | undefined {
  return ROOT_VERB.exec(text)?.[1]
}

/** A setuid program, which does nothing under no_new_privs. */
export function escalatingVerb(container: Container): Words | undefined {
  return allWords(container).find(({ text }) => ESCALATING_VERB.test(text))
}

/** A program that needs system calls outside the runtime's default profile, with the word found. */
export function syscallVerb(container: Container): { readonly verb: string; readonly path: Path } | undefined {
  for (const { text, path } of commandWords(container)) {
    const verb = SYSCALL_VERB.exec(text)?.[1]
    if (verb !== undefined) return { verb, path }
  }
  return undefined
}

export function namesRootHome(text: string): boolean {
  return ROOT_HOME.test(text)
}

export interface ChownOnly {
  /** Absolute paths it touches. */
  readonly targets: readonly string[]
  /** The owner it gives, number or name, where it is one for all. */
  readonly owner: string | undefined
}

const SHELL = /(?:^|\/)(?:ba|da|a)?sh$/
const HARMLESS = new Set(['mkdir', 'chmod', 'chown', 'echo', 'set', 'true', ':', 'ls', 'id', 'exit', 'chgrp', 'install'])
const CHANGING = new Set(['chmod', 'chown', 'chgrp'])

/** An init container whose command does nothing but make directories and set their owner and mode. */
export function chownOnly(container: Container): ChownOnly | undefined {
  if (container.group !== 'initContainers' || container.sidecar) return undefined
  const words = commandWords(container).map(({ text }) => text)
  if (words.length === 0) return undefined
  const statements = SHELL.test(words[0] ?? '')
    ? words
        .slice(1)
        .filter((word) => !/^-\w+$/.test(word))
        .join('\n')
        .replace(/\\\n/g, ' ')
        .split(/&&|\|\||[;\n]/)
        .map((part) => part.trim().split(/\s+/))
    : [words]
  const real = statements.filter(([first]) => first !== undefined && first !== '' && !first.startsWith('#'))
  const name = (statement: readonly string[]): string => (statement[0] ?? '').replace(/^.*\//, '')
  if (real.length === 0 || !real.every((statement) => HARMLESS.has(name(statement)))) return undefined
  if (!real.some((statement) => CHANGING.has(name(statement)))) return undefined
  const targets = real
    .filter((statement) => CHANGING.has(name(statement)) || name(statement) === 'mkdir')
    .flatMap((statement) =>
      statement
        .slice(1)
        .map((word) => word.replace(/^["']|["']$/g, ''))
        .filter((word) => word.startsWith('/')),
    )
  const owners = new Set(
    real
      .filter((statement) => name(statement) === 'chown')
      .flatMap((statement) => {
        const owner = statement.slice(1).find((word) => !word.startsWith('-'))
        return owner === undefined ? [] : [/^["']?([\w-]+)/.exec(owner)?.[1] ?? '']
      }),
  )
  const [owner] = owners
  return { targets, owner: owners.size === 1 && owner !== '' ? owner : undefined }
}
