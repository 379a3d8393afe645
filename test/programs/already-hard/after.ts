import { Chart } from 'cdk8s';
import { Capability, Deployment, SeccompProfileType } from 'cdk8s-plus-33';

export function make(chart: Chart) {
  new Deployment(chart, 'web', {
    containers: [
      {
        image: 'corp.example/web:1',
        securityContext: {
          user: 4711,
          group: 4711,
          capabilities: { drop: [Capability.ALL] },
          seccompProfile: { type: SeccompProfileType.RUNTIME_DEFAULT },
        },
      },
    ],
  });
}
