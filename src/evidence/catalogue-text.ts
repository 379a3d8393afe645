/**
 * The text of the catalogue in Node, read when it is first needed: `#catalogue` of the package. For a browser that name
 * stands for `dist/data/catalogue.js`, the same text in a module, which the build makes.
 */
import { readFileSync } from 'node:fs'

export function catalogueText(): string {
  // From `dist/src/evidence/` and from the bundles in `dist/` alike, the data lies in `dist/data/`.
  const place = import.meta.url.endsWith('/evidence/catalogue-text.js') ? '../../data/catalogue.json' : './data/catalogue.json'
  return readFileSync(new URL(place, import.meta.url), 'utf8')
}
