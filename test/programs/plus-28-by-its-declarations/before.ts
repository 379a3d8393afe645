import { Chart } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';

export function make(chart: Chart) {
  new Deployment(chart, 'web', {
    containers: [
      { image: 'redis:7' },
    ],
  });
}
