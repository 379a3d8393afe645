/** What is known of a container's image, asked once per container. */
import type { About, Container, Context, Pod } from '../types.ts'

const memo = new WeakMap<Context, WeakMap<Container, About>>()

export function about(pod: Pod, container: Container, context: Context): About {
  let answers = memo.get(context)
  if (answers === undefined) {
    answers = new WeakMap()
    memo.set(context, answers)
  }
  let answer = answers.get(container)
  if (answer === undefined) {
    answer = context.about(pod, container)
    answers.set(container, answer)
  }
  return answer
}
