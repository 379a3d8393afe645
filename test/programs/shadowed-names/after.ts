import { Chart } from 'cdk8s';
import { KubeDeployment } from './imports/k8s';

const image = 'redis:7';
const container = { name: 'cache', image };

export function make(chart: Chart, container: { name: string; image: string }) {
  new KubeDeployment(chart, 'parameter', { spec: { selector: {}, template: { spec: { containers: [container] } } } });
}

export function all(chart: Chart) {
  for (const image of ['postgres:16', 'nginx:1.27'])
    new KubeDeployment(chart, 'loop', { spec: { selector: {}, template: { spec: { containers: [{ name: 'main', image, securityContext: { allowPrivilegeEscalation: false } }], securityContext: { seccompProfile: { type: 'RuntimeDefault' } } } } } });
  new KubeDeployment(chart, 'outer', { spec: { selector: {}, template: { spec: { containers: [container], securityContext: { runAsNonRoot: true, runAsUser: 999, runAsGroup: 999, seccompProfile: { type: 'RuntimeDefault' } } } } } });
}
