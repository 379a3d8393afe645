import { Chart } from 'cdk8s';
import { Rollout, RolloutSpec } from './imports/argoproj.io';

export function make(chart: Chart) {
  new Rollout(chart, 'web', {
    spec: {
      template: {
        spec: {
          containers: [{ name: 'web', image: 'redis:7', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true }, volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
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
    } as RolloutSpec,
  });
}
