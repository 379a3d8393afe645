/** The drop of all capabilities for one container. */
import type { Container, Context, FieldChange, FixProposal, Grade, Pod, Proposal } from '../types.ts'
import { about } from './about.ts'
import { capabilitiesOf, type Named } from './capabilities.ts'
import { replacesCommand } from './commands.ts'
import { effective, isCertainlyNonRoot } from './effective.ts'
import { asWritten, isWholeList, stateAt } from './fields.ts'
import { weakest } from './grades.ts'
import { dropsAll, needsCapabilitiesAsRoot, nonRootIsMissing } from './left.ts'
import { persistentMounts } from './persistence.ts'
import { saidBy } from './said.ts'
import { isActive, review, unusable } from './speaking.ts'

const DROP = ['securityContext', 'capabilities', 'drop']
const ADD = ['securityContext', 'capabilities', 'add']
const FIELD = 'securityContext.capabilities.drop'

/** Reviews of what stands in the way of the fields themselves, and whether it is possible to go on. */
export function* dropCapabilities(pod: Pod, container: Container, context: Context): Iterable<Proposal> {
  const drop = stateAt(container, DROP, 'list')
  if (drop.is === 'opaque' || drop.is === 'wrong') {
    yield unusable(drop, container.path, `${container.name}.drop`, FIELD, container)
    return
  }
  const add = stateAt(container, ADD, 'list')
  if (add.is === 'opaque' || add.is === 'wrong') {
    yield unusable(add, container.path, `${container.name}.add`, 'securityContext.capabilities.add', container)
    return
  }
  if (!isWholeList(container, DROP) || !isWholeList(container, ADD)) {
    const path = isWholeList(container, DROP) ? ADD : DROP
    yield unusable({ is: 'opaque', path, text: '' }, container.path, `${container.name}.drop`, FIELD, container)
    return
  }
  yield* reviewSpelling(container)
  if (dropsAll(container)) return
  const named = capabilitiesOf(container, 'drop')
  const all = named.find(({ name }) => name === 'ALL')
  yield* all === undefined ? appendAll(pod, container, context, named) : mendAll(pod, container, all)
}

/** Names in `add` that the standard does not take as NET_BIND_SERVICE, though they mean it. */
function* reviewSpelling(container: Container): Iterable<Proposal> {
  const odd = capabilitiesOf(container, 'add').filter(({ name, written }) => name === 'NET_BIND_SERVICE' && written !== name)
  const first = odd[0]
  if (first === undefined) return
  yield review({
    key: `${container.name}.spelling`,
    container: container.name,
    at: [...container.path, ...ADD, first.index],
    field: 'securityContext.capabilities.add',
    severity: 'decide',
    reason: 'author-chose',
    message: `capabilities.add: ${first.written} is not a name that Kubernetes knows; most runtimes ignore it`,
    todo: 'Write NET_BIND_SERVICE if the program needs it (this grants what is ignored today), else delete it.',
  })
}

/** `all`: the runtime reads it in any case, the standard does not. */
function* mendAll(pod: Pod, container: Container, all: Named): Iterable<Proposal> {
  const at = [...container.path, ...DROP, all.index]
  if (all.node.is === 'value' && all.node.comment !== undefined) {
    yield review({
      key: `${container.name}.drop`,
      container: container.name,
      at,
      field: FIELD,
      severity: 'decide',
      reason: 'author-chose',
      message: `capabilities.drop: ${all.written} has a comment beside it and was left as it is; the standard only counts ALL`,
      todo: 'Write ALL in capitals.',
    })
    return
  }
  // CAP_ALL is no name for any runtime but CRI-O: there the mended list drops more than before.
  const isSame = all.written.toUpperCase() === 'ALL'
  const sure = isSame || isCertainlyNonRoot(pod, container)
  const because = isSame ? `"${all.written}" drops everything already, but the standard only counts ALL` : `"${all.written}" means ALL, and only that name is known`
  yield {
    outcome: 'fix',
    key: `${container.name}.drop`,
    container: container.name,
    at,
    field: FIELD,
    message: `spell ${all.written} as ALL`,
    fields: [{ change: { op: 'set', path: at, value: 'ALL' }, grade: sure ? 'certain' : 'assumed', because }],
    stage: sure ? 2 : 3,
  }
}

