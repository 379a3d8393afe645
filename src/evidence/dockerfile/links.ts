/** Places that say which Dockerfile makes which image: compose and skaffold files, workflows, and `docker build` lines. */
import { parse } from 'yaml'
import { commandLinks } from './command-links.ts'
import { inFolder, type Link, linkOf } from './link.ts'
import { record, texts } from '../loose.ts'
import { filledIn, OPEN, variablesOf } from './variables.ts'

const COMPOSE = /(?:^|\/)(?:docker-)?compose(?:[.-][^/]*)?\.ya?ml$/i
const SKAFFOLD = /(?:^|\/)skaffold[^/]*\.ya?ml$/i
const WORKFLOW = /(?:^|\/)\.(?:github|gitea|forgejo)\/workflows\/[^/]+\.ya?ml$/
/** Larger files hold data, not builds; in UTF-16 units. */
const LIMIT = 512 * 1024

/** Whether a file can say anything of builds, by its name: what is no manifest and may be read for this. */
export function isBuildFile(name: string): boolean {
  return isDockerfile(name) || /^(?:GNU)?[Mm]akefile$|\.mk$|\.(?:ba)?sh$|^Jenkinsfile|^Tiltfile$|^[Jj]ustfile$/.test(name)
}

/** https://docs.docker.com/build/concepts/dockerfile/#filename */
export function isDockerfile(name: string): boolean {
  return (
    /^(?:Docker|Container)file(?:[.-][\w.-]+)?$|^[\w.-]+\.(?:Docker|Container|docker|container)file$/.test(name) &&
    !/\.(?:dockerignore|md|txt|tmpl|tpl|j2|erb|in|sh|ya?ml|json)$/.test(name)
  )
}

/** `path` relative to the root. What cannot be read says nothing. */
export function linksOf(path: string, text: string): readonly Link[] {
  if (text.length > LIMIT || !/build|kaniko|skaffold/i.test(text)) return []
  if (COMPOSE.test(path)) return composeLinks(path, text)
  if (SKAFFOLD.test(path) || /^apiVersion:[ \t]*skaffold\//m.test(text)) return skaffoldLinks(path, text)
  const folders = WORKFLOW.test(path) || /(?:^|\/)\.gitlab-ci/.test(path) ? [rootOf(path)] : [folderOf(path), '']
  const yaml = /\.ya?ml$/i.test(path)
  return [
    ...(yaml && /build-push-action/.test(text) ? actionLinks(path, text) : []),
    ...(yaml && /cloud-builders|kaniko-project/.test(text) ? stepLinks(path, text) : []),
    ...(/(?:^|\/)Tiltfile$/.test(path) ? tiltLinks(path, text) : []),
    ...commandLinks(path, text, folders, variablesOf(path, text)),
  ]
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}

/** The folder that a workflow's steps start in: the one that `.github` lies in. */
function rootOf(path: string): string {
  return path.replace(/(?:^|\/)\.(?:github|gitea|forgejo|gitlab-ci)\b.*$/, '')
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return record(parse(text, { merge: true, uniqueKeys: false, logLevel: 'error' }))
  } catch {
    return {}
  }
}

function lineWith(text: string, word: string): number {
  const at = text.indexOf(word)
  return at === -1 ? 1 : text.slice(0, at).split('\n').length
}

/** https://docs.docker.com/reference/compose-file/build/ */
function composeLinks(path: string, text: string): readonly Link[] {
  const variables = variablesOf(path, '')
  return Object.values(record(parsed(text).services)).flatMap((service) => {
    const { build, image } = record(service)
    if (typeof image !== 'string' || build === undefined) return []
    const { context, dockerfile, dockerfile_inline: inline, target, args } = typeof build === 'string' ? ({ context: build } as Readonly<Record<string, unknown>>) : record(build)
    // It stands in this file, and no Dockerfile of the tree is meant.
    if (inline !== undefined) return []
    const folder = inFolder(folderOf(path), typeof context === 'string' ? context : '.')
    if (folder === undefined) return []
    const files = [typeof dockerfile === 'string' ? inFolder(folder, dockerfile) : inFolder(folder, 'Dockerfile')]
    return linkOf({ image, variables, files, target, given: argumentsOf(args, variables), source: `${path}:${lineWith(text, image)}` })
  })
}

/** A map, or a list of `NAME=value`. A value that comes from outside of the file is open, and so is a name without one. */
function argumentsOf(value: unknown, variables: ReadonlyMap<string, string>): ReadonlyMap<string, string | undefined> {
  const given = new Map<string, string | undefined>()
  const add = (name: string, one: unknown): void => {
    const full = typeof one === 'string' || typeof one === 'number' ? filledIn(String(one), variables) : OPEN
    given.set(name, full.includes(OPEN) || full.includes('{{') ? undefined : full)
  }
  if (Array.isArray(value)) for (const item of texts(value)) add(/^[^=]*/.exec(item)?.[0] ?? '', item.includes('=') ? item.slice(item.indexOf('=') + 1) : undefined)
  else for (const [name, one] of Object.entries(record(value))) add(name, one)
  return given
}

