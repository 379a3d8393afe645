import { Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-33';

function withAgent(deployment: kplus.Deployment) {
  deployment.addContainer({ name: 'agent', image: 'corp.example/agent:1' });
}

export function make(chart: Chart) {
  const given = new kplus.Deployment(chart, 'given', { containers: [{ image: 'redis:7' }] });
  withAgent(given);

  let either = new kplus.Deployment(chart, 'first', {});
  either.addContainer({ image: 'redis:7' });
  either = new kplus.Deployment(chart, 'second', {});
  either.addContainer({ image: 'postgres:16', portNumber: 5432 });

  return new kplus.Deployment(chart, 'returned', { containers: [{ image: 'redis:7' }] });
}
