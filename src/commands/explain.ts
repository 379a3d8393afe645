/** `podharden explain`. */
import type { ExplainRequest } from '../requests.ts'
import { explainSite } from '../explain/explain.ts'
import { ExplainJson, explainMarkdown, explainText } from '../explain/print.ts'
import { contextOf } from '../know.ts'
import { withDefaults } from '../options.ts'
import { plain } from '../report/text.ts'
import type { Problem } from '../types.ts'
import { inspection, looked, painter, reportProblems, reportUnused, type Stop } from './terminal.ts'

/** Problems go to stderr in every format, and into the JSON. */
export async function explain(request: ExplainRequest, stop: Stop): Promise<number> {
  const { format, level, minor, root } = request
  const json = new ExplainJson()
  const paint = request.color ? painter(true) : plain
  const problems: Problem[] = []
  if (format === 'json') process.stdout.write(json.start())
  // stdin can be read only once.
  const parts = request.inspection.registries ? [...looked(request.paths, root, request.options.workloads)] : undefined
  const inspected = await inspection(request, () => parts ?? [], stop)
  problems.push(...inspected.problems)
  let last = Date.now()
  let workloads = 0
  for (const part of parts ?? looked(request.paths, root, request.options.workloads)) {
    problems.push(...part.problems)
    const context = contextOf(withDefaults({ ...request.options, inspected }, true), part.survey)
    for (const site of part.sites) {
      const workload = explainSite(site, context, minor, ({ span }) => part.lineOf(span.start))
      workloads++
      process.stdout.write(format === 'json' ? json.workload(workload) : format === 'markdown' ? explainMarkdown(workload, level) : explainText(workload, level, paint))
    }
    if (Date.now() - last > 50) {
      await new Promise((next) => setImmediate(next))
      last = Date.now()
    }
    if (stop.closed) return 0
    if (stop.asked) return 130
  }
  if (format === 'json') process.stdout.write(json.end(problems))
  else if (workloads === 0) process.stderr.write('podharden: no workloads found\n')
  reportUnused(request)
  return reportProblems(problems)
}
