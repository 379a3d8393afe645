/** What every format of the report is: pieces of text in the order of the run, so that none is held as a whole. */
import type { UnitResult } from '../types.ts'
import type { Totals } from './totals.ts'

export interface Reader {
  /** Before the first result. */
  start(): string
  unit(result: UnitResult): string
  /** After the last one. */
  end(totals: Totals): string
}