/** https://skaffold.dev/docs/references/yaml/ */
function skaffoldLinks(path: string, text: string): readonly Link[] {
  const links: Link[] = []
  for (const piece of text.split(/^---\s*$/m)) {
    const file = parsed(piece)
    const profiles = Array.isArray(file.profiles) ? file.profiles : []
    for (const part of [file, ...profiles]) {
      const { artifacts } = record(record(part).build)
      for (const artifact of Array.isArray(artifacts) ? artifacts : []) {
        const { image, context, docker, kaniko, buildpacks, jib, ko, bazel, custom } = record(artifact)
        if (typeof image !== 'string' || [buildpacks, jib, ko, bazel, custom].some((other) => other !== undefined)) continue
        const { dockerfile, target, buildArgs } = { ...record(kaniko), ...record(docker) }
        const folder = inFolder(folderOf(path), typeof context === 'string' ? context : '.')
        if (folder === undefined) continue
        const files = [inFolder(folder, typeof dockerfile === 'string' ? dockerfile : 'Dockerfile')]
        links.push(...linkOf({ image, variables: new Map(), files, target, given: argumentsOf(buildArgs, new Map()), source: `${path}:${lineWith(text, image)}` }))
      }
    }
  }
  return links
}

/** https://github.com/docker/build-push-action: `file` is looked for from where the step starts, then in the context. */
function actionLinks(path: string, text: string): readonly Link[] {
  const workflow = parsed(text)
  const root = rootOf(path)
  return Object.values(record(workflow.jobs)).flatMap((job) => {
    const { steps, env } = record(job)
    const list = (Array.isArray(steps) ? steps : []).map(record)
    const variables = new Map<string, string>([...variablesOf(path, ''), ...strings(workflow.env), ...strings(env)])
    // What docker/metadata-action names is what the tags output of its step holds.
    const named = new Map(list.filter(({ uses }) => /docker\/metadata-action/.test(String(uses))).map((step) => [String(step.id), lines(record(step.with).images)]))
    return list
      .filter(({ uses }) => /docker\/build-push-action/.test(String(uses)))
      .flatMap((step) => {
        const { context, file, tags, target, 'build-args': args } = record(step.with)
        const folder = inFolder(root, typeof context === 'string' && !/\$\{\{|^https?:/.test(context) ? context : '.')
        if (folder === undefined) return []
        const files = typeof file === 'string' ? [inFolder(root, file), inFolder(folder, file)] : [inFolder(folder, 'Dockerfile')]
        const images = lines(tags).flatMap((tag) => {
          const output = /steps\.([\w-]+)\.outputs\.(?:tags|json)/.exec(tag)?.[1]
          return output === undefined ? [tag] : (named.get(output) ?? [])
        })
        return images.flatMap((image) =>
          linkOf({
            image,
            variables,
            files,
            target,
            given: argumentsOf(lines(args), variables),
            source: `${path}:${lineWith(text, images.length > 0 && text.includes(image) ? image : 'build-push-action')}`,
          }),
        )
      })
  })
}

function lines(value: unknown): readonly string[] {
  return typeof value === 'string'
    ? value
        .split(/[\n,]/)
        .map((one) => one.trim().replace(/^["']|["']$/g, ''))
        .filter((one) => one !== '')
    : texts(value)
}

function strings(value: unknown): readonly (readonly [string, string])[] {
  return Object.entries(record(value)).flatMap(([name, one]) => (typeof one === 'string' || typeof one === 'number' ? [[name, String(one)] as const] : []))
}

/** Steps whose arguments are a list: Google Cloud Build with docker or kaniko. https://cloud.google.com/build/docs/build-config-file-schema */
function stepLinks(path: string, text: string): readonly Link[] {
  const { steps, substitutions } = parsed(text)
  const variables = new Map([...variablesOf(path, ''), ...strings(substitutions)])
  return (Array.isArray(steps) ? steps : []).flatMap((step) => {
    const { name, args, dir } = record(step)
    const words = texts(args)
    const tool = /cloud-builders\/docker/.test(String(name)) ? 'docker' : /kaniko-project\/executor/.test(String(name)) ? '/kaniko/executor' : undefined
    if (tool === undefined || words.length === 0) return []
    const folders = typeof dir === 'string' ? [dir, `${folderOf(path)}/${dir}`] : ['', folderOf(path)]
    const line = words.map((word) => `'${word.replaceAll("'", '')}'`).join(' ')
    return commandLinks(path, `${tool} ${line}`, folders, variables).map((link) => ({
      ...link,
      source: `${path}:${lineWith(text, words.find((word) => word.includes(link.image)) ?? String(name))}`,
    }))
  })
}

/** https://docs.tilt.dev/api.html#api.docker_build */
function tiltLinks(path: string, text: string): readonly Link[] {
  return [...text.matchAll(/\bdocker_build\(\s*(?:ref\s*=\s*)?['"]([^'"]+)['"]\s*,\s*(?:context\s*=\s*)?['"]([^'"]+)['"]([^)]*)\)/g)].flatMap((match) => {
    const [whole, image = '', context = '.', rest = ''] = match
    const folder = inFolder(folderOf(path), context)
    if (folder === undefined) return []
    const dockerfile = /dockerfile\s*=\s*['"]([^'"]+)['"]/.exec(rest)?.[1]
    const files = [dockerfile === undefined ? inFolder(folder, 'Dockerfile') : inFolder(folderOf(path), dockerfile)]
    return linkOf({
      image,
      variables: new Map(),
      files,
      target: /target\s*=\s*['"]([^'"]+)['"]/.exec(rest)?.[1],
      given: new Map(),
      source: `${path}:${text.slice(0, text.indexOf(whole)).split('\n').length}`,
    })
  })
}
