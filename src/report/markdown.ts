/** The body of a pull request: what changes and why, by folder and workload, what could break, what is left for people. */
import type { FixFinding, UnitResult } from '../types.ts'
import { code, markdown } from './markdown-text.ts'
import type { Reader } from './reader.ts'
import { plural, qualified } from './safe.ts'
import { gradeText } from './text.ts'
import type { Decision, Totals } from './totals.ts'

/** GitHub takes no longer body. */
export const LIMIT = 65536
/** For what stands behind the workloads. */
const REST = 24000

interface Workload {
  /** Of the table that it belongs to: the folder, and who owns it. */
  readonly title: string
  readonly rows: string
}

export class MarkdownReport implements Reader {
  readonly #version: string
  readonly #dry: boolean
  readonly #workloads: Workload[] = []
  #length = 0
  /** Workloads that are changed and have no place here. */
  #left = 0

  readonly #ownersOf: (file: string) => readonly string[]

  /** `dry`: nothing was written, so each change is still to be made. `ownersOf`: who is named for a file. */
  constructor({ version }: { readonly version: string }, { dry, ownersOf = () => [] }: { readonly dry: boolean; readonly ownersOf?: (file: string) => readonly string[] }) {
    this.#version = version
    this.#ownersOf = ownersOf
    this.#dry = dry
  }

  start(): string {
    return ''
  }

  unit({ findings }: UnitResult): string {
    const groups = new Map<string, FixFinding[]>()
    for (const finding of findings) {
      if (finding.outcome !== 'fix') continue
      const { object, place } = finding
      const key = JSON.stringify([place.file, object.kind, object.namespace, object.name])
      groups.set(key, [...(groups.get(key) ?? []), finding])
    }
    for (const group of groups.values()) {
      const rows = group.map((finding, i) => row(finding, i === 0)).join('')
      // Whatever stands first is all that fits: a later one that is short would hide that others are missing.
      if (this.#left > 0 || this.#length + rows.length > LIMIT) this.#left++
      else {
        this.#length += rows.length
        this.#workloads.push({ title: this.#titleOf(group[0]?.place.file ?? ''), rows })
      }
    }
    return ''
  }

  end(totals: Totals): string {
    const head = this.#head(totals)
    const rest = within(REST, [risks(totals), toKnow(totals), decisions(totals), exempt(totals), problems(totals)]) + this.#undo()
    const room = LIMIT - head.length - rest.length - 200
    let body = ''
    let left = this.#left
    let table: string | undefined
    for (const [i, workload] of this.#workloads.entries()) {
      const title = workload.title === table ? '' : `\n### ${workload.title}\n\n| workload | change | grade and evidence |\n|---|---|---|\n`
      if (body.length + title.length + workload.rows.length > room) {
        left += this.#workloads.length - i
        break
      }
      table = workload.title
      body += title + workload.rows
    }
    const more = left === 0 ? '' : `\n${plural(left, 'workload')} more ${left === 1 ? 'is' : 'are'} changed than fit here; the diff holds all.\n`
    return head + body + more + rest
  }

  /** Named as code: a body of a pull request must call nobody. */
  #titleOf(file: string): string {
    const folder = folderOf(file)
    const owners = this.#ownersOf(file)
    return `${folder === '' ? 'At the root' : code(folder)}${owners.length === 0 ? '' : ` (${owners.map(code).join(', ')})`}`
  }

  #head(totals: Totals): string {
    const passing = totals.standard === undefined ? '' : ` Allowed by ${totals.standard}: ${totals.allowedBefore} before, ${totals.allowedAfter} after.`
    return (
      `## Hardened pods: ${plural(totals.changedFiles, 'file')} ${this.#dry ? 'to change' : 'changed'}, of ${totals.files} with ${plural(totals.sites, 'workload')}\n\n` +
      `By podharden ${this.#version}.${passing} ${plural(totals.fields, 'field')}: ${gradeText(totals.grades)}. ` +
      'Each edit was read back and compared with what was intended; no workload was run.\n'
    )
  }

  #undo(): string {
    return '\n### How to undo\n\nEach change is lines of its own: take out those of the one that breaks, or revert the commit. A value that you write yourself is never overruled by a later run.\n'
  }
}

