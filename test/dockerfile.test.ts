/** Dockerfiles as people write them, one idiom each: who the image runs as, and what the build says of its paths. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readDockerfile } from '../src/evidence/dockerfile/read.ts'
import type { Build } from '../src/types.ts'

const dockerfile = suite('dockerfile')

interface Expected {
  readonly base?: string
  /** `uid:gid` of the last USER, `?` for what is not known; absent: no USER. */
  readonly user?: string
  readonly volumes?: readonly string[]
  readonly owned?: readonly string[]
  readonly handed?: readonly string[]
  readonly ports?: readonly number[]
  readonly capabilities?: string
  readonly steps?: string
  readonly home?: string
}

const SHAPES: readonly (readonly [name: string, text: string, expected: Expected])[] = [
  ['no USER', 'FROM alpine:3.20\n', { base: 'alpine:3.20' }],
  ['a number', 'FROM alpine\nUSER 1000\n', { user: '1000:?' }],
  ['number and group', 'FROM alpine\nUSER 1000:1001\n', { user: '1000:1001' }],
  ['group 0, as OpenShift wants it', 'FROM ubi9\nUSER 1001:0\n', { base: 'ubi9', user: '1001:0' }],
  ['root by name', 'FROM alpine\nUSER root\n', { user: '0:?' }],
  ['back to root and down again', 'FROM app\nUSER root\nRUN apk add x\nUSER 1001\n', { base: 'app', user: '1001:?' }],
  ['useradd with numbers', 'FROM debian\nRUN groupadd -g 2000 app && useradd -u 2001 -g app app\nUSER app\n', { user: '2001:2000' }],
  ['useradd, long options', 'FROM debian\nRUN groupadd --gid 2000 app\nRUN useradd --uid 2001 --gid 2000 --create-home --shell /bin/sh app\nUSER app\n', { user: '2001:2000' }],
  ['useradd, options with =', 'FROM debian\nRUN useradd --uid=2001 --gid=2000 app\nUSER app\n', { user: '2001:2000' }],
  ['useradd, options run together', 'FROM debian\nRUN useradd -rmu 2001 app\nUSER app\n', { user: '2001:?' }],
  ['useradd without a number', 'FROM debian\nRUN useradd -r app\nUSER app\n', { user: '?:?' }],
  ['adduser of BusyBox', 'FROM alpine\nRUN addgroup -g 1001 -S app && adduser -u 1002 -S app -G app\nUSER app\n', { user: '1002:1001' }],
  ['adduser of BusyBox, -D', 'FROM alpine\nRUN adduser -D -u 1000 app\nUSER app\n', { user: '1000:?' }],
  ['adduser of BusyBox, -h and -s', 'FROM alpine\nRUN adduser -D -H -h /srv -s /sbin/nologin -u 5000 svc\nUSER svc\n', { user: '5000:?' }],
  ['adduser of Debian', "FROM debian\nRUN addgroup --gid 3000 app && adduser --uid 3001 --ingroup app --disabled-password --gecos '' app\nUSER app\n", { user: '3001:3000' }],
  ['adduser that adds to a group', 'FROM alpine\nRUN adduser -D -u 1000 app && addgroup -g 7 extra && adduser app extra\nUSER app\n', { user: '1000:?' }],
  ['usermod', 'FROM node\nRUN usermod -u 4000 node\nUSER node\n', { base: 'node', user: '4000:?' }],
  ['an account of the base image', 'FROM node:22\nUSER node\n', { base: 'node:22', user: '?:?' }],
  [
    'a line for /etc/passwd',
    "FROM busybox\nRUN echo 'app:x:1234:1235:app:/home/app:/bin/sh' >> /etc/passwd && echo 'app:x:1235:' >> /etc/group\nUSER app\n",
    { user: '1234:1235' },
  ],
  ['a group by name', 'FROM alpine\nRUN addgroup -g 77 web\nUSER 5:web\n', { user: '5:77' }],
  ['the number gives the group of its account', 'FROM alpine\nRUN addgroup -g 7 app && adduser -D -u 8 -G app app\nUSER 8\n', { user: '8:7' }],
  ['several lines', 'FROM debian\nRUN set -eux; \\\n    groupadd -r -g 999 app; \\\n    # why\n    useradd -r -g app -u 998 app\nUSER app\n', { user: '998:999' }],
  ['a heredoc', 'FROM debian\nRUN <<EOF\ngroupadd -g 10 app\nuseradd -u 11 -g app app\nEOF\nUSER app\n', { user: '11:10' }],
  ['the JSON form of RUN', 'FROM debian\nRUN ["useradd", "-u", "12", "app"]\nUSER app\n', { user: '12:?' }],
  ['an argument with a default', 'FROM alpine\nARG UID=4711\nRUN adduser -D -u $UID app\nUSER app\n', { user: '4711:?' }],
  ['an argument in USER', 'FROM alpine\nARG UID=4711\nUSER ${UID}\n', { user: '4711:?' }],
  ['a default in place', 'FROM alpine\nUSER ${UID:-4712}:${GID:-4713}\n', { user: '4712:4713' }],
  ['an argument without a default', 'FROM alpine\nARG UID\nUSER $UID\n', { user: '?:?' }],
  ['a global argument, declared again', 'ARG UID=5\nFROM alpine\nARG UID\nUSER $UID\n', { user: '5:?' }],
  ['a global argument is not seen by itself', 'ARG UID=5\nFROM alpine\nUSER $UID\n', { user: '?:?' }],
  ['ENV, both forms', 'FROM alpine\nENV APP_UID 21\nENV OTHER=x HOME="/srv/app"\nUSER $APP_UID\n', { user: '21:?', home: '/srv/app' }],
  ['an argument in FROM', 'ARG VERSION=3.20\nFROM alpine:${VERSION}\n', { base: 'alpine:3.20' }],
  ['an argument in FROM without a default', 'ARG BASE\nFROM $BASE\nUSER 1\n', { user: '1:?' }],
  ['a platform', 'FROM --platform=$BUILDPLATFORM golang:1.23 AS build\nFROM scratch\nCOPY --from=build /app /app\nUSER 65532\n', { base: 'scratch', user: '65532:?' }],
  ['stages: only the last counts', 'FROM golang AS build\nUSER 1\nFROM alpine\nCOPY --from=build /x /x\n', { base: 'alpine' }],
  [
    'a stage that stands on another',
    'FROM debian AS base\nRUN useradd -u 31 app\nUSER app\nVOLUME /data\nFROM base AS final\nEXPOSE 8080\n',
    { base: 'debian', user: '31:?', volumes: ['/data'], ports: [8080] },
  ],
  ['a stage by number', 'FROM debian\nUSER 41\nFROM 0\n', { base: 'debian', user: '41:?' }],
  ['names of stages in any case', 'FROM debian AS Base\nUSER 51\nFROM BASE\n', { base: 'debian', user: '51:?' }],
  [
    'accounts copied to scratch',
    'FROM alpine AS users\nRUN adduser -D -u 61 app\nFROM scratch\nCOPY --from=users /etc/passwd /etc/passwd\nUSER app\n',
    { base: 'scratch', user: '61:?' },
  ],
  ['VOLUME, both forms', 'FROM alpine\nVOLUME /a /b\nVOLUME ["/c d", "/e"]\n', { volumes: ['/a', '/b', '/c d', '/e'] }],
  ['EXPOSE', 'FROM alpine\nARG PORT=81\nEXPOSE 80 443/tcp 53/udp $PORT\n', { ports: [80, 443, 81] }],
  [
    'a folder made and handed over',
    'FROM alpine\nRUN adduser -D -u 1 app && mkdir -p /var/lib/app /opt/x && chown -R app:app /var/lib/app\nUSER app\n',
    { user: '1:?', owned: ['/var/lib/app'] },
  ],
  ['install -d -o', 'FROM debian\nRUN install -d -o 1000 -m 0700 /var/cache/app\n', { owned: ['/var/cache/app'] }],
  ['chown of what was there: handed over with its files', 'FROM alpine\nRUN chown -R 1000 /app\n', { handed: ['/app'] }],
  ['COPY --chown below WORKDIR', 'FROM node\nWORKDIR /srv\nWORKDIR app\nCOPY --chown=node:node . .\n', { base: 'node', handed: ['/srv/app'] }],
  ['COPY --chown for root', 'FROM node\nCOPY --chown=root:root . /srv\nCOPY --chown=0 . /opt\n', {}],
  ['the JSON form of COPY', 'FROM node\nCOPY --chown=5 ["a b", "/srv/x y"]\n', { handed: ['/srv/x y'] }],
  [
    'chown after cd, relative',
    'FROM debian\nWORKDIR /opt\nRUN cd app && mkdir -p var/log && chown www-data:www-data var/log . ../x\n',
    { owned: ['/opt/app/var/log'], handed: ['/opt/app', '/opt/x'] },
  ],
  ['setcap', "FROM alpine\nRUN setcap 'cap_net_bind_service=+ep' /usr/bin/app\n", { capabilities: '/usr/bin/app NET_BIND_SERVICE' }],
  ['setcap of two', 'FROM alpine\nRUN apk add libcap && setcap cap_net_raw,cap_net_admin+ep /bin/x && apk del libcap\n', { capabilities: '/bin/x NET_RAW,NET_ADMIN' }],
  ['gosu', 'FROM debian\nRUN useradd -u 71 app\nENTRYPOINT ["gosu", "app", "/srv/run"]\n', { steps: 'gosu 71' }],
  ['su-exec with a number', 'FROM alpine\nENTRYPOINT ["/sbin/tini", "--", "su-exec", "72:73", "run"]\n', { steps: 'su-exec 72' }],
  ['setpriv', 'FROM debian\nCMD exec setpriv --reuid=74 --regid=74 run\n', { steps: 'setpriv 74' }],
  ['an option of the program behind gosu', 'FROM debian\nRUN useradd -u 1001 app\nENTRYPOINT ["gosu","app","python","-u","main.py"]\n', { steps: 'gosu 1001' }],
  ['a later ENTRYPOINT replaces an earlier one', 'FROM debian AS base\nENTRYPOINT ["gosu","7","/run"]\nFROM base\nUSER 2002\nENTRYPOINT ["/server"]\n', { user: '2002:?' }],
  ['ENV counts before ARG', 'FROM debian\nENV APP_UID=1000\nARG APP_UID=2000\nUSER $APP_UID\n', { user: '1000:?' }],
  ['branches that disagree', 'FROM debian\nRUN if [ "$A" = b ]; then useradd -u 1000 app; else useradd -u 2000 app; fi\nUSER app\n', { user: '?:?' }],
  ['the account file changed by sed', "FROM node:20\nRUN sed -i 's/^node:x:1000:1000:/node:x:5000:5000:/' /etc/passwd\nUSER node\n", { base: 'node:20', user: '?:?' }],
  ['the account file replaced', 'FROM debian\nRUN useradd -u 1000 app\nCOPY docker/passwd docker/group /etc/\nUSER app\n', { user: '?:?' }],
  ['a number that Kubernetes does not take', 'FROM debian\nUSER 4294967294\n', { user: '?:?' }],
  ['install with owner, group and mode', 'FROM debian\nRUN install -d -o app -g app -m 0750 /var/lib/shop\n', { owned: ['/var/lib/shop'] }],
  ['a quoted part of a path', 'FROM debian\nENV APP_HOME=/opt/shop\nRUN mkdir -p "$APP_HOME"/data && chown app: "$APP_HOME"/data\n', { owned: ['/opt/shop/data'] }],
  ['small letters, comments, parser directive', '# syntax=docker/dockerfile:1\n# a comment\nfrom alpine as x\nuser 81\n', { user: '81:?' }],
  ['CRLF', 'FROM alpine\r\nRUN adduser -D \\\r\n  -u 82 app\r\nUSER app\r\n', { user: '82:?' }],
  ['the escape of Windows', '# escape=`\nFROM debian\nRUN useradd `\n  -u 83 app\nUSER app\n', { user: '83:?' }],
]

