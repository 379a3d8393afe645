import { Chart } from 'cdk8s';
import { Deployment, Volume } from 'cdk8s-plus-21';

export function make(chart: Chart) {
  new Deployment(chart, 'web', {
    containers: [
      {
        image: 'redis:7',
        securityContext: { readOnlyRootFilesystem: true },
        volumeMounts: [{ path: '/data', volume: Volume.fromEmptyDir('data') }],
      },
    ],
    securityContext: {
      ensureNonRoot: true,
      user: 999,
      group: 999,
    },
  });
}
