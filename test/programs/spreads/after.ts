import { Chart } from 'cdk8s';
import { KubeDeployment } from './imports/k8s';

export function make(chart: Chart, props: { debug: boolean; more?: any[]; extra: any }) {
  new KubeDeployment(chart, 'known-keys', {
    spec: {
      selector: {},
      template: {
        spec: {
          containers: [
            {
              name: 'a',
              image: 'redis:7',
              ...(props.debug ? { env: [{ name: 'DEBUG', value: '1' }] } : {}),
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'] },
                readOnlyRootFilesystem: true,
              },
              volumeMounts: [
                { name: 'data', mountPath: '/data' },
              ],
            },
          ],
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 999,
            runAsGroup: 999,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          volumes: [
            { name: 'data', emptyDir: {} },
          ],
        },
      },
    },
  });
  new KubeDeployment(chart, 'unknown-keys', {
    spec: { selector: {}, template: { spec: { containers: [{ name: 'a', image: 'redis:7', ...props.extra }] } } },
  });
  new KubeDeployment(chart, 'foreign-items', {
    spec: { selector: {}, template: { spec: { containers: [{ name: 'a', image: 'redis:7', securityContext: { runAsNonRoot: true, runAsUser: 999, runAsGroup: 999, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true, seccompProfile: { type: 'RuntimeDefault' } }, volumeMounts: [{ name: 'data', mountPath: '/data' }] }, ...(props.more ?? [])], volumes: [{ name: 'data', emptyDir: {} }] } } },
  });
}
