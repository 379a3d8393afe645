/** Image references in full form: https://pkg.go.dev/github.com/distribution/reference */
import type { ImageOverride } from '../types.ts'

export interface Reference {
  /** Host and path: `docker.io/library/nginx`. */
  readonly repository: string
  /** Undefined: none is written, which means `latest` unless there is a digest. */
  readonly tag?: string
  readonly digest?: string
  /** The tag is filled in by another program (`{{ tag }}`, `${TAG}`): which release it is, is not known. */
  readonly openTag?: true
}

const REFERENCE =
  /^((?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::([\w][\w.-]{0,127}))?(?:@([a-z0-9+._-]+:[0-9a-fA-F]{32,}))?$/

/** Copies of the official images under other names. */
const MIRRORS: readonly (readonly [RegExp, string])[] = [
  [/^public\.ecr\.aws\/docker\/library\//, 'docker.io/library/'],
  [/^mcr\.microsoft\.com\/mirror\/docker\/library\//, 'docker.io/library/'],
  [/^mirror\.gcr\.io\/(?=[^/]+$)/, 'docker.io/library/'],
  [/^mirror\.gcr\.io\//, 'docker.io/'],
  [/^k8s\.gcr\.io\//, 'registry.k8s.io/'],
  [/^(?:index|registry-1)\.docker\.io\//, 'docker.io/'],
]

/** Undefined for what is no reference: placeholders, `auto`, the empty text. `ko://` is a build, see `isKo`. */
export function parseReference(image: string): Reference | undefined {
  const open = /^([^{}$<>%]+):(?:\{\{|\$[{(]|<|%)/.exec(image)
  const match = REFERENCE.exec(open?.[1] ?? image)
  const name = match?.[1]
  if (name === undefined || image === 'auto') return undefined
  const slash = name.indexOf('/')
  const first = slash === -1 ? '' : name.slice(0, slash)
  const hasHost = first.includes('.') || first.includes(':') || first === 'localhost'
  if (!hasHost && /[A-Z]/.test(name)) return undefined
  const full = hasHost ? name : slash === -1 ? `docker.io/library/${name}` : `docker.io/${name}`
  const short = full.replace(/^docker\.io\/(?=[^/]+$)/, 'docker.io/library/')
  const mirror = MIRRORS.find(([pattern]) => pattern.test(short))
  const repository = mirror === undefined ? short : short.replace(mirror[0], mirror[1])
  return {
    repository,
    ...(match?.[2] === undefined ? {} : { tag: match[2] }),
    ...(match?.[3] === undefined ? {} : { digest: match[3] }),
    ...(open === null ? {} : { openTag: true as const }),
  }
}

export function referenceText({ repository, tag, digest }: Reference): string {
  return `${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/** A Go program that ko builds on its own base image: https://ko.build/configuration/ */
export function isKo(image: string): boolean {
  return image.startsWith('ko://')
}

/** What kustomize makes of an image: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/ */
export function resolveImage(image: string, overrides: readonly ImageOverride[]): string {
  const at = image.indexOf('@')
  const colon = image.slice(0, at === -1 ? undefined : at).lastIndexOf(':')
  const end = colon > image.lastIndexOf('/') ? colon : at === -1 ? image.length : at
  const name = image.slice(0, end)
  const override = overrides.find((one) => one.name === name)
  if (override === undefined) return image
  const base = override.newName ?? name
  if (override.digest !== undefined) return `${base}@${override.digest}`
  if (override.newTag !== undefined) return `${base}:${override.newTag}`
  return base + image.slice(end)
}
