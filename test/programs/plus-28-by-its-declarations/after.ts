import { Chart } from 'cdk8s';
import { Deployment, Capability, SeccompProfileType } from 'cdk8s-plus-28';

export function make(chart: Chart) {
  new Deployment(chart, 'web', {
    containers: [
      { image: 'redis:7', securityContext: { capabilities: { drop: [Capability.ALL] }, seccompProfile: { type: SeccompProfileType.RUNTIME_DEFAULT } } },
    ],
    securityContext: { user: 999, group: 999 },
  });
}
