/** What the Pod Security Standards say of manifests as they stand. Run it with `node examples/library/evaluate.mjs`. */
import { evaluate } from 'podharden'

const manifests = `
apiVersion: v1
kind: Pod
metadata: {name: shell}
spec:
  containers:
  - name: shell
    image: busybox:1.36
    securityContext: {privileged: true}
---
apiVersion: v1
kind: Pod
metadata: {name: quiet}
spec:
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: quiet
    image: registry.example/quiet:1
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
`

for (const level of ['baseline', 'restricted'])
  for (const { object, line, version, allowed, violations } of evaluate(manifests, { level, pssVersion: 'v1.33' }).workloads) {
    console.log(`line ${line}  ${object.kind}/${object.name}  ${level}:${version}  ${allowed ? 'allowed' : 'refused'}`)
    for (const { check, reason, issues } of violations)
      for (const { container, field, found } of issues) console.log(`  ${check}: ${reason} (${container ?? 'the pod'}: ${field} is ${found})`)
  }

// An object works as well as a text.
const { workloads } = evaluate({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bare' }, spec: { containers: [{ name: 'bare', image: 'busybox' }] } })
console.log(`${workloads[0].object.name}: ${workloads[0].violations.length} violations of ${workloads[0].level}`)
