/** The JSON Schema of `podharden.yaml`, for editors and checks. https://json-schema.org/draft-07 */
import { CONFIG } from './keys.ts'

/** Where it lies in the installed package. */
export const SCHEMA_FILE = 'schemas/podharden.schema.json'

export function configSchema(): object {
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'podharden.yaml', description: 'What holds for every run of podharden in this repository.', ...CONFIG.schema }
}
