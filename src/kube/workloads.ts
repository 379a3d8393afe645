/**
 * Which kinds carry a pod spec, and where. A new kind is a new row: `group kind path`, `[]` for each item,
 * `*` for each key. Built from the API types and from the CRD schemas of the projects named.
 * Left out on purpose: kinds whose `containers` are merged into pods that an operator makes (Elastic,
 * VictoriaMetrics, Grafana, RabbitMQ, MinIO): a block written there replaces the operator's own defaults.
 */
import type { FieldsAllowed, ObjectRef, Path, WorkloadKind } from '../types.ts'

interface Row {
  readonly path: readonly string[]
  readonly allows: FieldsAllowed
}

const BOTH = `
 Pod spec
 PodTemplate template.spec
 ReplicationController spec.template.spec
 DeploymentConfig spec.template.spec
apps Deployment spec.template.spec
apps StatefulSet spec.template.spec
apps DaemonSet spec.template.spec
apps ReplicaSet spec.template.spec
apps Pod spec
extensions Deployment spec.template.spec
extensions DaemonSet spec.template.spec
extensions ReplicaSet spec.template.spec
batch Job spec.template.spec
batch CronJob spec.jobTemplate.spec.template.spec
apps.openshift.io DeploymentConfig spec.template.spec
argoproj.io Rollout spec.template.spec
argoproj.io Experiment spec.templates[].template.spec
argoproj.io AnalysisTemplate spec.metrics[].provider.job.spec.template.spec
argoproj.io ClusterAnalysisTemplate spec.metrics[].provider.job.spec.template.spec
argoproj.io AnalysisRun spec.metrics[].provider.job.spec.template.spec
ray.io RayCluster spec.headGroupSpec.template.spec spec.workerGroupSpecs[].template.spec
ray.io RayJob spec.rayClusterSpec.headGroupSpec.template.spec spec.rayClusterSpec.workerGroupSpecs[].template.spec spec.submitterPodTemplate.spec
ray.io RayService spec.rayClusterConfig.headGroupSpec.template.spec spec.rayClusterConfig.workerGroupSpecs[].template.spec
ray.io RayCronJob spec.jobTemplate.rayClusterSpec.headGroupSpec.template.spec spec.jobTemplate.rayClusterSpec.workerGroupSpecs[].template.spec spec.jobTemplate.submitterPodTemplate.spec
batch.volcano.sh Job spec.tasks[].template.spec
batch.volcano.sh CronJob spec.jobTemplate.spec.tasks[].template.spec
flow.volcano.sh JobTemplate spec.tasks[].template.spec
flow.volcano.sh JobFlow spec.flows[].patch.jobSpec.tasks[].template.spec
apps.kruise.io CloneSet spec.template.spec
apps.kruise.io DaemonSet spec.template.spec
apps.kruise.io StatefulSet spec.template.spec
apps.kruise.io BroadcastJob spec.template.spec
apps.kruise.io AdvancedCronJob spec.template.broadcastJobTemplate.spec.template.spec spec.template.jobTemplate.spec.template.spec
apps.kruise.io UnitedDeployment spec.template.advancedStatefulSetTemplate.spec.template.spec spec.template.cloneSetTemplate.spec.template.spec spec.template.statefulSetTemplate.spec.template.spec spec.template.deploymentTemplate.spec.template.spec
keda.sh ScaledJob spec.jobTargetRef.template.spec
flink.apache.org FlinkDeployment spec.podTemplate.spec spec.jobManager.podTemplate.spec spec.taskManager.podTemplate.spec
flink.apache.org FlinkBlueGreenDeployment spec.template.spec.podTemplate.spec spec.template.spec.jobManager.podTemplate.spec spec.template.spec.taskManager.podTemplate.spec
jobset.x-k8s.io JobSet spec.replicatedJobs[].template.spec.template.spec
leaderworkerset.x-k8s.io LeaderWorkerSet spec.leaderWorkerTemplate.leaderTemplate.spec spec.leaderWorkerTemplate.workerTemplate.spec
disaggregatedset.x-k8s.io DisaggregatedSet spec.roles[].spec.leaderWorkerTemplate.leaderTemplate.spec spec.roles[].spec.leaderWorkerTemplate.workerTemplate.spec
trainer.kubeflow.org ClusterTrainingRuntime spec.template.spec.replicatedJobs[].template.spec.template.spec
trainer.kubeflow.org TrainingRuntime spec.template.spec.replicatedJobs[].template.spec.template.spec
kubeflow.org TrainingRuntime spec.template.spec.replicatedJobs[].template.spec.template.spec
kubeflow.org ClusterTrainingRuntime spec.template.spec.replicatedJobs[].template.spec.template.spec
kubeflow.org Notebook spec.template.spec
kubeflow.org PVCViewer spec.podSpec
kubeflow.org JAXJob spec.jaxReplicaSpecs.*.template.spec
kubeflow.org MPIJob spec.mpiReplicaSpecs.*.template.spec
kubeflow.org PaddleJob spec.paddleReplicaSpecs.*.template.spec
kubeflow.org PyTorchJob spec.pytorchReplicaSpecs.*.template.spec
kubeflow.org TFJob spec.tfReplicaSpecs.*.template.spec
kubeflow.org XGBoostJob spec.xgbReplicaSpecs.*.template.spec
actions.github.com AutoscalingRunnerSet spec.template.spec spec.listenerTemplate.spec
actions.github.com AutoscalingListener spec.template.spec
actions.github.com EphemeralRunner spec.spec
actions.github.com EphemeralRunnerSet spec.ephemeralRunnerSpec.spec
actions.summerwind.dev RunnerSet spec.template.spec
operators.coreos.com ClusterServiceVersion spec.install.spec.deployments[].spec.template.spec
serving.kserve.io InferenceService spec.predictor spec.transformer spec.explainer
serving.kserve.io LLMInferenceService spec.template spec.worker spec.prefill.template spec.prefill.worker spec.router.scheduler.template
serving.kserve.io LLMInferenceServiceConfig spec.template spec.worker spec.prefill.template spec.prefill.worker spec.router.scheduler.template
sources.knative.dev ContainerSource spec.template.spec
spark.apache.org SparkApplication spec.driverSpec.podTemplateSpec.spec spec.executorSpec.podTemplateSpec.spec
spark.apache.org SparkCluster spec.masterSpec.statefulSetSpec.template.spec spec.workerSpec.statefulSetSpec.template.spec
sparkoperator.k8s.io SparkApplication spec.driver.template.spec spec.executor.template.spec
sparkoperator.k8s.io ScheduledSparkApplication spec.template.driver.template.spec spec.template.executor.template.spec
`

