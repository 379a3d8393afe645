import { Chart } from 'cdk8s';
import { KubeDeployment } from './imports/k8s';

export function make(chart: Chart, props: { debug: boolean; more?: any[]; extra: any }) {
  new KubeDeployment(chart, 'known-keys', {
    spec: {
      selector: {},
      template: {
        spec: {
          containers: [
            {
              name: 'a',
              image: 'redis:7',
              ...(props.debug ? { env: [{ name: 'DEBUG', value: '1' }] } : {}),
            },
          ],
        },
      },
    },
  });
  new KubeDeployment(chart, 'unknown-keys', {
    spec: { selector: {}, template: { spec: { containers: [{ name: 'a', image: 'redis:7', ...props.extra }] } } },
  });
  new KubeDeployment(chart, 'foreign-items', {
    spec: { selector: {}, template: { spec: { containers: [{ name: 'a', image: 'redis:7' }, ...(props.more ?? [])] } } },
  });
}
