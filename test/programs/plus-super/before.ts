import { Construct } from 'constructs';
import { StatefulSet, Service } from 'cdk8s-plus-33';

export class Redis extends StatefulSet {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      service: new Service(scope, `${id}-svc`, { ports: [{ port: 6379 }] }),
      containers: [
        {
          image: 'redis:7',
        }
      ]
    });
  }
}
