import { KubeDeployment } from './imports/k8s';

export const web = new KubeDeployment(chart, 'web', { spec: { containers: [{ name: 'a', image: 'redis:7' }] );
