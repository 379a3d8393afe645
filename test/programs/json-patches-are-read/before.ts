import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import * as kplus from 'cdk8s-plus-33';

export function make(chart: Chart) {
  const web = new kplus.Deployment(chart, 'web', { containers: [{ image: 'redis:7' }] });
  ApiObject.of(web).addJsonPatch(JsonPatch.add('/spec/template/spec/securityContext/seccompProfile', { type: 'RuntimeDefault' }));
  const other = new kplus.Deployment(chart, 'other', { containers: [{ image: 'redis:7' }] });
  const index = 0;
  ApiObject.of(other).addJsonPatch(JsonPatch.remove(`/spec/template/spec/containers/${index}/ports`));
}
