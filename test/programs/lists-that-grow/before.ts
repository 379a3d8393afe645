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
            },
          ],
        },
      },
    },
  });
}
