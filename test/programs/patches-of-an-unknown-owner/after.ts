import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import { KubeDeployment } from './imports/k8s';

export function asRoot(object: ApiObject) {
  object.addJsonPatch(JsonPatch.add('/spec/template/spec/securityContext', { runAsUser: 0 }));
}

export function make(chart: Chart) {
  new KubeDeployment(chart, 'cache', { spec: { selector: {}, template: { spec: { containers: [{ name: 'cache', image: 'redis:7' }] } } } });
}
