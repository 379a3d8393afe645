/** Where a new key goes, in terms of the keys that are there. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Position, positionOf } from '../src/languages/manifest/position.ts'

const position = suite('position')
const container = ['spec', 'containers', 0]
const spec = ['spec']

const cases: readonly (readonly [name: string, keys: readonly string[], path: readonly (string | number)[], key: string, wanted: Position, inside?: readonly string[]])[] = [
  ['behind the image', ['name', 'image', 'ports'], container, 'securityContext', { after: 1 }],
  ['behind the pull policy that follows the image', ['name', 'image', 'imagePullPolicy', 'ports'], container, 'securityContext', { after: 2 }],
  ['behind the image when the pull policy stands elsewhere', ['name', 'image', 'ports', 'imagePullPolicy'], container, 'securityContext', { after: 1 }],
  ['at the end where there is no image', ['name', 'command'], container, 'securityContext', { after: 1 }],
  ['mounts at the end', ['name', 'image', 'ports'], container, 'volumeMounts', { after: 2 }],
  ['variables behind the arguments', ['name', 'image', 'args', 'resources'], container, 'env', { after: 2 }],
  ['at its alphabetical place in a sorted container', ['image', 'name', 'ports', 'volumeMounts'], container, 'securityContext', { after: 2 }],
  ['before the containers', ['serviceAccountName', 'containers', 'volumes'], spec, 'securityContext', { before: 1 }],
  ['before the init containers', ['initContainers', 'containers'], spec, 'securityContext', { before: 0 }],
  ['volumes behind the containers', ['containers', 'restartPolicy'], spec, 'volumes', { after: 0 }],
  ['at its alphabetical place in a sorted pod', ['containers', 'nodeSelector', 'volumes'], spec, 'securityContext', { after: 1 }, ['image', 'name']],
  ['a pod that is sorted by chance only', ['containers', 'nodeSelector', 'volumes'], spec, 'securityContext', { before: 0 }, ['name', 'image']],
  ['at the end of any other map', ['runAsUser', 'fsGroup'], ['spec', 'securityContext'], 'seccompProfile', { after: 1 }],
]

for (const [name, keys, path, key, wanted, inside] of cases) {
  position(name, () => assert.equal(positionOf(keys, path, key, inside), wanted))
}

position.run()
