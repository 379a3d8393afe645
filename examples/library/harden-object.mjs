/** Hardens a plain object, as a program makes it or a parser gives it. Run it with `node examples/library/harden-object.mjs`. */
import { harden } from 'podharden'

const podSpec = { restartPolicy: 'Never', containers: [{ name: 'report', image: 'registry.example/report:3' }] }
const cronJob = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'report' },
  spec: { schedule: '0 6 * * *', jobTemplate: { spec: { template: { spec: podSpec } } } },
}

// The word of whoever knows the image: it runs as 4711 and writes to /var/cache/report.
const known = { image: 'registry.example/report', uid: 4711, writablePaths: ['/var/cache/report'], source: 'this program' }
const { object, changed, verdicts } = harden(cronJob, { images: { images: [known], prefixes: [] } })

console.log(JSON.stringify(object.spec.jobTemplate.spec.template.spec, null, 2))
console.log(`changed: ${changed}, a new object: ${object !== cronJob}`)
for (const { level, before, after } of verdicts) console.log(`${level}: ${before.allowed} before, ${after.allowed} after`)
