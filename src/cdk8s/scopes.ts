/**
 * Which options count for which object. A scope carries its own; the nearest one above an object counts. The marks are
 * registered symbols, so that two copies of this package in one program see each other's.
 */
import type { IConstruct } from 'constructs'
import type { PlainObject } from '../objects.ts'

const SCOPE = Symbol.for('podharden.cdk8s.scope')
const HOOKED = Symbol.for('podharden.cdk8s.hooked')

/** What makes the final manifest of the objects below a scope. */
export interface Hardener {
  /** A synthesis begins. Gives what makes it fail. */
  validate(scope: IConstruct): string[]
  harden(object: ApiObjectLike, manifest: PlainObject): PlainObject
}

/** `ApiObject`, recognised by its shape: `instanceof` fails across copies of cdk8s, and its brand is newer than 2.2. */
export interface ApiObjectLike extends IConstruct {
  readonly kind: string
  readonly apiVersion: string
  toJson(): unknown
}

interface Marked {
  [SCOPE]?: Hardener
  [HOOKED]?: () => unknown
}

export function isApiObject(construct: IConstruct): construct is ApiObjectLike {
  const { kind, apiVersion, toJson } = construct as Partial<ApiObjectLike>
  return typeof kind === 'string' && typeof apiVersion === 'string' && typeof toJson === 'function'
}

/** Gives the hardener that the scope had before. */
export function mark(scope: IConstruct, hardener: Hardener): Hardener | undefined {
  const before = (scope as Marked)[SCOPE]
  Object.defineProperty(scope, SCOPE, { value: hardener, configurable: true, writable: true, enumerable: false })
  return before
}

/** That of the construct itself or of the nearest one around it. */
export function nearest(construct: IConstruct): Hardener | undefined {
  for (let at: IConstruct | undefined = construct; at !== undefined; at = at.node.scope) {
    const own = (at as Marked)[SCOPE]
    if (own !== undefined) return own
  }
  return undefined
}

/**
 * Puts the nearest hardener behind `toJson` of every object that is in the tree by now. It is the one method that every
 * way of synthesis ends in, after JSON patches, resolvers and the mapping of generated classes.
 */
export function hook(scope: IConstruct): readonly ApiObjectLike[] {
  const objects = scope.node.findAll().filter(isApiObject)
  for (const object of objects) {
    if ((object as Marked)[HOOKED] !== undefined) continue
    const original = onlyOnce(object, object.toJson)
    const toJson = (): unknown => {
      const manifest = original() as PlainObject
      return nearest(object)?.harden(object, manifest) ?? manifest
    }
    Object.defineProperty(object, HOOKED, { value: original, configurable: true, enumerable: false })
    Object.defineProperty(object, 'toJson', { value: toJson, configurable: true, writable: true, enumerable: false })
  }
  return objects
}

/** The manifest as it is without us. */
export function unhardened(object: ApiObjectLike): PlainObject {
  return ((object as Marked)[HOOKED] ?? (() => object.toJson()))() as PlainObject
}

/**
 * Before cdk8s 2.6.1 a JSON patch worked on the object's own properties, so a second call applied it twice: there
 * the first answer is kept for as long as no patch is added.
 * https://github.com/cdk8s-team/cdk8s-core/issues/954
 */
function onlyOnce(object: ApiObjectLike, method: () => unknown): () => unknown {
  const call = (): unknown => method.call(object)
  if (Symbol.for('cdk8s.ApiObject') in object) return call
  let kept: { readonly patches: number; readonly text: string } | undefined
  return () => {
    const patches = (object as { readonly patches?: readonly unknown[] }).patches?.length ?? 0
    if (patches === 0) return call()
    if (kept?.patches !== patches) kept = { patches, text: JSON.stringify(call()) }
    return JSON.parse(kept.text)
  }
}
