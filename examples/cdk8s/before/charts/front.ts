import { Chart, ChartProps } from 'cdk8s';
import { Construct } from 'constructs';
import { IntOrString, KubeDeployment, KubeService } from '../imports/k8s';

const VERSION = '1.27';

/** The web server, with the classes that cdk8s generates from the Kubernetes API. */
export class FrontChart extends Chart {
  constructor(scope: Construct, id: string, props: ChartProps = {}) {
    super(scope, id, props);
    const labels = { app: 'front' };

    new KubeDeployment(this, 'front', {
      metadata: { name: 'front', labels },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [
              {
                name: 'nginx',
                image: `nginx:${VERSION}`, // renovate: datasource=docker
                ports: [{ containerPort: 80 }],
              },
            ],
          },
        },
      },
    });

    new KubeService(this, 'service', {
      spec: { selector: labels, ports: [{ port: 80, targetPort: IntOrString.fromNumber(80) }] },
    });
  }
}
