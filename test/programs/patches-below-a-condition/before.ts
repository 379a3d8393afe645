import { Chart } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-21';

export function make(chart: Chart, small: boolean) {
  if (small) new Deployment(chart, 'small', { containers: [{ image: 'redis:7' }] });
  if (!small) {
    const large = new Deployment(chart, 'large', { containers: [{ image: 'redis:7' }] });
    if (process.env.AGENT) large.addContainer({ image: 'corp.example/agent:1' });
  }
}
