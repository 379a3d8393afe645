/**
 * What the checks of other tools mean in our words: `<tool> <transform> <id>…`. Behind a transform stands a field where
 * the check is about that field only, and `~` where it asks for more or less than the transform: such a word is
 * reported and has no effect. From the sources and documentation of the tools, 2026-11.
 *
 * https://github.com/stackrox/kube-linter/blob/main/docs/generated/checks.md
 * https://www.checkov.io/5.Policy%20Index/kubernetes.html
 * https://github.com/aquasecurity/trivy-checks/tree/main/checks/kubernetes
 * https://github.com/zegl/kube-score/blob/master/README_CHECKS.md
 * https://polaris.docs.fairwinds.com/checks/security/
 * https://github.com/Shopify/kubeaudit/tree/main/docs/auditors
 * https://github.com/datreeio/datree/blob/main/pkg/defaultRules/defaultRules.yaml
 * https://github.com/kubeshop/monokle-core/tree/main/packages/validation
 * https://github.com/semgrep/semgrep-rules/tree/develop/yaml/kubernetes/security
 * https://docs.kics.io/latest/queries/kubernetes-queries/
 */
export type Tool = 'kube-linter' | 'checkov' | 'trivy' | 'kube-score' | 'polaris' | 'kubeaudit' | 'datree' | 'monokle' | 'semgrep' | 'kics'

/** What a check of another tool is to us. */
export interface Meaning {
  readonly transform: string
  readonly field?: string
  /** It means the same control, or one field of it. */
  readonly isSame: boolean
}

