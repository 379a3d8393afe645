/** Explained workloads for a terminal, for programs, and as Markdown. */
import { markdown } from '../report/markdown-text.ts'
import { json, plural, safe } from '../report/safe.ts'
import type { Paint } from '../report/text.ts'
import type { Json } from '../types.ts'
import type { EffectiveField, ExplainedContainer, ExplainedViolation, ExplainedWorkload, Origin } from './explain.ts'

export type ExplainLevel = 'baseline' | 'restricted'

/** What one level says of the workload. */
function verdictAt(workload: ExplainedWorkload, level: ExplainLevel): { readonly head: string; readonly refused: boolean; readonly violations: readonly ExplainedViolation[] } {
  const { version, allowed, checks } = workload.standards[level]
  const word = allowed === true ? 'allowed' : allowed === null ? 'not certain' : `refused, ${plural(checks.length, 'check')}`
  return { head: `${level} ${version}: ${word}`, refused: allowed === false, violations: workload.violations.filter(({ check }) => checks.includes(check)) }
}

function violationText({ container, field, found, allowed }: ExplainedViolation): string {
  return `${container === null ? 'pod' : `container ${container}`}: ${field} is ${found}; allowed: ${allowed}`
}

function shown(value: Json): string {
  if (value === null) return '-'
  if (typeof value === 'object' && !Array.isArray(value))
    return Object.entries(value)
      .map(([key, one]) => `${key}: ${Array.isArray(one) ? `[${one.join(', ')}]` : typeof one === 'object' ? JSON.stringify(one) : String(one)}`)
      .join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function originText({ by, file, line, detail }: Origin): string {
  return file === undefined ? `${by}: ${detail ?? ''}` : `${by}, ${file === '' ? 'line' : file}:${line}`
}

export function explainText(workload: ExplainedWorkload, level: ExplainLevel, paint: Paint): string {
  const { file, line, kind, namespace, name } = workload
  let out = `\n${paint('bold', safe(`${file}:${line}  ${kind} ${namespace === null ? '' : `${namespace}/`}${name}`))}\n`
  for (const one of level === 'baseline' ? (['baseline'] as const) : (['baseline', 'restricted'] as const)) {
    const { head, refused, violations } = verdictAt(workload, one)
    out += `  ${paint(refused ? 'red' : 'green', head)}\n`
    if (one !== level) continue
    let last = ''
    for (const violation of violations) {
      if (violation.check !== last) out += `    ${safe(violation.reason)}  ${paint('dim', `[${violation.check}]`)}\n`
      last = violation.check
      out += `      line ${violation.line}  ${safe(violationText(violation))}\n`
    }
    for (const one of workload.unknown) out += `    not certain: line ${one.line}  ${safe(violationText(one))}  ${paint('dim', `[${one.check}]`)}\n`
  }
  for (const container of workload.containers) out += containerText(container, paint)
  return out
}

function containerText(container: ExplainedContainer, paint: Paint): string {
  const group = container.group === 'containers' ? '' : ` (${container.group === 'initContainers' ? 'init' : 'ephemeral'})`
  let out = `  ${paint('bold', safe(container.name))}${group}  ${safe(container.image ?? 'no image')}\n`
  const widest = Math.max(...container.fields.map(({ value }) => safe(shown(value)).length))
  const width = Math.min(40, widest)
  for (const field of container.fields) out += `    ${field.field.padEnd(25)} ${safe(shown(field.value)).padEnd(width)}  ${paint('dim', safe(originText(field.from)))}\n`
  out += capabilityText(container)
  return out
}

function capabilityText({ capabilities }: ExplainedContainer): string {
  const groups = new Map<string, string[]>()
  for (const [runtime, { bounding, effective }] of Object.entries(capabilities)) {
    const names = bounding.names.length === 0 ? 'none' : bounding.names.length > 40 ? 'all' : bounding.names.join(' ')
    const held = effective === null ? 'the bounding set as uid 0, else nothing' : effective.names.length === 0 ? 'nothing' : 'the whole bounding set'
    const text = `CapBnd ${bounding.bitmap}  ${names}\n      CapEff ${effective?.bitmap ?? '?'.repeat(16)}  the first process holds ${held}\n`
    groups.set(text, [...(groups.get(text) ?? []), runtime])
  }
  return [...groups].map(([text, runtimes]) => `    capabilities with ${runtimes.join(' and ')}\n      ${text}`).join('')
}

/** The keys are stable within a major version. */
export class ExplainJson {
  #count = 0

  start(): string {
    return '{"schema":1,"workloads":['
  }

  workload(workload: ExplainedWorkload): string {
    return `${this.#count++ === 0 ? '\n' : ',\n'}${json(workload)}`
  }

  end(problems: readonly unknown[]): string {
    return `\n],"problems":${json(problems)}}\n`
  }
}

export function explainMarkdown(workload: ExplainedWorkload, level: ExplainLevel): string {
  const { file, line, kind, namespace, name } = workload
  const { head, violations } = verdictAt(workload, level)
  let out = `\n### ${markdown(`${kind} ${namespace === null ? '' : `${namespace}/`}${name}`)}\n\n${markdown(`${file}:${line}`)}, ${markdown(head)}\n`
  if (violations.length > 0) {
    out += '\n| check | where | found | allowed | line |\n|---|---|---|---|--:|\n'
    for (const one of violations)
      out += `| ${markdown(one.check)} | ${markdown(`${one.container ?? 'pod'}: ${one.field}`)} | ${markdown(one.found)} | ${markdown(one.allowed)} | ${one.line} |\n`
  }
  for (const container of workload.containers) {
    out += `\n**${markdown(container.name)}** ${markdown(container.image ?? '')}\n\n| field | value | from |\n|---|---|---|\n`
    for (const field of container.fields) out += row(field)
    for (const [runtime, { bounding, effective }] of Object.entries(container.capabilities))
      out += `| ${markdown(`capabilities, ${runtime}`)} | CapBnd ${bounding.bitmap}, CapEff ${effective?.bitmap ?? 'not known'} | ${markdown(bounding.names.join(' ') || 'none')} |\n`
  }
  return out
}

function row({ field, value, from }: EffectiveField): string {
  return `| ${markdown(field)} | ${markdown(shown(value))} | ${markdown(originText(from))} |\n`
}
