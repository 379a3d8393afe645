/** Bodies of answers, with limits on size and on silence. */
import { ImageTrouble } from './content.ts'

/** The body, with a limit on the time between two pieces; a body that ends early is said to be truncated. */
export async function* bytesOf(response: Response, what: string, timeout: number): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  const length = Number(response.headers.get('content-length') ?? Number.NaN)
  let got = 0
  try {
    for (;;) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const late = new Promise<never>((_, refuse) => {
        timer = setTimeout(() => refuse(new ImageTrouble('TIMEOUT', `${what}: no byte came for ${timeout} ms`, 'Try again later.')), timeout)
      })
      let piece: Awaited<ReturnType<typeof reader.read>>
      try {
        piece = await Promise.race([reader.read(), late])
      } catch (error) {
        throw error instanceof ImageTrouble ? error : new ImageTrouble('TRUNCATED', `${what} broke off after ${got} bytes`, 'Try again.')
      } finally {
        clearTimeout(timer)
      }
      if (piece.done) break
      got += piece.value.length
      yield piece.value
    }
    if (got < length && response.headers.get('content-encoding') === null) throw new ImageTrouble('TRUNCATED', `${what} ends after ${got} of ${length} bytes`, 'Try again.')
  } finally {
    await reader.cancel().catch(() => {})
  }
}

export async function collect(response: Response, limit: number, what: string, timeout: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bytesOf(response, what, timeout)) {
    size += chunk.length
    if (size > limit) throw new ImageTrouble('LIMIT', `${what} is larger than ${limit} bytes`, 'This is no container image.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
