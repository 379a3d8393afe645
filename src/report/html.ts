/**
 * One self-contained file to review a migration. Each file of the run is a block of data that nothing in the document
 * runs; the page's own script reads a block when its file is opened. So the report is written as the run goes on, and
 * opens quickly however many files it holds.
 */
import type { UnitResult } from '../types.ts'
import { reviewed } from './html/entries.ts'
import { dataBlock, escaped } from './html/inert.ts'
import type { Head } from './html/review.ts'
import { summaryOf } from './html/summary.ts'
import type { Reader } from './reader.ts'
import type { Totals } from './totals.ts'

/** The page's own parts, with the hashes that allow them and nothing else: `sha256-…`. */
export interface Page {
  readonly script: string
  readonly scriptHash: string
  readonly style: string
  readonly styleHash: string
}

export class HtmlReport implements Reader {
  readonly #page: Page
  readonly #head: Head
  readonly #dry: boolean

  /** `dry`: nothing was written, so each change is still to be made. */
  constructor(page: Page, head: Head, { dry }: { readonly dry: boolean }) {
    this.#page = page
    this.#head = head
    this.#dry = dry
  }

  start(): string {
    const { script, style } = this.#page
    // Even a mistake in the page's own script could not load, send or run anything: trusted types refuse text as markup.
    const policy = `default-src 'none'; script-src '${this.#page.scriptHash}'; style-src '${this.#page.styleHash}'; img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'`
    return (
      '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n' +
      `<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">\n` +
      '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n' +
      `<meta name="generator" content="podharden ${escaped(this.#head.version)}">\n` +
      '<title>podharden: review</title>\n<link rel="icon" href="data:,">\n' +
      `<style>${style}</style>\n<script>${script}</script>\n</head>\n<body>\n` +
      '<noscript><p>This report is read with JavaScript, which is off here. The same as plain text: podharden --format text</p></noscript>\n' +
      '<div id="app"></div>\n<div id="data" hidden>\n' +
      dataBlock('head', this.#head)
    )
  }

  unit(result: UnitResult): string {
    return reviewed(result)
      .map(({ entry, review }) => dataBlock('entry', entry) + dataBlock('file', review))
      .join('')
  }

  end(totals: Totals): string {
    return `${dataBlock('summary', summaryOf(totals, this.#dry))}</div>\n</body>\n</html>\n`
  }
}