function row(finding: FixFinding, isFirst: boolean): string {
  const { object, container, place, line, message, fields } = finding
  const name = `${object.kind} ${qualified(object)}`
  const file = place.file.slice(place.file.lastIndexOf('/') + 1)
  const who = isFirst ? `${code(name)}<br>${code(`${file}:${line}`)}` : ''
  const reasons = new Map<string, string>()
  for (const { grade, because } of fields) reasons.set(`${grade}: ${because}`, `**${grade}**: ${markdown(because)}`)
  return `| ${who} | ${container === undefined ? '' : `${code(container)} `}${markdown(message)} | ${[...reasons.values()].join('<br>')} |\n`
}

function folderOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : ''
}

interface Section {
  readonly title: string
  readonly items: readonly string[]
}

/** The items that fit, each section with the number of its others. None takes the room of those behind it. */
function within(limit: number, sections: readonly Section[]): string {
  let out = ''
  const filled = sections.filter(({ items }) => items.length > 0)
  for (const [done, { title, items }] of filled.entries()) {
    const until = out.length + (limit - out.length) / (filled.length - done)
    out += `\n### ${title}\n\n`
    for (const [i, item] of items.entries()) {
      if (out.length + item.length > until) {
        out += `- … and ${items.length - i} more; \`--format text\` lists them all\n`
        break
      }
      out += item
    }
  }
  return out
}

/** Sentence by sentence: many changes share some. */
function risks(totals: Totals): Section {
  const sentences = new Map<string, number>()
  for (const [risk, count] of totals.risks) for (const sentence of risk.split(/(?<=\.)\s+/)) sentences.set(sentence, (sentences.get(sentence) ?? 0) + count)
  return {
    title: 'What could break, and how it shows',
    items: [...sentences].sort((a, b) => b[1] - a[1]).map(([sentence, count]) => `- ${markdown(sentence)} (${plural(count, 'change')})\n`),
  }
}

function ordered(totals: Totals, severity: Decision['severity']): readonly Decision[] {
  return [...totals.decisions.values()].filter((decision) => decision.severity === severity).sort((a, b) => b.count - a.count)
}

function toKnow(totals: Totals): Section {
  return { title: 'To know before it rolls out', items: ordered(totals, 'know').map((decision) => item('-', decision)) }
}

function decisions(totals: Totals): Section {
  return { title: 'Left for people', items: ordered(totals, 'decide').map((decision) => item('- [ ]', decision)) }
}

function exempt(totals: Totals): Section {
  return {
    title: 'Exempt, left as it is',
    items: [...totals.exemptions.values()].map(({ by, text, expires, transforms, count, places }) => {
      const until = expires === undefined ? '' : `, until ${expires}`
      return `- ${markdown(text)} (${code(by)}${until}): ${[...transforms].map(code).join(', ')}<br>${places.map(code).join(', ')}${count > places.length ? `; ${plural(count, 'finding')}` : ''}\n`
    }),
  }
}

function item(bullet: string, { message, todo, image, count, places }: Decision): string {
  const more = count > places.length ? `, and ${count - places.length} more` : ''
  return `${bullet} ${markdown(message)}${image === undefined ? '' : ` (${code(image)})`}. ${markdown(todo)}<br>${places.map(code).join(', ')}${more}\n`
}

function problems(totals: Totals): Section {
  return {
    title: 'Not read or not written',
    items: totals.problems.map(
      ({ file, line, code: id, message, hint }) => `- ${code(`${file}${line === undefined ? '' : `:${line}`}`)} ${id}: ${markdown(message)}. ${markdown(hint)}\n`,
    ),
  }
}
