import { Chart } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-25';

export function make(chart: Chart) {
  const web = new Deployment(chart, 'web', {
    containers: [{ image: 'redis:7' }],
  }); // the cache
  new Deployment(chart, 'nameless', {
    containers: [{ image: 'redis:7' }],
  });
  return web;
}
