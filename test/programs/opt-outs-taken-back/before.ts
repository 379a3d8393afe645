import { Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-33';
import { KubeDeployment } from './imports/k8s';

export function make(chart: Chart) {
  new kplus.Deployment(chart, 'cache', {
    securityContext: { ensureNonRoot: false },
    containers: [
      {
        image: 'redis:7',
        securityContext: {
          ensureNonRoot: false,
          readOnlyRootFilesystem: false, // plugins are unpacked at start
          user: 0,
        },
      },
    ],
  });
  new KubeDeployment(chart, 'web', {
    spec: {
      selector: {},
      template: {
        spec: {
          securityContext: { runAsUser: 0 },
          containers: [
            {
              name: 'a',
              image: 'redis:7',
              securityContext: {
                readOnlyRootFilesystem: false,
              },
            },
          ],
        },
      },
    },
  });
}
