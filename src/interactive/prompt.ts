/** What is asked at the prompt, and what an answer means. */

export type Answer =
  | { readonly is: 'yes' | 'no' | 'image' | 'all' | 'quit' | 'help' }
  | { readonly is: 'uid'; readonly uid: number }
  | { readonly is: 'skip'; readonly transforms: readonly string[] }
  | { readonly is: 'mistake'; readonly message: string }

export const HELP = `  y  write it                     n  leave this workload as it is
  u  another user id (u 10001)    s  without a transform (s 2, or s with its name)
  i  this one, and every other of its image without a question
  a  this one, and all that follow
  q  stop here; what was written stays
`

const WORDS: Readonly<Record<string, 'yes' | 'no' | 'image' | 'all' | 'quit' | 'help'>> = {
  y: 'yes',
  yes: 'yes',
  n: 'no',
  no: 'no',
  i: 'image',
  a: 'all',
  q: 'quit',
  quit: 'quit',
  '?': 'help',
  h: 'help',
}

/** `transforms`: those of the workload, as they are numbered on the screen. */
export function answerOf(text: string, transforms: readonly string[]): Answer {
  const [word = '', rest = ''] = text.trim().split(/\s+(.*)/s)
  const known = WORDS[word.toLowerCase()]
  if (known !== undefined && rest === '') return { is: known }
  if (word.toLowerCase() === 'u') {
    const uid = Number(rest)
    return /^\d+$/.test(rest) && uid > 0 && uid <= 2147483647 ? { is: 'uid', uid } : { is: 'mistake', message: 'u wants a user id from 1 to 2147483647: u 10001' }
  }
  if (word.toLowerCase() === 's') {
    const names = rest
      .split(/[\s,]+/)
      .filter((one) => one !== '')
      .map((one) => (/^\d+$/.test(one) ? (transforms[Number(one) - 1] ?? one) : one))
    const unknown = names.find((name) => !transforms.includes(name))
    if (names.length === 0 || unknown !== undefined)
      return { is: 'mistake', message: `s wants the number or the name of one of: ${transforms.map((id, i) => `${i + 1} ${id}`).join(', ')}` }
    return { is: 'skip', transforms: names }
  }
  return { is: 'mistake', message: text.trim() === '' ? 'Answer with a letter; ? explains them' : `"${word}" means nothing here; ? explains the letters` }
}
