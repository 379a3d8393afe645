/** The proof by synthesis of everything that a run changes in programs, project by project. */
import { hardenObject } from '../objects.ts'
import type { Context, Problem, UnitResult } from '../types.ts'
import { compareSynthesis, type Proof } from './compare.ts'
import { projectOf, synthesise } from './synth.ts'

export interface ProjectProof {
  readonly folder: string
  readonly proofs: readonly Proof[]
}

/**
 * `results` are of programs with changes. Gives them back, those of a project that is not proved without their
 * outputs and with a problem.
 */
export function proveBySynthesis(
  root: string,
  results: readonly UnitResult[],
  context: Context,
  env: NodeJS.ProcessEnv,
): { readonly results: readonly UnitResult[]; readonly projects: readonly ProjectProof[] } {
  const projects = new Map<string, { readonly command: string; readonly results: UnitResult[] }>()
  const done: UnitResult[] = []
  for (const result of results) {
    const project = projectOf(root, result.unit)
    if (project === undefined) {
      done.push(refused(result, 'no cdk8s.yaml with an app command lies above it, so nothing was proved'))
      continue
    }
    const known = projects.get(project.folder) ?? { command: project.command, results: [] }
    known.results.push(result)
    projects.set(project.folder, known)
  }
  const proved: ProjectProof[] = []
  for (const [folder, { command, results: own }] of projects) {
    const changed = new Map(own.flatMap(({ outputs }) => outputs.map(({ source, text }) => [source.path, (source.bom ? '\uFEFF' : '') + text] as const)))
    const before = synthesise(root, folder, command, new Map(), env)
    const after = 'trouble' in before ? before : synthesise(root, folder, command, changed, env)
    if ('trouble' in before || 'trouble' in after) {
      const trouble = 'trouble' in before ? `as it is, ${before.trouble}` : `with the changes, ${(after as { trouble: string }).trouble}`
      done.push(...own.map((result) => refused(result, trouble)))
      continue
    }
    const proofs = compareSynthesis(before.outputs, after.outputs, (object) => hardenObject(object, context).object)
    proved.push({ folder, proofs })
    const broken = proofs.filter(({ outcome }) => outcome === 'broken')
    const why = broken.map(({ object, details }) => `${object}: ${details.join(', ')}`).join('; ')
    done.push(...own.map((result) => (broken.length === 0 ? result : refused(result, `synthesis differs in what was not meant: ${why}`))))
  }
  return { results: done, projects: proved }
}

function refused(result: UnitResult, message: string): UnitResult {
  const problem: Problem = { code: 'NOT_PROVED', file: result.unit, message, hint: 'Nothing of it was written. Run without --prove=synth to see the changes.' }
  return { ...result, outputs: [], patches: [], problems: [...result.problems, problem] }
}
