/** The transforms in the order in which they run. Each sees what the earlier ones want. */
import type { NonEmpty, Transform } from '../src/types.ts'
import disableServiceAccountToken from './disable-service-account-token.ts'
import dropAllCapabilities from './drop-all-capabilities.ts'
import forbidHostAccess from './forbid-host-access.ts'
import forbidPrivilegeEscalation from './forbid-privilege-escalation.ts'
import forbidPrivileged from './forbid-privileged.ts'
import labelNamespace from './label-namespace.ts'
import requireRunAsNonRoot from './require-run-as-non-root.ts'
import restrictKernelSurface from './restrict-kernel-surface.ts'
import setReadOnlyRootFilesystem from './set-read-only-root-filesystem.ts'
import setSeccompRuntimeDefault from './set-seccomp-runtime-default.ts'

export default [
  // Reviews first: who needs the node is left alone by all that follows.
  forbidPrivileged,
  forbidHostAccess,
  // Before capabilities: whether a drop is sure depends on the user.
  requireRunAsNonRoot,
  dropAllCapabilities,
  forbidPrivilegeEscalation,
  setSeccompRuntimeDefault,
  restrictKernelSurface,
  // Last: which volumes are missing depends on those that the user needed, and so does HOME.
  setReadOnlyRootFilesystem,
  disableServiceAccountToken,
  // Of the tree as it stands, so its place does not matter.
  labelNamespace,
] satisfies NonEmpty<Transform> as NonEmpty<Transform>
