/** Hardening from a script: text in, text out, and what a person should read. */
import { harden } from 'podharden'

const manifest = `
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: nginx:1.27 # pinned
`

const { text, findings, problems } = harden(manifest, { atLeast: 'likely' })
console.log(text)
for (const finding of findings) console.log(finding.outcome, finding.transform, finding.message)
for (const problem of problems) console.error(problem.code, problem.line, problem.message)
