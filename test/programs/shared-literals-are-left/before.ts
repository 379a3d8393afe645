import { Chart } from 'cdk8s';
import { KubeDeployment } from './imports/k8s';

const container = { name: 'a', image: 'redis:7' };
export const exported = { containers: [{ name: 'a', image: 'redis:7' }] };

export function make(chart: Chart) {
  new KubeDeployment(chart, 'one', { spec: { selector: {}, template: { spec: { containers: [container] } } } });
  new KubeDeployment(chart, 'two', { spec: { selector: {}, template: { spec: { containers: [container] } } } });
  new KubeDeployment(chart, 'three', { spec: { selector: {}, template: { spec: exported } } });
}
