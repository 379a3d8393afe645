/** What is read of a container image: its configuration, and of its layers only what decides over users and paths. */

export interface ImageConfig {
  /** As in the configuration: empty, a number or a name, with a group or without. */
  readonly user: string
  readonly volumes: readonly string[]
  /** TCP. */
  readonly ports: readonly number[]
  readonly env: Readonly<Record<string, string>>
  readonly entrypoint: readonly string[]
  readonly cmd: readonly string[]
}

/** What the layers say. https://github.com/opencontainers/image-spec/blob/main/layer.md */
export interface LayerFacts {
  /** /etc/passwd and /etc/group. */
  readonly users: Readonly<Record<string, { readonly uid: number; readonly gid: number; readonly home: string }>>
  readonly groups: Readonly<Record<string, number>>
  /** Those that somebody other than root owns, or that group or others may write. */
  readonly directories: readonly { readonly path: string; readonly uid: number; readonly gid: number; readonly mode: number }[]
  /** Directories that hold a file or a link at any depth, as deep as `FILLED_DEPTH`. */
  readonly filled: readonly string[]
  readonly links: Readonly<Record<string, string>>
  /** Upper case, without CAP_. */
  readonly fileCapabilities: readonly { readonly path: string; readonly capabilities: readonly string[] }[]
  /** Files with the setuid bit, owned by root. */
  readonly setuid: readonly string[]
  /** The beginning of the script that the entry point names. */
  readonly script?: { readonly path: string; readonly text: string }
}

export interface ImageContent {
  /** `docker.io/library/nginx@sha256:…`, or the archive. */
  readonly name: string
  /** Of the manifest for the platform; of the configuration where there is no manifest. */
  readonly digest: string
  readonly config: ImageConfig
  /** Absent: a layer could not be read, see the problems. */
  readonly layers?: LayerFacts
  readonly problems: readonly ImageProblem[]
}

export type ImageProblemCode = 'NOT_FOUND' | 'UNAUTHORIZED' | 'NETWORK' | 'TIMEOUT' | 'TRUNCATED' | 'DIGEST_MISMATCH' | 'LIMIT' | 'UNSUPPORTED' | 'BROKEN'

/** Expected trouble: what happened, and what to do next. */
export interface ImageProblem {
  readonly code: ImageProblemCode
  readonly message: string
  readonly hint: string
}

/** Carries a problem out of the middle of a stream; never leaves this folder. */
export class ImageTrouble extends Error {
  readonly problem: ImageProblem

  constructor(code: ImageProblemCode, message: string, hint: string) {
    super(message)
    this.problem = { code, message, hint }
  }
}

const MIB = 1024 * 1024

/** What is read at most; above it the image is left out with a message. Bytes where nothing else is said. */
export const LIMITS = {
  manifest: 4 * MIB,
  config: 8 * MIB,
  layers: 500,
  /** Of one layer, packed. */
  packed: 8 * 1024 * MIB,
  /** Of one layer, unpacked. */
  unpacked: 32 * 1024 * MIB,
  /** Above this a layer may not be more than `ratio` times as large as it was packed. */
  suspicious: 4 * 1024 * MIB,
  ratio: 200,
  /** Files and folders of one image. */
  entries: 2_000_000,
  /** A name in a layer. */
  name: 4096 * 4,
  /** An extended header of a tar entry. */
  header: MIB,
  /** /etc/passwd and the like. */
  file: MIB,
  script: 64 * 1024,
  directories: 100_000,
} as const

export const FILLED_DEPTH = 6