function* appendAll(pod: Pod, container: Container, context: Context, named: readonly Named[]): Iterable<Proposal> {
  const known = about(pod, container, context)
  const isNonRoot = isCertainlyNonRoot(pod, container)
  const stepsDown = known.stepsDownTo
  const path = [...container.path, ...DROP]
  if (!isNonRoot && needsCapabilitiesAsRoot(known)) {
    if (saidBy(container, 'user') !== undefined) return
    yield review({
      key: `${container.name}.drop`,
      container: container.name,
      at: path,
      field: FIELD,
      // Nothing to decide where only the bundle was held back.
      severity: isActive(context, 'require-run-as-non-root') && nonRootIsMissing(pod, container) ? 'know' : 'decide',
      reason: 'depends',
      message:
        stepsDown === undefined
          ? `needs root by design (${known.rootRequired?.source ?? known.runsAsNonRoot?.source}), so capabilities.drop was left alone`
          : `starts as root and changes to another user (${stepsDown.value.by}, ${stepsDown.source}), which takes capabilities`,
      todo:
        stepsDown === undefined
          ? 'Use another image, or leave it as it is.'
          : 'Settle runAsUser first (see require-run-as-non-root); or keep root and write drop: [ALL] with add: [SETUID, SETGID, CHOWN] by hand.',
    })
    return
  }
  const needed = (known.capabilities?.value ?? []).filter((name) => name !== 'NET_BIND_SERVICE')
  const held = (known.fileCapabilities?.value ?? []).filter((name) => name !== 'NET_BIND_SERVICE')
  if (needed.length > 0 || held.length > 0) {
    yield review({
      key: `${container.name}.drop`,
      container: container.name,
      at: path,
      field: FIELD,
      severity: 'decide',
      reason: 'by-design',
      message: `the image needs ${[...needed, ...held].join(', ')} (${(known.fileCapabilities ?? known.capabilities)?.source}), which the restricted level does not allow to be added back`,
      todo: `Write drop: [ALL] with add: [${[...new Set([...needed, ...held])].join(', ')}] by hand, or use another image.`,
    })
    return
  }
  if (!isNonRoot && isActive(context, 'require-run-as-non-root') && persistentMounts(pod, container).length > 0 && nonRootIsMissing(pod, container)) {
    yield review({
      key: `${container.name}.drop`,
      container: container.name,
      at: path,
      field: FIELD,
      severity: 'know',
      reason: 'depends',
      message: 'may stay root, and root without DAC_OVERRIDE cannot write the files of others on its volume; capabilities.drop was left alone',
      todo: 'Settle the user first (see require-run-as-non-root); then run again.',
    })
    return
  }
  yield dropAll(pod, container, context, named, isNonRoot)
}

function dropAll(pod: Pod, container: Container, context: Context, named: readonly Named[], isNonRoot: boolean): FixProposal {
  const known = about(pod, container, context)
  const grade: Grade = isNonRoot ? 'certain' : 'assumed'
  const uid = effective(pod, container, 'runAsUser')
  const because = isNonRoot
    ? uid.is === 'set'
      ? `runs as uid ${uid.value}, which holds no capability by itself`
      : 'runAsNonRoot is true, and a user other than root holds no capability by itself'
    : 'not known to run without root; few programs use what is dropped'
  const path = [...container.path, ...DROP]
  const mended = named.filter(({ name, written, node }) => name !== written && node.is === 'value' && node.comment === undefined)
  const fields: FieldChange[] = mended.map(({ name, index }) => ({
    change: { op: 'set', path: [...path, index], value: name },
    grade,
    because: 'capability names are written in capitals without CAP_; others are ignored',
  }))
  const all: FieldChange = { change: { op: 'append', path, value: 'ALL' }, grade, because }
  const kept =
    known.fileCapabilities?.value.includes('NET_BIND_SERVICE') === true
      ? known.fileCapabilities
      : known.capabilities?.value.includes('NET_BIND_SERVICE') === true
        ? known.capabilities
        : undefined
  const isAdded = capabilitiesOf(container, 'add').some(({ name }) => name === 'NET_BIND_SERVICE')
  if (kept !== undefined && !isAdded)
    fields.push({
      change: { op: 'append', path: [...container.path, ...ADD], value: 'NET_BIND_SERVICE' },
      grade: isNonRoot ? weakest(kept.grade, replacesCommand(container) ? 'likely' : 'certain') : 'assumed',
      because: `the program needs it to start or to listen, ${kept.source}`,
    })
  const wasNonRoot = isNonRoot && isWrittenNonRoot(pod, container)
  return {
    outcome: 'fix',
    key: `${container.name}.drop`,
    container: container.name,
    at: path,
    field: FIELD,
    message: named.length === 0 ? 'drop all capabilities' : 'drop all capabilities, not only some',
    fields: [all, ...fields],
    risk: isNonRoot
      ? 'Only a program that carries a file capability notices: it cannot be started any more ("operation not permitted") until that one is added back.'
      : 'If it runs as root, changing owners or users, reading files of others or binding a port below 1024 fails with "operation not permitted"; taking the line out undoes it.',
    stage: wasNonRoot && fields.every((field) => field.grade === 'certain') ? 2 : 3,
  }
}

/** Non-root by what the author wrote, not by a change of this run. */
function isWrittenNonRoot(pod: Pod, container: Container): boolean {
  const own = asWritten(pod, container)
  const spec = asWritten(pod)
  const uid = [own, spec].map((reader) => stateAt(reader, ['securityContext', 'runAsUser'], 'integer')).find(({ is }) => is !== 'absent')
  if (uid?.is === 'set') return uid.value !== 0
  const nonRoot = [own, spec].map((reader) => stateAt(reader, ['securityContext', 'runAsNonRoot'], 'boolean')).find(({ is }) => is !== 'absent')
  return nonRoot?.is === 'set' && nonRoot.value
}
