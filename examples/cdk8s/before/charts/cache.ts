import { Chart, ChartProps } from 'cdk8s';
import { Deployment, ServiceType } from 'cdk8s-plus-33';
import { Construct } from 'constructs';

/** The cache, with cdk8s-plus. */
export class CacheChart extends Chart {
  constructor(scope: Construct, id: string, props: ChartProps = {}) {
    super(scope, id, props);
    const cache = new Deployment(this, 'cache', {
      containers: [
        {
          image: 'redis:7',
          portNumber: 6379,
        },
      ],
    });
    cache.exposeViaService({ serviceType: ServiceType.CLUSTER_IP });
  }
}
