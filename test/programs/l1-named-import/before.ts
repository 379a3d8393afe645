import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { KubeDeployment } from './imports/k8s';

export class Web extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const labels = { app: 'web' };

    new KubeDeployment(this, 'web', {
      metadata: { name: 'web', labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            // one container
            containers: [
              {
                name: 'nginx',
                image: 'nginx:1.27', // pinned
              }, // the only one
            ],
          },
        },
      },
    });
  }
}
