/** Credentials of a registry as docker keeps them: https://docs.docker.com/reference/cli/docker/login/#credential-stores */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { record } from '../loose.ts'

export interface Credentials {
  readonly user: string
  readonly password: string
  /** Instead of a password: gets an access token from the token server. */
  readonly identityToken?: string
}

/** Asks the file, then its helpers. Undefined: none are kept, or the helper failed. */
export async function credentialsFor(registry: string, configFile: string | undefined): Promise<Credentials | undefined> {
  if (configFile === undefined) return undefined
  let config: Readonly<Record<string, unknown>>
  try {
    config = record(JSON.parse(readFileSync(configFile, 'utf8')))
  } catch {
    return undefined
  }
  const keys =
    registry === 'docker.io' ? ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io'] : [registry, `https://${registry}`, `https://${registry}/`, `http://${registry}`]
  const helper = keys.map((key) => record(config.credHelpers)[key]).find((name) => name !== undefined) ?? config.credsStore
  if (typeof helper === 'string' && /^[a-z0-9_-]+$/.test(helper)) {
    for (const key of keys) {
      const found = await ask(helper, key)
      if (found !== undefined) return found
    }
  }
  for (const key of keys) {
    const { auth, username, password, identitytoken } = record(record(config.auths)[key])
    const [, user = '', secret = ''] = typeof auth === 'string' ? (/^([^:]*):([\s\S]*)$/.exec(Buffer.from(auth, 'base64').toString()) ?? []) : []
    if (typeof identitytoken === 'string' && identitytoken !== '') return { user, password: secret, identityToken: identitytoken }
    if (user !== '') return { user, password: secret.replace(/\0+$/, '') }
    if (typeof username === 'string' && typeof password === 'string') return { user: username, password }
  }
  return undefined
}

/** Runs `docker-credential-NAME get` without a shell. */
function ask(helper: string, server: string): Promise<Credentials | undefined> {
  return new Promise((done) => {
    const child = execFile(`docker-credential-${helper}`, ['get'], { timeout: 15_000, maxBuffer: 1024 * 1024, windowsHide: true }, (error, stdout) => {
      if (error !== null) return done(undefined)
      try {
        const { Username: user, Secret: secret } = record(JSON.parse(stdout))
        if (typeof user !== 'string' || typeof secret !== 'string') done(undefined)
        else done(user === '<token>' ? { user: '', password: '', identityToken: secret } : { user, password: secret })
      } catch {
        done(undefined)
      }
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(server)
  })
}
