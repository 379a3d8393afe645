/** The first `podharden.yaml` of a repository: every choice as a comment, with what the tree itself suggests. */
import type { UnknownKind } from '../types.ts'
import { SCHEMA_FILE } from './schema.ts'

export interface Suggested {
  readonly workloads: number
  /** Files or folders with kinds of OpenShift. */
  readonly openshift: readonly string[]
  readonly unknownKinds: readonly UnknownKind[]
}

/** Says nothing yet: each line is a comment. What is missing of images is added by `withStubs`. */
export function initText({ workloads, openshift, unknownKinds }: Suggested): string {
  const platform =
    openshift.length === 0
      ? '# Where the pods run: openshift hands out user ids itself, so none are written.\n# platform: kubernetes\n'
      : `# There are kinds of OpenShift in this tree (${openshift.slice(0, 3).map(quoted).join(', ')}): it hands out user ids itself, so none are written.\n# platform: openshift\n`
  const kinds = unknownKinds.length === 0 ? [{ apiVersion: 'example.com/v1', kind: 'WebApp', path: 'spec.template.spec' }] : unknownKinds
  return `# yaml-language-server: $schema=./node_modules/podharden/${SCHEMA_FILE}
# What holds for every run of podharden here (${workloads} workloads when this was written). Flags count before this file.

# baseline and restricted are the Pod Security Standards; hardened adds read-only root filesystems.
# level: hardened

# Only some transforms, or not some (podharden list shows them).
# transforms:
#   skip: [set-read-only-root-filesystem]

# How sure a change must be: certain, known, likely, assumed. Where a person sees a diff all are shown.
# atLeast: known

# The user for images that nothing is known of: a number, or image to keep their own USER.
# uid: 10001

${platform}
# Private mirrors: names that begin with from are known by the name that begins with to.
# prefixes:
#   - from: registry.example.com/hub/
#     to: docker.io/

# Kinds of your own that hold pod specs${unknownKinds.length === 0 ? '' : '; these were found here'}.
# workloads:
${kinds.map(({ apiVersion, kind, path }) => `#   - apiVersion: ${quoted(apiVersion)}\n#     kind: ${quoted(kind)}\n#     path: ${quoted(path)}\n`).join('')}
# What stays as it is, and why. Beside a workload: the annotation podharden.io/skip, or a comment podharden-ignore.
# exemptions:
#   - reason: reads the logs of the node
#     kind: DaemonSet
#     name: log-agent
#     transforms: [require-run-as-non-root, set-read-only-root-filesystem]
#     expires: 2027-12-31

# Files that are never changed, as in .gitignore.
# ignore:
#   - examples/

`
}

/** A name from a file must stay one value in one comment. */
function quoted(text: string): string {
  return /^[\w./*-]+(?:\[\])?[\w.*[\]/-]*$/.test(text) ? text : JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029').replaceAll('\u0085', '\\u0085')
}
