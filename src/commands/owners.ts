/** The CODEOWNERS file of a repository. */
import { join } from 'node:path'
import { NO_OWNERS, OWNERS_FILES, type Owners, readOwners } from '../owners.ts'
import { readText } from './settings.ts'

export function ownersAt(root: string): Owners {
  for (const file of OWNERS_FILES) {
    const text = readText(join(root, file))
    if (text !== undefined) return readOwners(text)
  }
  return NO_OWNERS
}
