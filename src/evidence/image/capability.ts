/** The capabilities on a file: https://man7.org/linux/man-pages/man7/capabilities.7.html, struct vfs_cap_data */
import { CAPABILITIES } from '../../capabilities.ts'

/** Permitted set of the value of `security.capability`, versions 1 to 3; empty for anything else. */
export function fileCapabilities(value: Uint8Array): readonly string[] {
  if (value.length < 12) return []
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  const version = view.getUint32(0, true) >>> 24
  const words = version === 1 ? 1 : version === 2 || version === 3 ? 2 : 0
  const found: string[] = []
  for (let word = 0; word < words && 4 + word * 8 + 4 <= value.length; word++) {
    const bits = view.getUint32(4 + word * 8, true)
    for (let bit = 0; bit < 32; bit++) if ((bits >>> bit) & 1) found.push(CAPABILITIES[word * 32 + bit]?.name ?? String(word * 32 + bit))
  }
  return found
}
