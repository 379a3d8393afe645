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
				},
			},
		},
	});
	new ApiObject(chart, 'map', { apiVersion: 'v1', kind: 'ConfigMap', data: {} });
}
