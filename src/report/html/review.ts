/**
 * What the page reads: the contract between the report that is written and the page that shows it. Names and texts are
 * visible already: no character in them reorders or hides its neighbours.
 */
import type { Grade, Level } from '../../types.ts'

/** Strongest first: what a file is coloured by in the list. `left`: recognised and left alone on purpose. */
export const OUTCOMES = ['problem', 'decide', 'fix', 'know', 'exempt', 'left'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** A row of the list: all that searching and filtering need. Every entry is parsed when the page opens. */
export interface Entry {
  readonly file: string
  /** `Deployment shop/web`. */
  readonly workloads: readonly string[]
  readonly images: readonly string[]
  readonly messages: readonly string[]
  /** Each once. A filter wants one mark that has all it asks for. */
  readonly marks: readonly Mark[]
  readonly counts: Partial<Readonly<Record<Outcome, number>>>
}

export type Mark = readonly [outcome: Outcome, transform?: string, grade?: Grade]

/** One file, parsed when it is opened. */
export interface FileReview {
  readonly workloads: readonly Workload[]
  readonly findings: readonly Said[]
  /** The whole file, before and after. Empty where it is not changed. */
  readonly parts: readonly Part[]
  readonly problems: readonly Remark[]
  readonly notes: readonly Remark[]
}

export interface Workload {
  readonly name: string
  readonly line: number
  /** `restricted v1.37: 4 violations → 0`. */
  readonly verdict: string
  readonly allowed: boolean
  /** What is still refused, with its reason. */
  readonly left: readonly (readonly [what: string, because: string])[]
  /** Of a program. */
  readonly status?: string
}

/** A finding. */
export interface Said {
  readonly outcome: Outcome
  readonly transform: string
  /** `Deployment shop/web`, and the container where it is about one. */
  readonly workload: string
  readonly container?: string
  readonly message: string
  /** One-based, before the change. */
  readonly line: number
  /** Of a fix, those of one kind together. */
  readonly reasons?: readonly Reason[]
  readonly risk?: string
  /** Of a review: what to do by hand. Of an exemption: who says so, and why. */
  readonly todo?: string
}

export interface Reason {
  readonly grade: Grade
  /** `runAsNonRoot, runAsUser`. */
  readonly fields: string
  readonly because: string
}

export type Part = Same | Block

/** Lines that stay. In the middle of many, `left` lines are not in the report; `tail` stands behind them. */
export interface Same {
  readonly same: readonly string[]
  readonly left?: number
  readonly tail?: readonly string[]
}

/** Lines that the same findings made, or that a person must look at. */
export interface Block {
  readonly rows: readonly Row[]
  readonly notes: readonly NoteRef[]
}

/** `null`: no line on this side. Both the same: a line that stays. */
export type Row = readonly [before: string | null, after: string | null]

/** A finding beside the lines, with those of its reasons that are about them. */
export interface NoteRef {
  readonly finding: number
  readonly reasons: readonly number[]
  /** It is not known which lines of its workload it made: this is only the first change there. */
  readonly somewhere?: true
}

export interface Remark {
  readonly code: string
  readonly line?: number
  readonly message: string
  readonly hint: string
}

/** Known before the first file. */
export interface Head {
  readonly version: string
  readonly transforms: readonly { readonly id: string; readonly title: string; readonly level: Level; readonly docs: string }[]
}

/** Known after the last one. */
export interface Summary {
  /** The three lines of totals that end every report. */
  readonly totals: readonly string[]
  /** Changes by transform. */
  readonly fixes: Readonly<Record<string, number>>
  readonly decisions: readonly Cause[]
  readonly toKnow: readonly Cause[]
  readonly risks: readonly (readonly [text: string, changes: number])[]
  readonly problems: readonly (Remark & { readonly file: string })[]
  readonly notes: readonly (Remark & { readonly file: string; readonly count: number })[]
}

export interface Cause {
  readonly message: string
  readonly todo: string
  readonly image?: string
  readonly count: number
}
