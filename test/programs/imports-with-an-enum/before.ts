import { Chart } from 'cdk8s';
import { KubeDeployment } from './imports/k8s';

export function make(chart: Chart) {
  new KubeDeployment(chart, 'web', {
    spec: {
      selector: {},
      template: {
        spec: {
          containers: [{ name: 'a', image: 'redis:7' }],
        },
      },
    },
  });
}
