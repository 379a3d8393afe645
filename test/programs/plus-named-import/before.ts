import { Chart } from 'cdk8s';
import {
  Deployment,
  EnvValue,
} from 'cdk8s-plus-33';

export function make(chart: Chart) {
  new Deployment(chart, 'cache', {
    containers: [
      {
        image: 'redis:7',
        portNumber: 6379,
        envVariables: { TZ: EnvValue.fromValue('UTC') },
      },
    ],
  });
}
