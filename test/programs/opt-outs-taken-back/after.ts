import { Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-33';
import { KubeDeployment } from './imports/k8s';

export function make(chart: Chart) {
  new kplus.Deployment(chart, 'cache', {
    securityContext: { user: 999, group: 999 },
    containers: [
      {
        image: 'redis:7',
        securityContext: {
          capabilities: { drop: [kplus.Capability.ALL] },
          seccompProfile: { type: kplus.SeccompProfileType.RUNTIME_DEFAULT },
          readOnlyRootFilesystem: false, // plugins are unpacked at start
        },
      },
    ],
  });
  new KubeDeployment(chart, 'web', {
    spec: {
      selector: {},
      template: {
        spec: {
          securityContext: { runAsUser: 999, runAsNonRoot: true, runAsGroup: 999, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'a',
              image: 'redis:7',
              securityContext: {
                readOnlyRootFilesystem: true,
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [
                { name: 'data', mountPath: '/data' },
              ],
            },
          ],
          volumes: [
            { name: 'data', emptyDir: {} },
          ],
        },
      },
    },
  });
}
