import { Chart } from 'cdk8s';
import { Rollout, RolloutSpec } from './imports/argoproj.io';

export function make(chart: Chart) {
  new Rollout(chart, 'web', {
    spec: {
      template: {
        spec: {
          containers: [{ name: 'web', image: 'redis:7' }],
        },
      },
    } as RolloutSpec,
  });
}
