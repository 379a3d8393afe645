import { Chart } from 'cdk8s';
import { KubeDeployment } from './imports/k8s';

interface Simple {
  name: string;
  image: string;
}

const securityContext = { runAsUser: 1000 } as const;

export function make(chart: Chart) {
  const container: Simple = { name: 'cache', image: 'redis:7' };
  new KubeDeployment(chart, 'local-type', { spec: { selector: {}, template: { spec: { containers: [container] } } } });
  new KubeDeployment(chart, 'constant', { spec: { selector: {}, template: { spec: { containers: [{ name: 'cache', image: 'redis:7', securityContext }] } } } });
}
