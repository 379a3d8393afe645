import { Chart, ApiObject, JsonPatch } from 'cdk8s';
import { Deployment, Volume } from 'cdk8s-plus-21';

export function make(chart: Chart, small: boolean) {
  if (small) new Deployment(chart, 'small', { containers: [{ image: 'redis:7', securityContext: { readOnlyRootFilesystem: true }, volumeMounts: [{ path: '/data', volume: Volume.fromEmptyDir('data') }] }], securityContext: { ensureNonRoot: true, user: 999, group: 999 } });
  if (!small) {
    const large = new Deployment(chart, 'large', { containers: [{ image: 'redis:7', securityContext: { group: 999, readOnlyRootFilesystem: true }, volumeMounts: [{ path: '/data', volume: Volume.fromEmptyDir('data') }] }], securityContext: { ensureNonRoot: true, user: 999 } });
    ApiObject.of(large).addJsonPatch(
      JsonPatch.add('/spec/template/spec/securityContext/seccompProfile', { type: 'RuntimeDefault' }),
    );
    if (process.env.AGENT) large.addContainer({ image: 'corp.example/agent:1', securityContext: { readOnlyRootFilesystem: true }, volumeMounts: [{ path: '/tmp', volume: Volume.fromEmptyDir('tmp') }] });
  }
}
