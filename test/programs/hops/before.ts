import { Chart } from 'cdk8s';
import { KubeDeployment } from './imports/k8s';

const REPOSITORY = 'redis';
const image = `${REPOSITORY}:7`;

const spec = {
  containers: [
    {
      name: 'a',
      image,
    },
  ],
};

function podSpec(version: string) {
  return {
    containers: [
      {
        name: 'b',
        image: `nginxinc/nginx-unprivileged:${version}`,
      },
    ],
  };
}

export function make(chart: Chart) {
  new KubeDeployment(chart, 'one', { spec: { selector: {}, template: { spec } } });
  new KubeDeployment(chart, 'two', { spec: { selector: {}, template: { spec: podSpec('1.27') } } });
}
