/**
 * What one transform has said about a pod or container, for those after it: two transforms that hold back for
 * the same reason must not say it twice. Kept beside the pod, so a pod made anew starts without memory.
 */
import type { Container, Pod } from '../types.ts'

/**
 * `user`: the review of the bundle names what depends on the user too. `volumes`: it names the path that
 * cannot get a volume. `roll-out`: the note on an object that cannot be updated, with who gave it.
 */
export type Topic = 'user' | 'volumes' | 'roll-out'

const memory = new WeakMap<Pod | Container, Map<Topic, string>>()

export function say(about: Pod | Container, topic: Topic, by: string): void {
  const topics = memory.get(about) ?? new Map<Topic, string>()
  topics.set(topic, by)
  memory.set(about, topics)
}

/** Who has said it. */
export function saidBy(about: Pod | Container, topic: Topic): string | undefined {
  return memory.get(about)?.get(topic)
}