const number = (value: number | null): string => (value === null ? '?' : String(value))

function shown(build: Build, wanted: Expected): Expected {
  return {
    ...(wanted.base === undefined ? {} : { base: build.base ?? '?' }),
    ...(build.user === undefined ? {} : { user: `${number(build.user.value.uid)}:${number(build.user.value.gid)}` }),
    ...(build.volumes.length === 0 ? {} : { volumes: build.volumes.map(({ value }) => value) }),
    ...(build.owned.length === 0 ? {} : { owned: build.owned.map(({ value }) => value) }),
    ...(build.handed.length === 0 ? {} : { handed: build.handed.map(({ value }) => value) }),
    ...(build.ports.length === 0 ? {} : { ports: build.ports.map(({ value }) => value) }),
    ...(build.fileCapabilities.length === 0 ? {} : { capabilities: build.fileCapabilities.map(({ value }) => `${value.path} ${value.capabilities.join(',')}`).join('; ') }),
    ...(build.stepsDown === undefined ? {} : { steps: `${build.stepsDown.value.by} ${number(build.stepsDown.value.uid)}` }),
    ...(build.home === undefined ? {} : { home: build.home }),
  }
}

for (const [name, text, expected] of SHAPES) {
  dockerfile(name, () => {
    const build = readDockerfile(text)
    if (build === undefined) throw new Error('no stage was found')
    assert.equal(shown(build, expected), expected)
  })
}

