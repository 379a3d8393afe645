import { Chart } from 'cdk8s';
import { KubeDeployment } from './imports/k8s';

const REPOSITORY = 'redis';
const image = `${REPOSITORY}:7`;

const spec = {
  containers: [
    {
      name: 'a',
      image,
      securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
      },
      volumeMounts: [
        { name: 'data', mountPath: '/data' },
      ],
    },
  ],
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 999,
    runAsGroup: 999,
    seccompProfile: { type: 'RuntimeDefault' },
  },
  volumes: [
    { name: 'data', emptyDir: {} },
  ],
};

function podSpec(version: string) {
  return {
    containers: [
      {
        name: 'b',
        image: `nginxinc/nginx-unprivileged:${version}`,
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: true,
        },
        volumeMounts: [
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    ],
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 101,
      runAsGroup: 101,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumes: [
      { name: 'tmp', emptyDir: {} },
    ],
  };
}

export function make(chart: Chart) {
  new KubeDeployment(chart, 'one', { spec: { selector: {}, template: { spec } } });
  new KubeDeployment(chart, 'two', { spec: { selector: {}, template: { spec: podSpec('1.27') } } });
}
