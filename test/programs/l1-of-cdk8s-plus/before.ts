import { Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-32';
import { k8s } from 'cdk8s-plus-32';

export function make(chart: Chart) {
  new kplus.k8s.KubePod(chart, 'one', { spec: { containers: [{ name: 'a', image: 'busybox:1.37' }] } });
  new k8s.KubeDaemonSet(chart, 'two', {
    spec: { selector: {}, template: { spec: { hostPid: true, containers: [{ name: 'a', image: 'busybox:1.37' }] } } },
  });
}
