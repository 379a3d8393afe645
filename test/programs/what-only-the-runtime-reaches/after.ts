import { Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-33';
import { KubeDeployment, KubeDeploymentProps } from './imports/k8s';
import { common, podSpec } from './common';

export function make(chart: Chart, props: KubeDeploymentProps, image: string) {
  new KubeDeployment(chart, 'props', props);
  new KubeDeployment(chart, 'call', { spec: podSpec(image) });
  new kplus.Deployment(chart, 'none');
  new kplus.Deployment(chart, 'context', { containers: [{ image: 'redis:7', securityContext: common }] });
  new kplus.Deployment(chart, 'image', { containers: [{ image, securityContext: { capabilities: { drop: [kplus.Capability.ALL] }, seccompProfile: { type: kplus.SeccompProfileType.RUNTIME_DEFAULT } } }] });
}
