import { Chart } from 'cdk8s';
import { KubeDeployment } from './imports/k8s';

export function make(chart: Chart, debug: boolean) {
  const volumeMounts = [{ name: 'data', mountPath: '/data' }];
  if (debug) volumeMounts.push({ name: 'dump', mountPath: '/dump' });
  new KubeDeployment(chart, 'web', {
    spec: {
      selector: {},
      template: {
        spec: {
          containers: [
            {
              name: 'a',
              image: 'redis:7',
              volumeMounts,
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 999,
            runAsGroup: 999,
            seccompProfile: { type: 'RuntimeDefault' },
          },
        },
      },
    },
  });
}
