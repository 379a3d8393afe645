/**
 * What a plain scalar means to Kubernetes, whose parser follows YAML 1.1: `yes` is true, `0644` is 420.
 * https://yaml.org/type/bool.html, https://yaml.org/type/int.html, https://yaml.org/type/float.html
 */
import type { Scalar } from '../../types.ts'

const WORDS: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF', 'false', 'False', 'FALSE'].map((word) => [word, false] as const),
])

const NUMBER = /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[\da-fA-F_]+|(?:[1-9][\d_]*|0)|(?:\d[\d_]*)?\.?\d[\d_]*(?:\.\d*)?(?:[eE][-+]?\d+)?|\d[\d_]*\.)$/

export function plainValue(text: string): Scalar {
  const word = WORDS.get(text)
  if (word !== undefined) return word
  const first = text.charCodeAt(0)
  const numeric = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46
  return numeric && NUMBER.test(text) ? number(text) : text
}

function number(text: string): Scalar {
  const sign = text.startsWith('-') ? -1 : 1
  const digits = text.replace(/^[-+]/, '').replaceAll('_', '')
  if (/^0[0-7]+$/.test(digits)) return sign * Number.parseInt(digits, 8)
  const value = Number(digits)
  return Number.isNaN(value) ? text : sign * value
}

/** A plain scalar that every YAML version reads as this very string. */
export function isPlainString(text: string): boolean {
  if (!/^[A-Za-z_/.][\w./-]*$/.test(text)) return false
  return typeof plainValue(text) === 'string' && !/^\.(?:inf|nan)$/i.test(text)
}
