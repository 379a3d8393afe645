/**
 * A run as a series of patches for `git am`. Applied in order they give the bytes of `--write`; after each of them every
 * file is one that a run would have made of some of its workloads, or up to some transform.
 */
import { unifiedDiff } from '../text/diff.ts'
import { difference } from '../text/difference.ts'
import { applyEdits, orderEdits } from '../text/edits.ts'
import { type Message, messageOf } from './message.ts'
import type { Atom, Collected } from './collect.ts'
import type { Step } from './steps.ts'

export interface PatchFile {
  /** `0001-feat-security-….patch` */
  readonly name: string
  readonly text: string
}

export interface Sender {
  /** Of the commits: `podharden <podharden@localhost>`. */
  readonly author: string
  readonly version: string
}

export function seriesOf({ atoms, sources }: Collected, steps: readonly Step[], sender: Sender): readonly PatchFile[] {
  const reached = new Map<Atom, number>()
  const byFile = new Map<string, Atom[]>()
  for (const atom of atoms) byFile.set(atom.file, [...(byFile.get(atom.file) ?? []), atom])
  const textOf = (file: string): string => {
    const edits = (byFile.get(file) ?? []).flatMap((atom) => atom.edits[reached.get(atom) ?? -1] ?? [])
    return applyEdits(sources.get(file)?.text ?? '', orderEdits(edits))
  }
  const made: { readonly message: Message; readonly diff: string }[] = []
  for (const step of steps) {
    let diff = ''
    for (const file of new Set(step.atoms.map((atom) => atom.file))) {
      const source = sources.get(file)
      if (source === undefined) continue
      const before = textOf(file)
      for (const atom of step.atoms) if (atom.file === file) reached.set(atom, step.level)
      const after = textOf(file)
      diff += unifiedDiff({ ...source, text: before }, after, difference(before, after))
    }
    if (diff !== '') made.push({ message: messageOf(step), diff })
  }
  const width = Math.max(4, String(made.length).length)
  return made.map(({ message, diff }, i) => ({
    name: `${String(i + 1).padStart(width, '0')}-${slug(message.title)}.patch`,
    text: mail(message, diff, `${i + 1}/${made.length}`, sender),
  }))
}

function slug(title: string): string {
  return title
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 52)
    .replace(/-$/, '')
}

/** As `git format-patch` writes it, without a date: the same tree gives the same bytes. https://git-scm.com/docs/git-format-patch#_discussion */
function mail({ title, body }: Message, diff: string, number: string, { author, version }: Sender): string {
  return `From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: ${author}
Subject: [PATCH ${number}] ${title}
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit

${body}---

${diff}--${' '}
podharden ${version}

`
}
