import * as kplus from 'cdk8s-plus-33';
import { Construct } from 'constructs';

export interface WorkerProps {
  readonly image: string;
  readonly queue: string;
}

/** A construct that several charts use: its image is chosen where it is used. */
export class Worker extends Construct {
  constructor(scope: Construct, id: string, props: WorkerProps) {
    super(scope, id);
    const worker = new kplus.Deployment(this, 'worker', { replicas: 1 });
    worker.addContainer({
      image: props.image,
      envVariables: { QUEUE: kplus.EnvValue.fromValue(props.queue) },
      securityContext: {
        capabilities: { drop: [kplus.Capability.ALL] },
        seccompProfile: { type: kplus.SeccompProfileType.RUNTIME_DEFAULT },
      },
    });
  }
}
