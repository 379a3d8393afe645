/** Versions of the standards: `latest` or `v1.N`. https://kubernetes.io/docs/concepts/security/pod-security-admission/ */

/** The newest minor version at which a rule of ours begins; newer ones mean the same. */
export const NEWEST = 37

const VERSION = /^v1\.(0|[1-9]\d*)$/

/** The minor version, lowered to the newest known; undefined for what the API server does not take. */
export function parseVersion(text: string): number | undefined {
  if (text === 'latest') return NEWEST
  const minor = VERSION.exec(text)?.[1]
  return minor === undefined ? undefined : Math.min(Number(minor), NEWEST)
}

export function versionText(minor: number): string {
  return `v1.${minor}`
}
