import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import * as kplus from 'cdk8s-plus-33';
import { KubeDeployment, KubePod } from './imports/k8s';

export class Web extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);

    // podharden-ignore all: replaced next week
    new KubePod(this, 'old', { spec: { containers: [{ name: 'old', image: 'nginx:1.27' }] } });

    new KubeDeployment(this, 'web', {
      metadata: { name: 'web', annotations: { 'podharden.io/skip': 'set-read-only-root-filesystem: writes everywhere' } },
      spec: {
        selector: {},
        template: {
          spec: {
            containers: [
              {
                name: 'nginx',
                image: 'nginx:1.27', // podharden-ignore drop-all-capabilities: needs chown at start
              },
              // podharden-ignore require-run-as-non-root: reads the logs of the node
              {
                name: 'log',
                image: 'fluent/fluent-bit:3.1',
              },
            ],
          },
        },
      },
    });

    /* podharden-ignore set-read-only-root: a name cut short */
    new kplus.Deployment(this, 'plus', {
      containers: [
        {
          name: 'app',
          image: 'redis:7',
        },
      ],
    });
  }
}
