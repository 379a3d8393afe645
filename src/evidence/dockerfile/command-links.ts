/** `docker build -t NAME -f FILE CONTEXT` and its relatives, wherever they are written. */
import { inFolder, type Link, linkOf } from './link.ts'
import { filledIn, OPEN } from './variables.ts'

const BUILD = /(?:\b(?:docker|podman|nerdctl|buildah|img|finch)(?:[ \t]+(?:buildx|image|builder))?[ \t]+'?(?:build|bud|build-using-dockerfile)\b|\/kaniko\/executor)'?([^\n]*)/g
/** Options of theirs that take the next word. https://docs.docker.com/reference/cli/docker/buildx/build/ */
const VALUES = new Set(
  '-t --tag -f --file --dockerfile --destination --context --target --build-arg --build-context --platform --label --cache-from --cache-to --output -o --progress --network --secret --ssh --builder --iidfile --metadata-file --annotation --isolation --shm-size --ulimit --add-host --allow --attest --sbom --provenance --format -v --volume -m --memory --cpus --cache-repo --cache-dir --registry-mirror -d -c'.split(
    ' ',
  ),
)

/** `folders`: where the command may be started. */
export function commandLinks(path: string, text: string, folders: readonly string[], variables: ReadonlyMap<string, string>): readonly Link[] {
  // Continued lines become one; the spaces keep the offsets. What a heredoc prints is no command.
  const whole = text.replace(/\\\r?\n[ \t]*/g, (piece) => ' '.repeat(piece.length)).replace(HEREDOC, (piece) => piece.replace(/[^\n]/g, ' '))
  const links: Link[] = []
  for (const match of whole.matchAll(BUILD)) {
    const line = text.slice(0, match.index).split('\n').length
    const before = whole.slice(whole.lastIndexOf('\n', match.index) + 1, match.index)
    if (/^\s*(?:#|\/\/)/.test(before)) continue
    const moved = [...before.matchAll(MOVE)].at(-1)?.[2]
    const elsewhere = moved === undefined && movesBefore(path, whole.slice(0, match.index))
    const starts = moved === undefined ? folders : folders.flatMap((folder) => inFolder(folder, filledIn(moved, variables)) ?? [])
    links.push(...commandLink(words(match[1] ?? ''), elsewhere ? undefined : starts, variables, `${path}:${line}`))
  }
  return links
}

const MOVE = /\b(?:cd|pushd)[ \t]+(['"]?)([^\s'";&|]+)\1/g
const HEREDOC = /<<-?[ \t]*(['"]?)(\w+)\1[^\n]*\n[\s\S]*?\n[ \t]*\2[ \t]*(?=\n|$)/g

/** An earlier line may have changed the folder. Each line of a Makefile has a shell of its own. */
function movesBefore(path: string, before: string): boolean {
  if (/(?:^|\/)(?:GNU)?[Mm]akefile$|\.mk$/.test(path)) return false
  return /^[ \t]*(?:-[ \t]+)?(?:run:[ \t]*)?(?:cd|pushd)[ \t]|\bworking-directory:|[[,"'][ \t]*cd[ \t]/m.test(before)
}

function words(text: string): readonly string[] {
  // The command ends where the shell goes on to another one.
  const all = [...text.matchAll(/(?:\$\([^)]*\)|\$\{\{[^}]*\}\}|[^\s"';&|)]|"(?:[^"\\]|\\.)*"|'[^']*')+|[;&|)]/g)].map(([word]) => word)
  const end = all.findIndex((word) => /^[;&|)]$/.test(word))
  return (end === -1 ? all : all.slice(0, end)).map((word) => word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ''))
}

/** `starts` undefined: started in a folder that is not known, so nothing can be said. */
function commandLink(all: readonly string[], starts: readonly string[] | undefined, variables: ReadonlyMap<string, string>, source: string): readonly Link[] {
  const images: string[] = []
  const given = new Map<string, string | undefined>()
  let dockerfile: string | undefined
  let target: string | undefined
  let context: string | undefined
  for (let i = 0; i < all.length; i++) {
    const word = all[i] as string
    const joined = /^(--?[\w-]+)=(.*)$/s.exec(word)
    const option = joined?.[1] ?? word
    if (!option.startsWith('-') || word === '-') {
      if (!/^\d?[<>]/.test(word)) context ??= word
      continue
    }
    const value = joined?.[2] ?? (VALUES.has(option) ? all[++i] : undefined)
    if (value === undefined) continue
    if (/^(?:-t|--tag|--destination|-d)$/.test(option)) images.push(value)
    else if (/^(?:-f|--file|--dockerfile)$/.test(option)) dockerfile = value
    else if (option === '--target') target = value
    else if (option === '--context' || option === '-c') context = value.replace(/^dir:\/\//, '')
    else if (option === '--build-arg') {
      const at = value.indexOf('=')
      const full = at === -1 ? OPEN : filledIn(value.slice(at + 1), variables)
      given.set(at === -1 ? value : value.slice(0, at), full.includes(OPEN) ? undefined : full)
    }
  }
  const folder = filledIn(context ?? '.', variables).replace(/^\u0000\/?/, './')
  const file = dockerfile === undefined ? undefined : filledIn(dockerfile, variables).replace(/^\u0000\/?/, './')
  const files = (starts ?? []).flatMap((start) => {
    const below = inFolder(start, folder)
    const inContext = below === undefined ? undefined : inFolder(below, file ?? 'Dockerfile')
    return file === undefined ? [inContext] : [inFolder(start, file), inContext]
  })
  return images.flatMap((image) => linkOf({ image, variables, files, target: target === undefined ? undefined : filledIn(target, variables), given, source }))
}
