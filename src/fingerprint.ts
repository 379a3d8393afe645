/** Who a finding is, whatever line it stands on. */

/** Of names only. No secret, so 64 bits of FNV-1a are enough. http://www.isthe.com/chongo/tech/comp/fnv/ */
export function fingerprint(parts: readonly string[]): string {
  let low = 0x811c9dc5
  let high = 0xcbf29ce4
  for (const part of [...parts, '']) {
    for (let i = 0; i <= part.length; i++) {
      const code = i === part.length ? 10 : part.charCodeAt(i)
      low = Math.imul(low ^ code, 0x01000193)
      high = Math.imul(high ^ (code + i), 0x01000193)
    }
  }
  return [high, low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
}
