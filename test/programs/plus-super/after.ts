import { Construct } from 'constructs';
import { StatefulSet, Service, Capability, SeccompProfileType } from 'cdk8s-plus-33';

export class Redis extends StatefulSet {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      service: new Service(scope, `${id}-svc`, { ports: [{ port: 6379 }] }),
      containers: [
        {
          image: 'redis:7',
          securityContext: {
            capabilities: { drop: [Capability.ALL] },
            seccompProfile: { type: SeccompProfileType.RUNTIME_DEFAULT }
          },
        }
      ],
      securityContext: { user: 999, group: 999 }
    });
  }
}
