import { Chart } from 'cdk8s';
import { Container, KubeDeployment } from './imports/k8s';

type Open<T> = { -readonly [K in keyof T]: T[K] };

function withAgent(list: Container[]) {
  list.push({ name: 'agent', image: 'postgres:16' });
}

export function make(chart: Chart) {
  const byIndex: Open<Container>[] = [{ name: 'cache', image: 'redis:7' }];
  byIndex[0]!.securityContext = { runAsUser: 0 };
  new KubeDeployment(chart, 'by-index', { spec: { selector: {}, template: { spec: { containers: byIndex } } } });

  const given: Container[] = [{ name: 'cache', image: 'redis:7' }];
  withAgent(given);
  new KubeDeployment(chart, 'given', { spec: { selector: {}, template: { spec: { containers: given } } } });

  const assigned: Container = { name: 'cache', image: 'redis:7' };
  Object.assign(assigned, { securityContext: { runAsUser: 0 } });
  new KubeDeployment(chart, 'assigned', { spec: { selector: {}, template: { spec: { containers: [assigned] } } } });

  const cast = { name: 'cache', image: 'redis:7' };
  if (process.env.ROOT) (cast as any).securityContext = { runAsUser: 0 };
  new KubeDeployment(chart, 'cast', { spec: { selector: {}, template: { spec: { containers: [cast] } } } });

  const spec: any = { containers: [{ name: 'cache', image: 'redis:7' }] };
  spec['securityContext'] = { runAsUser: 0 };
  new KubeDeployment(chart, 'by-key', { spec: { selector: {}, template: { spec } } });

  const each: Open<Container>[] = [{ name: 'cache', image: 'redis:7' }];
  each.forEach((container) => {
    container.securityContext = { runAsUser: 0 };
  });
  new KubeDeployment(chart, 'each', { spec: { selector: {}, template: { spec: { containers: each } } } });

  const gone: any = { spec: { containers: [{ name: 'cache', image: 'redis:7' }] } };
  delete gone.spec;
  new KubeDeployment(chart, 'gone', { spec: { selector: {}, template: gone } });
}
