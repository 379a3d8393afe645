/** `podharden fn`: a KRM function. The list on stdout, what failed on stderr, exit code 1 as the specification asks. */
import { readFileSync } from 'node:fs'
import { hardenList } from '../fn/harden-list.ts'
import type { Result } from '../fn/results.ts'
import { decode, isProblem } from '../decode.ts'
import { plural, qualified, safe } from '../report/safe.ts'
import type { Problem } from '../types.ts'
import { today } from './settings.ts'

export function hardenFunction(): number {
  const source = decode('stdin.yaml', readFileSync(0))
  if (isProblem(source)) return failed(source)
  const done = hardenList(source.text.trimStart().startsWith('{') ? { ...source, path: 'stdin.json' } : source, today())
  if ('problem' in done) return failed(done.problem)
  process.stdout.write((source.bom ? '\uFEFF' : '') + done.text)
  const errors = done.results.filter(({ severity }) => severity === 'error')
  for (const error of errors) process.stderr.write(`podharden: ${line(error)}\n`)
  // Not every orchestrator shows the results.
  const decide = done.results.filter(({ severity }) => severity === 'warning').length
  if (decide > 0) process.stderr.write(`podharden: ${plural(decide, 'finding')} for a person to decide; the results say which, and so does podharden explain\n`)
  return errors.length > 0 ? 1 : 0
}

function failed({ line, column, message, hint }: Problem): number {
  const place = line === undefined ? '' : `:${line}${column === undefined ? '' : `:${column}`}`
  process.stderr.write(`podharden: stdin${place}: ${safe(message)}. ${safe(hint)}\n`)
  return 1
}

function line({ message, resourceRef, field, file }: Result): string {
  const who = resourceRef === undefined ? [] : [safe(`${resourceRef.kind} ${qualified(resourceRef)}`.trimEnd())]
  return [...(file === undefined ? [] : [safe(file.path)]), ...who, ...(field === undefined ? [] : [safe(field.path)]), message].join(': ')
}
