import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import { Deployment, SeccompProfileType } from 'cdk8s-plus-33';
import { KubeDeployment } from './imports/k8s';

const root = { runAsUser: 0 };

export function make(chart: Chart) {
  new KubeDeployment(chart, 'chained', {
    spec: { selector: {}, template: { spec: { containers: [{ name: 'cache', image: 'redis:7' }], securityContext: { seccompProfile: { type: 'RuntimeDefault' } } } } },
  }).addJsonPatch(JsonPatch.add('/spec/template/spec/containers/0/securityContext', { runAsUser: 0 }));

  const stored = new KubeDeployment(chart, 'stored', {
    spec: { selector: {}, template: { spec: { containers: [{ name: 'cache', image: 'redis:7' }] } } },
  });
  const raw = ApiObject.of(stored);
  raw.addJsonPatch(JsonPatch.add('/spec/template/spec/containers/0/securityContext', root));

  const child = new Deployment(chart, 'child', { containers: [{ image: 'redis:7', securityContext: { seccompProfile: { type: SeccompProfileType.RUNTIME_DEFAULT } } }] });
  (child.node.defaultChild as ApiObject).addJsonPatch(JsonPatch.replace('/spec/template/spec/containers/0/securityContext/runAsNonRoot', false));

  // An item put in front of the others moves them.
  const moved = new KubeDeployment(chart, 'moved', {
    spec: { selector: {}, template: { spec: { containers: [{ name: 'cache', image: 'redis:7' }] } } },
  });
  moved.addJsonPatch(JsonPatch.add('/spec/template/spec/containers/0', { name: 'first', image: 'postgres:16' }));
}