dockerfile('a target names the stage; a text without a stage is none', () => {
  const text = 'FROM alpine AS one\nUSER 1\nFROM alpine AS two\nUSER 2\n'
  assert.is(readDockerfile(text, 'one')?.user?.value.uid, 1)
  assert.is(readDockerfile(text)?.user?.value.uid, 2)
  assert.is(readDockerfile(text, 'three'), undefined)
  assert.is(readDockerfile('# nothing\n'), undefined)
  assert.is(readDockerfile(''), undefined)
})

dockerfile('stages that stand on each other and copy from each other are read once', () => {
  const stages = ['FROM alpine AS s0\nRUN adduser -D -u 5 app\n']
  for (let i = 1; i < 40; i++) stages.push(`FROM s${i - 1} AS s${i}\nCOPY --from=s${i - 1} /etc/passwd /etc/passwd\n`)
  assert.is(readDockerfile(`${stages.join('')}USER app\n`)?.user?.value.uid, 5)
})

dockerfile('a build argument that is given and cannot be read clears the default', () => {
  const text = 'FROM debian\nARG APP_UID=1000\nRUN useradd -u ${APP_UID} app\nUSER app\n'
  assert.is(readDockerfile(text, undefined, new Map([['APP_UID', undefined]]))?.user?.value.uid, null)
  assert.is(readDockerfile(text, undefined, new Map([['APP_UID', '4711']]))?.user?.value.uid, 4711)
})

dockerfile('lines are those of the file', () => {
  assert.is(readDockerfile('FROM a\n\n# x\nRUN b && \\\n  c\nVOLUME /d\nUSER 5\n')?.user?.line, 7)
  assert.is(readDockerfile('FROM a\n\n# x\nRUN b && \\\n  c\nVOLUME /d\nUSER 5\n')?.volumes[0]?.line, 6)
})

dockerfile.run()
