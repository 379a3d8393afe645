/** What was seen of one container while it ran: the common form of every producer. */

/** Whose recording it is: a container of a workload, every container of an image, or both. */
export interface Target {
  /** As the recording or the user names it. */
  readonly image?: string
  readonly workload?: { readonly kind: string; readonly name: string; readonly namespace?: string }
  /** Absent: every container of the workload. */
  readonly container?: string
}

/** A directory that something was written to. */
export interface Written {
  readonly path: string
  /** Files were read there that nobody had written: the image's own. */
  readonly filled: boolean
}

export interface Recording {
  readonly target: Target
  /** Outermost directories, sorted. Undefined: the producer does not see files. */
  readonly directories: readonly Written[] | undefined
  /** Seen used; upper case, without CAP_. */
  readonly capabilities: readonly string[]
  /** From the first to the last thing seen, where the producer says so. */
  readonly seconds?: number
  /** The start was missed, the producer stopped early, or something seen could not be placed. */
  readonly partial: boolean
  /** `profiles.yaml (ApplicationProfile shop/web)` */
  readonly source: string
}

/** What a reader found in a text, or why it could not. */
export type Readings = { readonly recordings: readonly Recording[] } | { readonly mistake: string }

export function capabilityName(text: string): string {
  return text.trim().toUpperCase().replace(/^CAP_/, '')
}
