import { Chart } from 'cdk8s';
import { KubeDeployment } from './imports/k8s';

export function make(chart: Chart) {
  new KubeDeployment(chart, 'web', {
    spec: {
      selector: {},
      template: {
        spec: {
          containers: [
            { name: 'a', image: 'redis:7', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true }, volumeMounts: [{ name: 'data', mountPath: '/data' }] },
          ],
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 999,
            runAsGroup: 999,
          },
          volumes: [
            { name: 'data', emptyDir: {} },
          ],
        },
      },
    },
  });
}
