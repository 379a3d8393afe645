import { Chart } from 'cdk8s';
import * as kp from 'cdk8s-plus-30';

export function make(chart: Chart) {
  new kp.Pod(chart, 'cache', {
    securityContext: { fsGroup: 999 },
    containers: [{
      image: 'redis:7',
      securityContext: {
        readOnlyRootFilesystem: true,
      },
    }],
  });
}
