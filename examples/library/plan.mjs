/** What would be changed, field by field, without changing anything. Run it with `node examples/library/plan.mjs`. */
import { plan } from 'podharden'

const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: cache}
spec:
  selector: {matchLabels: {app: cache}}
  template:
    metadata: {labels: {app: cache}}
    spec:
      hostNetwork: true
      containers:
      - {name: memcached, image: "memcached:1.6"}
`

const { changes, findings } = plan(manifest, { level: 'restricted' })

for (const { object, changes: wanted } of changes)
  for (const change of wanted)
    console.log(`${object.kind}/${object.name}: ${change.op} ${change.path.join('.')}${change.op === 'remove' ? '' : ` ${JSON.stringify(change.value)}`}`)
// What the author chose is never overruled: a person decides.
for (const finding of findings) if (finding.outcome === 'review') console.log(`to ${finding.severity}: ${finding.message}. ${finding.todo}`)
