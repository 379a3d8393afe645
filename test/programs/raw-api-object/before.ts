import { ApiObject, Chart } from 'cdk8s';

export function make(chart: Chart) {
	new ApiObject(chart, 'web', {
		apiVersion: 'apps/v1',
		kind: 'Deployment',
		metadata: { name: 'web', namespace: 'shop' },
		spec: {
			template: {
				spec: {
					containers: [
						{
							name: 'web',
							image: 'nginxinc/nginx-unprivileged:1.27',
						},
					],
				},
			},
		},
	});
	new ApiObject(chart, 'map', { apiVersion: 'v1', kind: 'ConfigMap', data: {} });
}
