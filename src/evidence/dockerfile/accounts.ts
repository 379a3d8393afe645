/** Accounts that shell commands of a build make: `useradd`, `adduser` of Debian and of BusyBox, lines for /etc/passwd. */

export interface Account {
  /** null: the number is left to the tool, so nobody knows it. */
  readonly uid: number | null
  readonly gid: number | null
}

export interface Accounts {
  readonly users: Map<string, Account>
  readonly groups: Map<string, number | null>
  /** Something changed the files in a way that was not understood: no name has a number that is sure. */
  unclear: boolean
}

export function noAccounts(): Accounts {
  return { users: new Map(), groups: new Map(), unclear: false }
}

/** Words of each simple command, quotes taken away. Enough for what builds do; what it does not know it passes over. */
export function commandsOf(script: string): readonly (readonly string[])[] {
  return script
    .replace(/\\\r?\n/g, ' ')
    .split(/&&|\|\||[;|\n]|\bthen\b|\bdo\b|\belse\b/)
    .map((command) =>
      [...command.matchAll(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
        word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ''),
      ),
    )
    .filter((words) => words.length > 0)
}

/** Options that take the next word. */
const USERADD_VALUES = new Set([
  '-b',
  '-c',
  '-d',
  '-e',
  '-f',
  '-g',
  '-G',
  '-k',
  '-K',
  '-p',
  '-R',
  '-s',
  '-u',
  '-Z',
  '-l',
  '--login',
  '--base-dir',
  '--comment',
  '--home-dir',
  '--home',
  '--gid',
  '--groups',
  '--skel',
  '--shell',
  '--uid',
  '--password',
])
const ADDUSER_VALUES = new Set([
  '-u',
  '-G',
  '-h',
  '-s',
  '-g',
  '-k',
  '--uid',
  '--gid',
  '--ingroup',
  '--home',
  '--shell',
  '--gecos',
  '--comment',
  '--conf',
  '--firstuid',
  '--lastuid',
])
const GROUP_VALUES = new Set(['-g', '--gid', '-K', '-p', '-R', '--conf'])

interface Parsed {
  readonly names: readonly string[]
  option(...names: readonly string[]): string | undefined
}

function parsed(words: readonly string[], takesValue: ReadonlySet<string>): Parsed {
  const options = new Map<string, string>()
  const names: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    const long = /^(--[\w-]+)=(.*)$/s.exec(word)
    if (long !== null) options.set(long[1] as string, long[2] as string)
    else if (takesValue.has(word)) options.set(word, words[++i] ?? '')
    else if (/^-[a-zA-Z]\d+$/.test(word) && takesValue.has(word.slice(0, 2))) options.set(word.slice(0, 2), word.slice(2))
    else if (/^-[a-zA-Z]{2,}$/.test(word) && takesValue.has(`-${word.at(-1)}`)) options.set(`-${word.at(-1)}`, words[++i] ?? '')
    else if (!word.startsWith('-')) names.push(word)
  }
  return { names, option: (...keys) => keys.map((key) => options.get(key)).find((value) => value !== undefined) }
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** Ways to change the account files that are not followed. */
const CHANGES = /\b(?:sed|awk|perl|ed|mv|cp|install|tee)\b[^\n;|&]*\/etc\/(?:passwd|group)\b|[^>]>[ \t]*\/etc\/(?:passwd|group)\b/

/** Adds what the script of one RUN makes. `words` may begin with `sudo`, `set` and the like, which are passed over. */
export function addAccounts(accounts: Accounts, script: string): void {
  const { users, groups } = accounts
  if (CHANGES.test(script)) accounts.unclear = true
  const numbers = new Map<string, number | null>()
  for (const all of commandsOf(script)) {
    const start = all.findIndex((word) => /^(?:\/\S*\/)?(?:useradd|adduser|addgroup|groupadd|usermod|groupmod)$/.test(word))
    if (start === -1) continue
    const tool = (all[start] as string).split('/').at(-1) as string
    const words = all.slice(start + 1)
    if (tool === 'useradd' || tool === 'usermod') {
      const { names, option } = parsed(words, USERADD_VALUES)
      const name = names.at(-1)
      if (name === undefined) continue
      const old = users.get(name)
      const group = option('-g', '--gid')
      const uid = number(option('-u', '--uid')) ?? (tool === 'usermod' ? (old?.uid ?? null) : null)
      if (tool === 'useradd' && numbers.has(name) && numbers.get(name) !== uid) accounts.unclear = true
      numbers.set(name, uid)
      if (tool === 'usermod' && option('-l', '--login') !== undefined) accounts.unclear = true
      users.set(name, { uid, gid: number(group) ?? (group === undefined ? (old?.gid ?? null) : (groups.get(group) ?? null)) })
    } else if (tool === 'adduser') {
      const { names, option } = parsed(words, ADDUSER_VALUES)
      const [name, addTo] = names
      if (name === undefined || (addTo !== undefined && users.has(name))) continue
      const group = option('-G', '--ingroup')
      const uid = number(option('-u', '--uid')) ?? null
      // In branches of one script: which of them runs is not known here.
      if (numbers.has(name) && numbers.get(name) !== uid) accounts.unclear = true
      numbers.set(name, uid)
      users.set(name, { uid, gid: number(option('--gid')) ?? (group === undefined ? null : (number(group) ?? groups.get(group) ?? null)) })
    } else {
      const { names, option } = parsed(words, GROUP_VALUES)
      const name = tool === 'addgroup' && names.length > 1 ? undefined : names.at(-1)
      if (name !== undefined) groups.set(name, number(option('-g', '--gid')) ?? null)
    }
  }
  if (script.includes('/etc/passwd'))
    for (const [, name, uid, gid] of script.matchAll(/\b([a-z_][\w-]*):[^:\s]*:(\d+):(\d+):[^:\n]*:[^:\s]*:/g)) users.set(name as string, { uid: Number(uid), gid: Number(gid) })
  if (script.includes('/etc/group')) for (const [, name, gid] of script.matchAll(/\b([a-z_][\w-]*):[^:\s]*:(\d+):(?=[^:]*(?:$|['"\n]))/gm)) groups.set(name as string, Number(gid))
}
