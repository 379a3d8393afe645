/** The blocks of data in the document. Those of files are parsed when they are asked for. */
import type { Entry, FileReview, Head, Summary } from '../html/review.ts'

export interface Data {
  readonly head: Head
  /** Absent where the run that wrote the report did not come to its end. */
  readonly summary: Summary | undefined
  readonly entries: readonly Entry[]
  file(index: number): FileReview
}

export function dataOf(page: Document): Data {
  const all = (name: string): readonly Element[] => [...page.getElementsByClassName(name)].filter((one) => one.localName === 'script')
  const parsed = <T>(block: Element | undefined): T | undefined => (block === undefined ? undefined : (JSON.parse(block.textContent ?? '') as T))
  const files = all('file')
  return {
    head: parsed<Head>(all('head')[0]) ?? { version: '', transforms: [] },
    summary: parsed<Summary>(all('summary')[0]),
    // The file behind an entry may be missing where the run was stopped.
    entries: all('entry')
      .slice(0, files.length)
      .map((block) => parsed<Entry>(block) as Entry),
    file: (index) => parsed<FileReview>(files[index]) as FileReview,
  }
}
