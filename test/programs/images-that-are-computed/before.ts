import { Chart } from 'cdk8s';
import { KubeDeployment } from './imports/k8s';

export function make(chart: Chart, image: string) {
  new KubeDeployment(chart, 'computed', { spec: { selector: {}, template: { spec: { containers: [{ name: 'main', image }] } } } });
  new KubeDeployment(chart, 'non-root', {
    spec: { selector: {}, template: { spec: { securityContext: { runAsNonRoot: true, runAsUser: 1000 }, containers: [{ name: 'main', image }] } } },
  });
}
