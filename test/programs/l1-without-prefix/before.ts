import { Chart } from 'cdk8s';
import { Deployment, CronJob } from './imports/k8s';

export class C extends Chart {
  constructor(scope: any, id: string) {
    super(scope, id);
    new Deployment(this, 'web', { spec: { selector: {}, template: { spec: { containers: [{ name: 'a', image: 'busybox:1.37' }] } } } });
    new CronJob(this, 'job', {
      spec: {
        schedule: '@daily',
        jobTemplate: {
          spec: {
            template: {
              spec: {
                restartPolicy: 'Never',
                containers: [
                  { name: 'a', image: 'busybox:1.37' },
                ],
              },
            },
          },
        },
      },
    });
  }
}
