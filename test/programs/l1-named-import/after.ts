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
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ['ALL'] },
                  readOnlyRootFilesystem: true,
                },
                volumeMounts: [
                  { name: 'cache-nginx', mountPath: '/var/cache/nginx' },
                  { name: 'run', mountPath: '/run' },
                ],
              }, // the only one
            ],
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 101,
              runAsGroup: 101,
              seccompProfile: { type: 'RuntimeDefault' },
              sysctls: [
                { name: 'net.ipv4.ip_unprivileged_port_start', value: '0' },
              ],
            },
            volumes: [
              { name: 'cache-nginx', emptyDir: {} },
              { name: 'run', emptyDir: {} },
            ],
          },
        },
      },
    });
  }
}
