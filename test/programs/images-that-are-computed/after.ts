import { Chart } from 'cdk8s';
import { KubeDeployment } from './imports/k8s';

export function make(chart: Chart, image: string) {
  new KubeDeployment(chart, 'computed', { spec: { selector: {}, template: { spec: { containers: [{ name: 'main', image, securityContext: { allowPrivilegeEscalation: false } }], securityContext: { seccompProfile: { type: 'RuntimeDefault' } } } } } });
  new KubeDeployment(chart, 'non-root', {
    spec: { selector: {}, template: { spec: { securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } }, containers: [{ name: 'main', image, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }] } } },
  });
}
