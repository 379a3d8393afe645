import type { Check } from '../check.ts'
import { maskedProc } from './procMount.ts'

/** /proc keeps its masks, also in a user namespace. */
export default {
  id: 'procMount_restricted',
  level: 'restricted',
  reason: 'procMount',
  revisions: [{ from: 35, overrides: ['procMount'], test: maskedProc }],
} satisfies Check
