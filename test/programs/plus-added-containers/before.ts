import { Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-33';

export class C extends Chart {
  readonly web: kplus.Deployment;

  constructor(scope: any, id: string) {
    super(scope, id);
    const job = new kplus.Deployment(this, 'worker', { replicas: 1 });
    job.addContainer({
      image: 'corp.example/worker:1',
    });
    this.web = new kplus.Deployment(this, 'web');
    const other = new kplus.Deployment(this, 'other', {});
    other.addInitContainer({ name: 'wait', image: 'busybox:1.37', command: ['true'] });
    other.addContainer({ image: 'redis:7' });
  }
}
