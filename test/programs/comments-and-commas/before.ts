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
            // securityContext: {},
          }] // the only one
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
            { name: 'cache' /* name */, image: 'redis:7' /* image */ },
          ] /* list */,
        },
      },
    },
  })
  new KubeDeployment(chart, 'replaced', {
    spec: {
      selector: {},
      template: { spec: { containers: [{ name: 'cache', image, securityContext: { /* nothing yet */ } }] } },
    },
  })
}
