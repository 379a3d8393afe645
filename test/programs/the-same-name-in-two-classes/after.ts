import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { KubeDeployment } from './imports/k8s';

class First extends Chart {
  private readonly deployment: KubeDeployment;
  constructor(app: App) {
    super(app, 'first');
    this.deployment = new KubeDeployment(this, 'one', { spec: { selector: {}, template: { spec: { containers: [{ name: 'cache', image: 'redis:7', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true }, volumeMounts: [{ name: 'data', mountPath: '/data' }] }], securityContext: { runAsNonRoot: true, runAsUser: 999, runAsGroup: 999, seccompProfile: { type: 'RuntimeDefault' } }, volumes: [{ name: 'data', emptyDir: {} }] } } } });
  }
}

class Second extends Chart {
  private readonly deployment: KubeDeployment;
  constructor(app: App) {
    super(app, 'second');
    this.deployment = new KubeDeployment(this, 'two', { spec: { selector: {}, template: { spec: { containers: [{ name: 'cache', image: 'redis:7', securityContext: { allowPrivilegeEscalation: false } }] } } } });
    this.deployment.addJsonPatch(JsonPatch.add('/spec/template/spec/securityContext', { runAsUser: 0 }));
  }
}