const CONTAINER = `
serving.knative.dev Service spec.template.spec
serving.knative.dev Configuration spec.template.spec
serving.knative.dev Revision spec
serving.kserve.io ServingRuntime spec
serving.kserve.io ClusterServingRuntime spec
`

/** The operator gives these pods a full security context when the block is absent, so only an existing one is completed. */
const POD = `
monitoring.coreos.com Prometheus spec
monitoring.coreos.com PrometheusAgent spec
monitoring.coreos.com Alertmanager spec
monitoring.coreos.com ThanosRuler spec
`

const TABLE = new Map<string, Row[]>()
for (const [text, allows] of [
  [BOTH, 'both'],
  [CONTAINER, 'container'],
  [POD, 'pod'],
] as const) {
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [group, kind, ...paths] = line.split(' ')
    TABLE.set(
      `${group}/${kind}`,
      paths.map((path) => ({ path: steps(path), allows })),
    )
  }
}

function steps(path: string): readonly string[] {
  return path.replaceAll('[]', '.[]').split('.')
}

export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash === -1 ? '' : apiVersion.slice(0, slash)
}

/** Where an object of this kind keeps pod specs; empty when it has none. `own`: kinds of the user, which count before the table. */
export function podSpecPaths(object: Pick<ObjectRef, 'apiVersion' | 'kind'>, own: readonly WorkloadKind[] = []): readonly Row[] {
  const group = groupOf(object.apiVersion)
  const rows = own.filter((one) => one.kind === object.kind && one.group === group)
  if (rows.length > 0) return rows.map(({ path, fields }) => ({ path: steps(path), allows: fields }))
  return TABLE.get(`${group}/${object.kind}`) ?? []
}

/** The metadata of the pod beside a pod spec, or undefined where there is none (`spec.podSpec`, a pod only kind). */
export function metadataBeside(spec: Path, allows: FieldsAllowed): Path | undefined {
  return allows === 'pod' || spec.at(-1) !== 'spec' ? undefined : [...spec.slice(0, -1), 'metadata']
}

/** Typed lists (`DeploymentList`): what its items are. `List` and unknown lists give undefined. */
export function itemKind(apiVersion: string, kind: string, own: readonly WorkloadKind[] = []): ObjectRef | undefined {
  if (!kind.endsWith('List') || kind === 'List') return undefined
  const item = { apiVersion, kind: kind.slice(0, -4), name: '' }
  return podSpecPaths(item, own).length === 0 ? undefined : item
}
