/** Hardens a text: what was changed, why, and what a person should read. Run it with `node examples/library/harden-text.mjs`. */
import { harden } from 'podharden'

const manifest = `
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: redis:7.4 # pinned by renovate
`

// Nobody sees a diff here, so only `certain` and `known` changes are made unless you ask for more.
const { diff, findings, problems } = harden(manifest, { atLeast: 'likely', path: 'web.yaml' })

console.log(diff)
for (const finding of findings) console.log(`${finding.outcome}  ${finding.line}:${finding.column}  ${finding.transform}: ${finding.message}`)
// Text that cannot be read is a problem with a place and a next step, never an exception.
for (const { code, line, message, hint } of problems) console.error(code, line, message, hint)