const TABLE = `
kube-linter forbid-privileged privileged-container privileged
kube-linter forbid-host-access.hostNetwork host-network
kube-linter forbid-host-access.hostPID host-pid
kube-linter forbid-host-access.hostIPC host-ipc
kube-linter forbid-host-access~ sensitive-host-mounts writable-host-mount docker-sock container-runtime-sock
kube-linter require-run-as-non-root run-as-non-root
kube-linter drop-all-capabilities~ drop-net-raw-capability
kube-linter forbid-privilege-escalation privilege-escalation-container
kube-linter restrict-kernel-surface.procMount unsafe-proc-mount
kube-linter restrict-kernel-surface.sysctls unsafe-sysctls
kube-linter set-read-only-root-filesystem no-read-only-root-fs
kube-linter disable-service-account-token automount-service-account-token
checkov forbid-privileged CKV_K8S_16
checkov forbid-host-access.hostPID CKV_K8S_17
checkov forbid-host-access.hostIPC CKV_K8S_18
checkov forbid-host-access.hostNetwork CKV_K8S_19
checkov forbid-host-access.hostPort CKV_K8S_26
checkov forbid-host-access~ CKV_K8S_27
checkov require-run-as-non-root CKV_K8S_23
checkov require-run-as-non-root~ CKV_K8S_40
checkov drop-all-capabilities CKV_K8S_37
checkov drop-all-capabilities~ CKV_K8S_25 CKV_K8S_28 CKV_K8S_39
checkov forbid-privilege-escalation CKV_K8S_20
checkov set-seccomp-runtime-default CKV_K8S_31
checkov set-read-only-root-filesystem CKV_K8S_22
checkov disable-service-account-token CKV_K8S_38
trivy forbid-privileged ksv-0017 no-privileged-containers
trivy forbid-host-access.hostIPC ksv-0008 no-shared-ipc-namespace
trivy forbid-host-access.hostNetwork ksv-0009 no-host-network
trivy forbid-host-access.hostPID ksv-0010 no-shared-pid-namespace
trivy forbid-host-access.hostPath ksv-0023 no-mounted-hostpath
trivy forbid-host-access.hostPort ksv-0024 no-host-port-access
trivy forbid-host-access~ ksv-0006 no-docker-sock-mount ksv-0121 no-k8s-with-disallowed-volumes
trivy require-run-as-non-root ksv-0012 no-root
trivy require-run-as-non-root~ ksv-0105 containers-not-run-as-root ksv-0020 use-high-uid
trivy drop-all-capabilities ksv-0003 drop-default-capabilities ksv-0106 drop-caps-add-bind-svc
trivy drop-all-capabilities~ ksv-0004 ksv-0005 no-sysadmin-capability ksv-0022 no-non-default-capabilities ksv-0119 no-net-raw ksv-0120 no-sysmodule-capability
trivy forbid-privilege-escalation ksv-0001 no-self-privesc
trivy set-seccomp-runtime-default ksv-0030 use-default-seccomp
trivy set-seccomp-runtime-default~ ksv-0104 no-seccomp-unconfined
trivy restrict-kernel-surface.appArmorProfile ksv-0002
trivy restrict-kernel-surface.seLinuxOptions ksv-0025
trivy restrict-kernel-surface.sysctls ksv-0026
trivy restrict-kernel-surface.procMount ksv-0027
trivy set-read-only-root-filesystem ksv-0014 use-readonly-filesystem
trivy disable-service-account-token~ ksv-0036 no-auto-mount-service-token
kube-score forbid-privileged container-security-context-privileged container-security-context
kube-score require-run-as-non-root container-security-context
kube-score require-run-as-non-root~ container-security-context-user-group-id
kube-score set-read-only-root-filesystem container-security-context-readonlyrootfilesystem container-security-context
kube-score set-seccomp-runtime-default container-seccomp-profile
polaris forbid-privileged runAsPrivileged
polaris forbid-host-access.hostIPC hostIPCSet
polaris forbid-host-access.hostPID hostPIDSet
polaris forbid-host-access.hostNetwork hostNetworkSet
polaris forbid-host-access.hostPort hostPortSet
polaris forbid-host-access.hostPath hostPathSet
polaris require-run-as-non-root runAsRootAllowed
polaris drop-all-capabilities insecureCapabilities
polaris drop-all-capabilities~ dangerousCapabilities
polaris forbid-privilege-escalation privilegeEscalationAllowed
polaris restrict-kernel-surface.procMount procMount
polaris restrict-kernel-surface~ linuxHardening
polaris set-read-only-root-filesystem notReadOnlyRootFilesystem
polaris disable-service-account-token automountServiceAccountToken
kubeaudit forbid-privileged allow-privileged
kubeaudit forbid-host-access.hostNetwork allow-namespace-host-network
kubeaudit forbid-host-access.hostPID allow-namespace-host-PID
kubeaudit forbid-host-access.hostIPC allow-namespace-host-IPC
kubeaudit require-run-as-non-root allow-run-as-root
kubeaudit forbid-privilege-escalation allow-privilege-escalation
kubeaudit set-read-only-root-filesystem allow-read-only-root-filesystem-false
kubeaudit disable-service-account-token~ allow-automount-service-account-token
kubeaudit restrict-kernel-surface.appArmorProfile allow-disabled-apparmor
datree forbid-privileged CONTAINERS_INCORRECT_PRIVILEGED_VALUE_TRUE
datree forbid-host-access.hostPID CONTAINERS_INCORRECT_HOSTPID_VALUE_TRUE
datree forbid-host-access.hostIPC CONTAINERS_INCORRECT_HOSTIPC_VALUE_TRUE
datree forbid-host-access.hostNetwork CONTAINERS_INCORRECT_HOSTNETWORK_VALUE_TRUE
datree forbid-host-access.hostPath CONTAINERS_INCORRECT_KEY_HOSTPATH
datree forbid-host-access.hostPort CONTAINERS_INCORRECT_KEY_HOSTPORT
datree forbid-host-access~ CONTAINERS_INCORRECT_PATH_VALUE_DOCKERSOCKET
datree require-run-as-non-root CONTAINERS_INCORRECT_RUNASNONROOT_VALUE
datree require-run-as-non-root~ CONTAINERS_INCORRECT_RUNASUSER_VALUE_LOWUID
datree drop-all-capabilities~ CONTAINERS_INVALID_CAPABILITIES_VALUE
datree forbid-privilege-escalation CONTAINERS_MISSING_KEY_ALLOWPRIVILEGEESCALATION
datree set-seccomp-runtime-default CONTAINERS_INCORRECT_SECCOMP_PROFILE
datree set-read-only-root-filesystem CONTAINERS_INCORRECT_READONLYROOTFILESYSTEM_VALUE
datree disable-service-account-token SRVACC_INCORRECT_AUTOMOUNTSERVICEACCOUNTTOKEN_VALUE
monokle forbid-privileged pss103 pss.privileged-containers ksv017 ksv.no-privileged
monokle forbid-host-access.hostPath pss105 pss.host-path-volumes ksv023 ksv.no-host-mounted-path
monokle forbid-host-access.hostPort pss106 pss.host-ports ksv024 ksv.no-host-port-access
monokle forbid-host-access.hostNetwork pss102 pss.host-namespaces ksv009 ksv.no-host-network
monokle forbid-host-access.hostPID pss102 pss.host-namespaces ksv010 ksv.no-host-pid
monokle forbid-host-access.hostIPC pss102 pss.host-namespaces ksv008 ksv.no-host-ipc
monokle forbid-host-access~ kbp101 kbp.no-mounted-docker-sock ksv006 ksv.no-mounted-docker-sock
monokle require-run-as-non-root pss203 pss.running-as-non-root ksv012 ksv.run-as-non-root
monokle require-run-as-non-root~ pss204 pss.running-as-non-root-user kbp104 kbp.no-low-user-id ksv020 ksv.no-low-user-id
monokle drop-all-capabilities pss206 pss.capabilities-strict kbp103 kbp.drop-capabilities ksv003 ksv.drop-capabilities
monokle drop-all-capabilities~ pss104 pss.capabilities kbp100 kbp.no-sys-admin ksv005 ksv.no-sys-admin
monokle forbid-privilege-escalation pss202 pss.privilege-escalation ksv001 ksv.no-elevated-process
monokle set-seccomp-runtime-default pss205 pss.seccomp-strict
monokle set-seccomp-runtime-default~ pss110 pss.seccomp
monokle restrict-kernel-surface.appArmorProfile pss107 pss.app-armor ksv002 ksv.app-armor
monokle restrict-kernel-surface.seLinuxOptions pss108 pss.selinux ksv025 ksv.no-selinux
monokle restrict-kernel-surface.procMount pss109 pss.proc-mount ksv027 ksv.no-proc-mount
monokle restrict-kernel-surface.sysctls pss111 pss.sysctls
monokle set-read-only-root-filesystem kbp102 kbp.no-writable-fs ksv014 ksv.no-writable-fs
monokle disable-service-account-token kbp106 kbp.no-automount-service-account-token
semgrep forbid-privileged privileged-container
semgrep forbid-host-access.hostNetwork hostnetwork-pod
semgrep forbid-host-access.hostPID hostpid-pod
semgrep forbid-host-access.hostIPC hostipc-pod
semgrep forbid-host-access~ exposing-docker-socket-hostpath
semgrep require-run-as-non-root run-as-non-root run-as-non-root-unsafe-value run-as-non-root-unsafe-default run-as-non-root-container-level run-as-non-root-container-level-missing-security-context run-as-non-root-security-context-pod-level
semgrep forbid-privilege-escalation allow-privilege-escalation allow-privilege-escalation-true allow-privilege-escalation-no-securitycontext
semgrep set-seccomp-runtime-default~ seccomp-confinement-disabled
semgrep set-read-only-root-filesystem writable-filesystem-container
kics forbid-privileged dd29336b-fe57-445b-a26e-e6aa867ae609
kics forbid-host-access.hostNetwork 6b6bdfb3-c3ae-44cb-88e4-7405c1ba2c8a
kics forbid-host-access.hostPID 302736f4-b16c-41b8-befe-c0baffa0bd9d
kics forbid-host-access.hostIPC cd290efd-6c82-4e9d-a698-be12ae31d536
kics forbid-host-access.hostPath aa8f7a35-9923-4cad-bd61-a19b7f6aac91
kics forbid-host-access~ 5308a7a8-06f8-45ac-bf10-791fe21de46e b7652612-de4e-4466-a0bf-1cd81f0c6063 a6f34658-fdfb-4154-9536-56d516f65828
kics require-run-as-non-root cf34805e-3872-4c08-bf92-6ff7bb0cfadb
kics require-run-as-non-root~ 02323c00-cdc3-4fdc-a310-4f2b3e7a1660
kics drop-all-capabilities 268ca686-7fb7-4ae9-b129-955a2a89064e 2f1a0619-b12b-48a0-825f-993bb6f01d58
kics drop-all-capabilities~ dbbc6705-d541-43b0-b166-dd4be8208b54 19ebaa28-fc86-4a58-bcfa-015c9e22fe40 235236ee-ad78-4065-bd29-61b061f28ce0
kics forbid-privilege-escalation 5572cc5e-1e4c-4113-92a6-7a8a3bd25e6d
kics set-seccomp-runtime-default f377b83e-bd07-4f48-a591-60c82b14a78b
kics restrict-kernel-surface.procMount f922827f-aab6-447c-832a-e1ff63312bd3
kics restrict-kernel-surface.sysctls 9127f0d9-2310-42e7-866f-5fd9d20dcbad
kics restrict-kernel-surface.appArmorProfile 8b36775e-183d-4d46-b0f7-96a6f34a723f
kics set-read-only-root-filesystem a9c2f49d-0671-4fc9-9ece-f4e261e128d0
kics disable-service-account-token 48471392-d4d0-47c0-b135-cdec95eb3eef
`

const MEANINGS = new Map<string, Meaning[]>()
for (const line of TABLE.trim().split('\n')) {
  const [tool, what = '', ...ids] = line.split(' ')
  const [transform = '', field] = what.replace(/~$/, '').split('.')
  const meaning = { transform, isSame: !what.endsWith('~'), ...(field === undefined ? {} : { field }) }
  for (const id of ids) MEANINGS.set(`${tool} ${id}`, [...(MEANINGS.get(`${tool} ${id}`) ?? []), meaning])
}

/** Empty for a check that has nothing to do with our transforms. */
export function meaningsOf(tool: Tool, id: string): readonly Meaning[] {
  return MEANINGS.get(`${tool} ${id}`) ?? []
}

/** Every row, for tests. */
export function rows(): readonly { readonly tool: Tool; readonly id: string; readonly meaning: Meaning }[] {
  return [...MEANINGS].flatMap(([key, meanings]) => {
    const [tool, id = ''] = key.split(' ')
    return meanings.map((meaning) => ({ tool: tool as Tool, id, meaning }))
  })
}
