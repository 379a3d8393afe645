import { Chart } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-33';

enum Capability { Fly, Swim }

export function make(chart: Chart) {
  void Capability.Fly;
  new Deployment(chart, 'web', { containers: [{ image: 'redis:7' }] });
}
