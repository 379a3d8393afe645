import { App, Chart } from 'cdk8s';
import { CacheChart } from './charts/cache';
import { FrontChart } from './charts/front';
import { Worker } from './charts/worker';

const app = new App();
new FrontChart(app, 'front');
new CacheChart(app, 'cache');
new Worker(new Chart(app, 'mails'), 'mails', { image: 'corp.example/mails:3', queue: 'mails' });
app.synth();
