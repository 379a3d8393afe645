import { Chart } from 'cdk8s'
import { KubeDeployment } from './imports/k8s'

const image = 'redis:7'

export function make(chart: Chart) {
  new KubeDeployment(chart, 'lines', {
    spec: {
      selector: {},
      template: {
        spec: {
          containers: [{
            name: 'cache',
            image, /* over
            two lines */ // and one more
            securityContext: {
              allowPrivilegeEscalation: false,
              capabilities: { drop: ['ALL'] },
              readOnlyRootFilesystem: true,
            },
            volumeMounts: [
              { name: 'data', mountPath: '/data' },
            ],
            // securityContext: {},
          }], // the only one
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 999,
            runAsGroup: 999,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          volumes: [
            { name: 'data', emptyDir: {} },
          ]
        },
      },
    },
  })
  new KubeDeployment(chart, 'before-the-comma', {
    spec: {
      selector: {},
      template: {
        spec: {
          containers: [
            // first
            { name: 'cache' /* name */, image: 'redis:7', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true }, volumeMounts: [{ name: 'data', mountPath: '/data' }] /* image */ },
          ] /* list */,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 999,
            runAsGroup: 999,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          volumes: [
            { name: 'data', emptyDir: {} },
          ],
        },
      },
    },
  })
  new KubeDeployment(chart, 'replaced', {
    spec: {
      selector: {},
      template: { spec: { containers: [{ name: 'cache', image, securityContext: { /* nothing yet */ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true }, volumeMounts: [{ name: 'data', mountPath: '/data' }] }], securityContext: { runAsNonRoot: true, runAsUser: 999, runAsGroup: 999, seccompProfile: { type: 'RuntimeDefault' } }, volumes: [{ name: 'data', emptyDir: {} }] } },
    },
  })
}
