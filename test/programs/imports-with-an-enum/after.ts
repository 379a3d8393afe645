import { Chart } from 'cdk8s';
import { KubeDeployment, IoK8SApiCoreV1SeccompProfileType } from './imports/k8s';

export function make(chart: Chart) {
  new KubeDeployment(chart, 'web', {
    spec: {
      selector: {},
      template: {
        spec: {
          containers: [{ name: 'a', image: 'redis:7', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true }, volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 999,
            runAsGroup: 999,
            seccompProfile: { type: IoK8SApiCoreV1SeccompProfileType.RUNTIME_DEFAULT },
          },
          volumes: [
            { name: 'data', emptyDir: {} },
          ],
        },
      },
    },
  });
}
