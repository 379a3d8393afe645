import { Chart } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-33';
import type { Capability } from 'cdk8s-plus-33';

export type Wanted = readonly Capability[];

export function make(chart: Chart) {
  new Deployment(chart, 'cache', { containers: [{ image: 'redis:7' }] });
}
