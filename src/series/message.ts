/** The message of a patch: a conventional title, then what changes in each workload and why. https://www.conventionalcommits.org */
import transforms from '../../transforms/index.ts'
import { plural, safe } from '../report/safe.ts'
import type { FixFinding } from '../types.ts'
import type { Step } from './steps.ts'

const STAGES: Readonly<Record<string, string>> = {
  'stage 1': 'seccomp profiles and privilege escalation',
  'stage 2': 'users and capabilities that are certain',
  'stage 3': 'users and capabilities',
  'stage 4': 'read-only root filesystems',
}
/** Longer ones are cut by most tools. */
const TITLE = 100
/** A message is read by people. */
const WORKLOADS = 100

export interface Message {
  readonly title: string
  readonly body: string
}

export function messageOf(step: Step): Message {
  const findings = step.atoms.flatMap((atom) => ofStep(atom.findings[step.level] ?? [], step))
  const part = step.part === undefined ? '' : ` (${step.part.number} of ${step.part.of})`
  return { title: `feat(security): ${clipped(titleOf(step), TITLE - part.length - 16)}${part}`, body: `${workloads(findings)}${risks(findings)}` }
}

function titleOf({ about: { is, name }, atoms }: Step): string {
  if (is === 'transform') {
    const title = transforms.find(({ id }) => id === name)?.title ?? name
    return title.charAt(0).toLowerCase() + title.slice(1)
  }
  if (is === 'stage') return `harden pods, ${name}: ${STAGES[name]}`
  if (is === 'workload') {
    const [first = '', ...others] = atoms.flatMap((atom) => atom.workloads)
    return `harden ${safe(first)}${others.length === 0 ? '' : ` and ${others.length} more`}`
  }
  if (is === 'directory') return `harden pods in ${name === '' ? 'the root folder' : safe(name)}`
  return name === '' ? 'harden pods without an owner' : `harden pods of ${safe(name)}`
}

function clipped(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…` : text
}

/** What a level adds: of the levels before it everything stands there already. */
function ofStep(findings: readonly FixFinding[], { about: { is, name } }: Step): readonly FixFinding[] {
  if (is === 'transform') return findings.filter(({ transform }) => transform === name)
  return is === 'stage' ? findings.filter(({ stage }) => `stage ${stage}` === name) : findings
}

/** Each line is indented, so that none can be read as the beginning of a diff or of another mail. */
function workloads(findings: readonly FixFinding[]): string {
  const groups = new Map<string, FixFinding[]>()
  for (const finding of findings) {
    const { object, place } = finding
    const key = `${safe(place.file)}: ${safe(object.kind)} ${object.namespace === undefined ? '' : `${safe(object.namespace)}/`}${safe(object.name)}`
    groups.set(key, [...(groups.get(key) ?? []), finding])
  }
  // Workloads that change alike are named together.
  const alike = new Map<string, string[]>()
  for (const [title, group] of groups) {
    const lines = group.map(({ container, message, grade, fields }) => {
      const because = [...new Set(fields.filter((field) => field.grade === grade).map((field) => field.because))].join('; ')
      return `  - ${container === undefined ? '' : `${safe(container)}: `}${safe(message)} (${grade}: ${safe(because)})\n`
    })
    const text = lines.join('')
    alike.set(text, [...(alike.get(text) ?? []), title])
  }
  let room = WORKLOADS
  let out = ''
  for (const [text, titles] of alike) {
    if (room <= 0) break
    out += titles
      .slice(0, room)
      .map((title) => `- ${title}\n`)
      .join('')
    room -= titles.length
    out += room < 0 ? `- and ${-room} more\n${text}` : text
  }
  return groups.size > WORKLOADS ? `${out}- ${plural(groups.size, 'workload')} in all\n` : out
}

function risks(findings: readonly FixFinding[]): string {
  const sentences = new Set(findings.flatMap(({ risk }) => (risk === undefined ? [] : risk.split(/(?<=\.)\s+/))))
  if (sentences.size === 0) return ''
  return `\nWhat could break:\n${[...sentences].map((sentence) => `- ${safe(sentence)}\n`).join('')}`
}
