/**
 * The door of the package in Node: the library, and the plugin of cdk8s-cli. Bundlers for a browser take
 * `library.ts` itself, by the condition `browser` of the package.
 */
export * from './library.ts'
// Where cdk8s-cli installs a plugin by itself, it asks for the package, not for a part of it.
export { PodhardenValidation, type ValidationProperties } from './cdk8s-validation.ts'
