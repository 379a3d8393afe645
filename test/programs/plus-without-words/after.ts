import { Chart, ApiObject, JsonPatch } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-25';

export function make(chart: Chart) {
  const web = new Deployment(chart, 'web', {
    containers: [{ image: 'redis:7', securityContext: { user: 999, group: 999 } }],
  }); // the cache
  ApiObject.of(web).addJsonPatch(
    JsonPatch.add('/spec/template/spec/containers/0/securityContext/capabilities', { drop: ['ALL'] }),
    JsonPatch.add('/spec/template/spec/containers/0/securityContext/seccompProfile', { type: 'RuntimeDefault' }),
  );
  new Deployment(chart, 'nameless', {
    containers: [{ image: 'redis:7' }],
    securityContext: { user: 999, group: 999 },
  });
  return web;
}
