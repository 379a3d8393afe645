import { Chart } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-33';

export function make(chart: Chart) {
  new Deployment(chart, 'linuxserver', {
    securityContext: { ensureNonRoot: false },
    containers: [
      {
        image: 'redis:7',
        securityContext: {
          ensureNonRoot: false,
          readOnlyRootFilesystem: false,
          user: 0,
        },
      },
    ],
  });
}
