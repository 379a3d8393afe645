import { Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-33';

export class C extends Chart {
  readonly web: kplus.Deployment;

  constructor(scope: any, id: string) {
    super(scope, id);
    const job = new kplus.Deployment(this, 'worker', { replicas: 1 });
    job.addContainer({
      image: 'corp.example/worker:1',
      securityContext: {
        capabilities: { drop: [kplus.Capability.ALL] },
        seccompProfile: { type: kplus.SeccompProfileType.RUNTIME_DEFAULT },
      },
    });
    this.web = new kplus.Deployment(this, 'web');
    const other = new kplus.Deployment(this, 'other', {});
    other.addInitContainer({ name: 'wait', image: 'busybox:1.37', command: ['true'], securityContext: { capabilities: { drop: [kplus.Capability.ALL] }, seccompProfile: { type: kplus.SeccompProfileType.RUNTIME_DEFAULT } } });
    other.addContainer({ image: 'redis:7', securityContext: { user: 999, group: 999, capabilities: { drop: [kplus.Capability.ALL] }, seccompProfile: { type: kplus.SeccompProfileType.RUNTIME_DEFAULT } } });
  }
}
