import { Chart } from 'cdk8s';
import { KubeDeployment } from './imports/k8s';

interface Simple {
  name: string;
  image: string;
}

const securityContext = { runAsUser: 1000 } as const;

export function make(chart: Chart) {
  const container: Simple = { name: 'cache', image: 'redis:7' };
  new KubeDeployment(chart, 'local-type', { spec: { selector: {}, template: { spec: { containers: [container], securityContext: { runAsNonRoot: true, runAsUser: 999, runAsGroup: 999, seccompProfile: { type: 'RuntimeDefault' } } } } } });
  new KubeDeployment(chart, 'constant', { spec: { selector: {}, template: { spec: { containers: [{ name: 'cache', image: 'redis:7', securityContext }], securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } } } } });
}
