/** Which Dockerfile of a tree makes an image, and what follows from it for the image. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { about, NO_SOURCES } from '../src/evidence/about.ts'
import { isBuildFile, isDockerfile } from '../src/evidence/dockerfile/links.ts'
import { survey } from '../src/survey.ts'
import type { About } from '../src/types.ts'

type Tree = Readonly<Record<string, string>>
const SHOP = 'FROM scratch\nUSER 4711\n'

function known(tree: Tree, image: string): About {
  const { builds, neighbours } = survey(Object.entries(tree)).survey
  return about(image, { commandReplaced: false, env: new Map(), args: [] }, { ...NO_SOURCES, builds, neighbours })
}

/** `uid grade source`. */
function who(tree: Tree, image = 'registry.example/shop:1'): string {
  const { user, candidates } = known(tree, image)
  return candidates === undefined ? (user === undefined ? '-' : `${user.value.uid} ${user.grade} ${user.source}`) : `? ${candidates.join(' ')}`
}

const links = suite('links from images to Dockerfiles')
const KNOWN = '4711 known USER 4711, shop/Dockerfile:2'

const FILES: readonly (readonly [name: string, path: string, text: string, dockerfile?: string])[] = [
  ['compose, short form', 'compose.yaml', 'services:\n  shop:\n    image: registry.example/shop\n    build: ./shop\n'],
  ['compose, long form', 'docker-compose.yml', 'services:\n  a:\n    image: registry.example/shop:dev\n    build: {context: ., dockerfile: shop/Dockerfile}\n'],
  ['compose in a folder', 'deploy/docker-compose.prod.yml', 'services:\n  a:\n    image: registry.example/shop\n    build: {context: ../shop}\n'],
  ['compose with a default in the name', 'compose.yml', 'services:\n  a:\n    image: ${REPO:-registry.example}/shop:${TAG:-1}\n    build: shop\n'],
  ['skaffold', 'skaffold.yaml', 'apiVersion: skaffold/v4beta11\nkind: Config\nbuild:\n  artifacts:\n  - image: registry.example/shop\n    context: shop\n'],
  [
    'skaffold profile, Dockerfile named',
    'x/skaffold.yml',
    'apiVersion: skaffold/v2\nprofiles:\n- name: p\n  build:\n    artifacts:\n    - image: registry.example/shop\n      context: ..\n      docker: {dockerfile: shop/Dockerfile}\n',
  ],
  ['docker build', 'build.sh', '#!/bin/sh\nset -e\ndocker build -t registry.example/shop:1 shop\n'],
  ['docker build, options joined', 'build.sh', 'docker build --tag=registry.example/shop --file=shop/Dockerfile .\n'],
  [
    'docker buildx build over lines',
    'build.sh',
    'docker buildx build \\\n  --platform linux/amd64,linux/arm64 \\\n  --push -t registry.example/shop:1 \\\n  -f shop/Dockerfile .\n',
  ],
  ['options with values before the context', 'build.sh', 'docker build --label a=b --cache-from x --build-arg A=1 -t registry.example/shop --no-cache shop\n'],
  ['docker image build, podman, buildah, nerdctl', 'build.sh', 'buildah bud -t registry.example/shop shop\n'],
  ['cd before it', 'hack/build.sh', 'cd shop && docker build -t registry.example/shop . && docker push registry.example/shop\n'],
  ['from the folder of the script', 'shop/build.sh', 'docker build -t registry.example/shop .\n'],
  ['variables of a Makefile', 'Makefile', 'REPO ?= registry.example\nNAME := shop\nIMG = $(REPO)/$(NAME)\nimage:\n\tdocker build -t $(IMG):$(shell git describe) shop\n'],
  ['variables of a script', 'ci.sh', 'IMAGE="registry.example/shop"\ndocker build -t "${IMAGE}:${VERSION}" "shop"\n'],
  ['the current folder by a variable', 'ci.sh', 'docker build -t registry.example/shop -f "$ROOT/shop/Dockerfile" "$ROOT"\n'],
  ['a workflow step', '.github/workflows/ci.yml', 'jobs:\n  a:\n    steps:\n    - run: |\n        docker build -t registry.example/shop:${{ github.sha }} shop\n'],
  [
    'build-push-action',
    '.github/workflows/ci.yml',
    'jobs:\n  a:\n    steps:\n    - uses: docker/build-push-action@v6\n      with:\n        context: shop\n        tags: |\n          registry.example/shop:latest\n          registry.example/shop:${{ github.sha }}\n',
  ],
  [
    'build-push-action with variables and a file',
    '.github/workflows/ci.yml',
    'env: {REGISTRY: registry.example}\njobs:\n  a:\n    steps:\n    - uses: docker/build-push-action@v5\n      with:\n        context: .\n        file: ./shop/Dockerfile\n        tags: ${{ env.REGISTRY }}/shop:1\n',
  ],
  [
    'build-push-action after metadata-action',
    '.github/workflows/ci.yml',
    'jobs:\n  a:\n    steps:\n    - id: meta\n      uses: docker/metadata-action@v5\n      with: {images: registry.example/shop}\n    - uses: docker/build-push-action@v6\n      with: {context: shop, tags: "${{ steps.meta.outputs.tags }}"}\n',
  ],
  [
    'kaniko in GitLab',
    '.gitlab-ci.yml',
    'a:\n  script:\n  - /kaniko/executor --context "$CI_PROJECT_DIR" --dockerfile "$CI_PROJECT_DIR/shop/Dockerfile" --destination registry.example/shop:1\n',
  ],
  ['Cloud Build', 'cloudbuild.yaml', "steps:\n- name: gcr.io/cloud-builders/docker\n  args: ['build', '-t', 'registry.example/shop', 'shop']\n"],
  ['Cloud Build with a folder', 'cloudbuild.yaml', 'steps:\n- name: gcr.io/cloud-builders/docker\n  dir: shop\n  args: [build, -t, registry.example/shop, .]\n'],
  ['Tilt', 'Tiltfile', "docker_build('registry.example/shop', 'shop')\n"],
  ['Jenkins', 'Jenkinsfile', 'node { sh "docker build -t registry.example/shop:1 shop" }\n'],
]

for (const [name, path, text] of FILES) links(name, () => assert.is(who({ 'shop/Dockerfile': SHOP, [path]: text }), KNOWN))

links('what is no link', () => {
  const none = (path: string, text: string): string => who({ 'x/Dockerfile': SHOP, [path]: text })
  assert.is(none('build.sh', '# docker build -t registry.example/shop x\n'), '-')
  assert.is(none('build.sh', 'docker build -t registry.example/shop https://example.com/x.git\n'), '-')
  assert.is(none('build.sh', 'docker build -t registry.example/shop ../../x\n'), '-')
  assert.is(none('build.sh', 'docker build -t registry.example/$NAME x\n'), '-')
  assert.is(none('build.sh', 'docker build -t registry.example/shop nowhere\n'), '-')
  assert.is(none('compose.yaml', 'services:\n  shop:\n    image: registry.example/shop\n'), '-')
  assert.is(none('compose.yaml', 'services: [\n'), '-')
  assert.is(none('skaffold.yaml', 'apiVersion: skaffold/v2\nbuild:\n  artifacts:\n  - image: registry.example/shop\n    context: x\n    jib: {}\n'), '-')
})

links('the end of a name whose beginning comes from outside is a likeness only', () => {
  assert.is(who({ 'x/Dockerfile': SHOP, 'b.sh': 'docker build -t $REGISTRY/shop:$TAG x\n' }), '4711 likely USER 4711, x/Dockerfile:2, taken for this image by b.sh:1')
})

links('the name of the folder, of the file, and neither', () => {
  assert.is(who({ 'src/shop/Dockerfile': SHOP }), '4711 likely USER 4711, src/shop/Dockerfile:2, taken for this image by its name')
  assert.match(who({ 'shop/src/Dockerfile': SHOP }), /^4711 likely/)
  assert.match(who({ 'docker/shop.Dockerfile': SHOP }), /^4711 likely/)
  assert.match(who({ 'build/Dockerfile.shop': SHOP }), /^4711 likely/)
  assert.is(who({ Dockerfile: SHOP }), '-')
  assert.is(who({ 'shopping/Dockerfile': SHOP }), '-')
  assert.match(who({ 'shop/Dockerfile': SHOP, 'shop/Dockerfile.dev': 'FROM scratch\nUSER 1\n' }), /^4711 likely/, 'a variant stands back')
  assert.match(who({ 'shop/Dockerfile.alpine': SHOP }), /^4711 likely/, 'a variant alone counts')
  assert.is(who({ 'redis/Dockerfile': SHOP }, 'redis:7').slice(0, 9), '999 known', 'a public image is not taken for the own one by its name')
  assert.match(who({ 'redis/Dockerfile': SHOP, 'c/compose.yml': 'services: {r: {image: redis, build: ../redis}}\n' }, 'redis:7'), /^4711 known .*$/)
})

links('several Dockerfiles are no answer, unless they say the same or the tag decides', () => {
  const other = 'FROM scratch\nUSER 1\n'
  assert.is(who({ 'a/shop/Dockerfile': SHOP, 'b/shop/Dockerfile': other }), '? a/shop/Dockerfile b/shop/Dockerfile')
  const both = 'docker build -t registry.example/shop:1 a\ndocker build -t registry.example/shop:2 b\n'
  assert.match(who({ 'a/Dockerfile': SHOP, 'b/Dockerfile': other, 'x.sh': both }), /^4711 known .* a\/Dockerfile:2$/)
  assert.match(who({ 'a/Dockerfile': SHOP, 'b/Dockerfile': other, 'x.sh': both }, 'registry.example/shop:2'), /^1 known/)
  assert.is(who({ 'a/Dockerfile': SHOP, 'b/Dockerfile': other, 'x.sh': both }, 'registry.example/shop:3'), '? a/Dockerfile b/Dockerfile')
  assert.match(who({ 'a/Dockerfile': SHOP, 'b/Dockerfile': SHOP, 'x.sh': both }, 'registry.example/shop:3'), /^4711 known/)
})

links('a target and build arguments', () => {
  const text = 'ARG ID=1\nFROM scratch AS one\nARG ID\nUSER $ID\nFROM scratch AS two\nUSER 2\n'
  assert.match(who({ 'x/Dockerfile': text, 'b.sh': 'docker build --target one --build-arg ID=4711 -t registry.example/shop x\n' }), /^4711 known/)
  assert.match(who({ 'x/Dockerfile': text, 'compose.yml': 'services: {a: {image: registry.example/shop, build: {context: x, target: one, args: [ID=4711]}}}\n' }), /^4711 known/)
})

links('arguments that cannot be read leave the number open, those that can are filled in', () => {
  const text = 'FROM debian\nARG ID=1000\nRUN useradd -u ${ID} app\nUSER app\n'
  const uid = (path: string, file: string): number | null | undefined => known({ 'x/Dockerfile': text, [path]: file }, 'registry.example/shop').user?.value.uid
  assert.is(uid('compose.yml', 'services: {a: {image: registry.example/shop, build: {context: x, args: {ID: "${ID:-4711}"}}}}\n'), 4711)
  assert.is(uid('compose.yml', 'services: {a: {image: registry.example/shop, build: {context: x, args: {ID: "${ID}"}}}}\n'), null)
  assert.is(uid('compose.yml', 'services: {a: {image: registry.example/shop, build: {context: x, args: [ID]}}}\n'), null)
  assert.is(uid('Makefile', 'a:\n\tdocker build --build-arg ID=$$(id -u) -t registry.example/shop x\n'), null)
  assert.is(
    uid('skaffold.yaml', 'apiVersion: skaffold/v4beta11\nbuild:\n  artifacts:\n  - image: registry.example/shop\n    context: x\n    docker: {buildArgs: {ID: "{{.ID}}"}}\n'),
    null,
  )
  const workflow =
    'env: {ID: "4711"}\njobs:\n  a:\n    steps:\n    - uses: docker/build-push-action@v6\n      with: {context: x, tags: registry.example/shop, build-args: "ID=${{ env.ID }}"}\n'
  assert.is(uid('.github/workflows/a.yml', workflow), 4711)
})

links('where the build starts is not known: no answer', () => {
  const tree = { Dockerfile: 'FROM debian\nUSER 1500\n', 'services/api/Dockerfile': 'FROM debian\nUSER 2500\n' }
  const image = 'registry.example/shop/server:1'
  for (const [path, text] of [
    ['.github/workflows/a.yml', 'defaults: {run: {working-directory: services/api}}\njobs: {a: {steps: [{run: docker build -t registry.example/shop/server:1 .}]}}\n'],
    ['.github/workflows/b.yml', 'defaults:\n  run:\n    working-directory: services/api\njobs:\n  a:\n    steps:\n    - run: docker build -t registry.example/shop/server:1 .\n'],
    ['ci/build.sh', 'cd services/api\ndocker build -t registry.example/shop/server:1 .\n'],
    ['ci/build.sh', 'pushd services/api\ndocker build -t registry.example/shop/server:1 .\n'],
    ['.gitlab-ci.yml', 'a:\n  script:\n  - cd services/api\n  - docker build -t registry.example/shop/server:1 .\n'],
    ['.gitlab-ci.yml', 'a:\n  script: [cd services/api, docker build -t registry.example/shop/server:1 .]\n'],
    ['build.sh', 'cat <<USAGE\nexample: docker build -t registry.example/shop/server:1 .\nUSAGE\n'],
  ] as const)
    assert.is(who({ ...tree, [path]: text }, image), '-', text)
})

links('a target of another tag, and a Dockerfile inside of the compose file', () => {
  const api = 'FROM debian AS base\nFROM base AS dev\nUSER 4000\nFROM base\nUSER 65532\n'
  const compose = 'services: {a: {image: "registry.example/api:dev", build: {context: api, target: dev}}}\n'
  assert.match(who({ 'api/Dockerfile': api, 'compose.yml': compose }, 'registry.example/api:1.4.2'), /^65532 likely/)
  assert.match(who({ 'api/Dockerfile': api, 'compose.yml': compose }, 'registry.example/api:dev'), /^4000 known/)
  assert.is(
    who(
      { Dockerfile: 'FROM a\nUSER 1500\n', 'compose.yml': 'services: {a: {image: registry.example/x, build: {context: ., dockerfile_inline: "FROM a"}}}\n' },
      'registry.example/x',
    ),
    '-',
  )
})

links('by name: not what makes another image, not what others or tests brought, not an image of elsewhere', () => {
  const tree = { 'gateway/Dockerfile': SHOP, 'compose.yml': 'services: {a: {image: registry.example/shop/gateway:1, build: gateway}}\n' }
  assert.is(who(tree, 'vendor.example/tyk/gateway:5'), '-')
  assert.is(who({ 'agent/Dockerfile': SHOP, ...tree }, 'vendor.example/obs/agent:5'), '-')
  assert.match(who({ 'agent/Dockerfile': SHOP, ...tree }, 'registry.example/shop/agent:5'), /^4711 likely/)
  for (const folder of ['third_party/x', 'e2e/testdata', 'examples/quickstart']) assert.is(who({ [`${folder}/agent/Dockerfile`]: SHOP }, 'vendor.example/obs/agent:3'), '-', folder)
})

links('which files are read for it', () => {
  for (const name of ['Dockerfile', 'Containerfile', 'Dockerfile.prod', 'Dockerfile-dev', 'web.Dockerfile', 'web.dockerfile']) assert.ok(isDockerfile(name), name)
  for (const name of ['Dockerfile.md', 'Dockerfile.tmpl', 'dockerfile.ts', 'Dockerfile.j2', '.dockerignore', 'Dockerfile.dockerignore', 'mydockerfile'])
    assert.not.ok(isDockerfile(name), name)
  for (const name of ['Makefile', 'release.mk', 'build.sh', 'Jenkinsfile', 'Tiltfile', 'justfile']) assert.ok(isBuildFile(name), name)
  for (const name of ['a.yaml', 'README.md', 'main.go']) assert.not.ok(isBuildFile(name), name)
})

const images = suite('images of a Dockerfile')
const of = (dockerfile: string): About => known({ 'shop/Dockerfile': dockerfile, 'b.sh': 'docker build -t registry.example/shop shop\n' }, 'registry.example/shop')

images('a name that the build numbers', () => {
  const { user, runsAsNonRoot } = of('FROM debian\nRUN useradd -u 7 app\nUSER app\n')
  assert.equal(user, { value: { name: 'app', uid: 7, gid: null }, grade: 'known', source: 'USER app → 7, shop/Dockerfile:3' })
  assert.is(runsAsNonRoot?.value, 'with-uid')
})

images('a name of the base image has the number that the catalogue knows', () => {
  const { user } = of('FROM node:22\nUSER node\n')
  assert.is(user?.value.uid, 1000)
  assert.is(user?.grade, 'likely')
  assert.match(user?.source ?? '', /^USER node → 1000, shop\/Dockerfile:2 and FROM node:22 in shop\/Dockerfile:1: catalogue docker\.io\/library\/node/)
})

images('a name without a number is a question, not a guess', () => {
  const { user } = of('FROM debian\nRUN useradd -r app\nUSER app\n')
  assert.equal(user?.value, { name: 'app', uid: null, gid: null })
})

images('what the base brings is likely at most, and goes where the Dockerfile says otherwise', () => {
  const same = of('FROM nginxinc/nginx-unprivileged:1.27\nCOPY a /b\n')
  assert.is(same.user?.value.uid, 101)
  assert.is(same.user?.grade, 'likely')
  const own = of('FROM nginxinc/nginx-unprivileged:1.27\nUSER 5\nEXPOSE 81 8080\n')
  assert.is(own.user?.value.uid, 5)
  assert.equal(own.ports?.value, [81])
  assert.is(own.runsAsNonRoot?.value, 'yes')
})

images('root on purpose forgets the user of the base', () => {
  const { user, defaultUser, runsAsNonRoot } = of('FROM nginxinc/nginx-unprivileged:1.27\nUSER root\n')
  assert.is(user, undefined)
  assert.is(runsAsNonRoot, undefined)
  assert.is(defaultUser?.value, 'root')
})

images('nobody of a shell image is not the user of a program built on it', () => assert.is(of('FROM alpine\nCOPY a /a\nENTRYPOINT ["/a"]\n').user, undefined))

images('volumes, folders that were handed over, /tmp; each with its line', () => {
  const { writablePaths, pathsAreAll } = of('FROM debian\nVOLUME /data\nRUN mkdir -p /cache && chown 7 /cache\nUSER 7\n')
  assert.equal(
    writablePaths?.value.map(({ path, source }) => [path, source]),
    [
      ['/data', 'shop/Dockerfile:2 VOLUME'],
      ['/cache', 'shop/Dockerfile:3 chown'],
      ['/tmp', 'every user may write there'],
    ],
  )
  assert.is(writablePaths?.grade, 'known')
  assert.is(pathsAreAll?.grade, 'likely', 'without root it writes nowhere else')
  assert.is(of('FROM debian\nVOLUME /data\n').pathsAreAll?.grade, 'assumed', 'root may write anywhere')
  assert.is(of('FROM debian\nVOLUME /data\nCOPY --chown=7 . /app\nUSER 7\n').pathsAreAll?.grade, 'assumed', 'it may write among its own files')
  assert.equal(
    of('FROM debian\nUSER 7\n').writablePaths?.value.map(({ path }) => path),
    ['/tmp'],
  )
})

images('a volume over files that were handed over keeps them', () => {
  const { writablePaths } = of('FROM debian\nCOPY --chown=7 www /data/www\nVOLUME /data\nUSER 7\n')
  assert.is(writablePaths?.value.find(({ path }) => path === '/data')?.keepsImageContent, true)
})

images('a volume over files that were copied or made there keeps them', () => {
  const kept = (text: string, path: string): boolean | undefined => of(text).writablePaths?.value.find((one) => one.path === path)?.keepsImageContent
  assert.is(kept('FROM python\nRUN mkdir -p /app && chown 7 /app\nWORKDIR /app\nCOPY . .\nUSER 7\n', '/app'), true)
  assert.is(kept('FROM node\nRUN install -d -o 7 /srv/app\nWORKDIR /srv/app\nRUN npm ci\nUSER 7\n', '/srv/app'), true)
  assert.is(kept('FROM nginx\nCOPY web/ /usr/share/app/html/\nVOLUME /usr/share/app/html\n', '/usr/share/app/html'), true)
  assert.is(kept('FROM debian\nRUN install -d -o 7 /var/lib/app\nCOPY bin/server /app/server\nUSER 7\n', '/var/lib/app'), false)
})

images('an entry point that calls gosu itself takes root, unless the command is another one', () => {
  const tree = { 'shop/Dockerfile': 'FROM debian\nRUN useradd -u 8 app\nENTRYPOINT ["gosu", "app", "run"]\n', 'b.sh': 'docker build -t registry.example/shop shop\n' }
  assert.match(known(tree, 'registry.example/shop').rootRequired?.value ?? '', /calls gosu itself/)
  const { builds } = survey(Object.entries(tree)).survey
  assert.is(about('registry.example/shop', { commandReplaced: true, env: new Map(), args: [] }, { ...NO_SOURCES, builds }).rootRequired, undefined)
})

images('setcap and the step down', () => {
  assert.equal(of('FROM debian\nRUN setcap cap_net_bind_service=+ep /a\nUSER 7\n').fileCapabilities, {
    value: ['NET_BIND_SERVICE'],
    grade: 'known',
    source: 'shop/Dockerfile:2 setcap',
  })
  assert.equal(of('FROM debian\nRUN useradd -u 8 app\nENTRYPOINT ["gosu", "app", "run"]\n').stepsDownTo?.value, { uid: 8, gid: null, by: 'gosu' })
})

images('a base that is made in the same tree', () => {
  const tree = {
    'base/Dockerfile': 'FROM debian\nRUN useradd -u 9 app\nUSER app\nVOLUME /data\n',
    'shop/Dockerfile': 'FROM registry.example/base:1\nCOPY a /a\n',
    'b.sh': 'docker build -t registry.example/base base\ndocker build -t registry.example/shop shop\n',
  }
  const { user, writablePaths } = known(tree, 'registry.example/shop')
  assert.is(user?.value.uid, 9)
  assert.is(user?.grade, 'likely')
  assert.ok(writablePaths?.value.some(({ path }) => path === '/data'))
  const circle = { 'shop/Dockerfile': 'FROM registry.example/shop\nUSER app\n', 'b.sh': 'docker build -t registry.example/shop shop\n' }
  assert.is(known(circle, 'registry.example/shop').user?.value.uid, null, 'an image on itself ends')
})

images('sources that disagree: both are shown', () => {
  const tree = { 'r/Dockerfile': 'FROM debian\nUSER 5\n', 'b.sh': 'docker build -t redis:7 r\n' }
  const { user, otherUsers } = known(tree, 'redis:7')
  assert.is(user?.value.uid, 5)
  assert.is(otherUsers?.[0]?.value, 999)
  assert.match(otherUsers?.[0]?.source ?? '', /catalogue docker\.io\/library\/redis/)
})

const neighbours = suite('the same image elsewhere')
const pod = (image: string, context: string, more = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: ${image}\n    securityContext: ${context}\n${more}`
const APP = 'registry.example/app:1.2.3'

neighbours('an explicit user, with its place, at most likely', () => {
  assert.is(who({ 'a.yaml': pod(APP, '{runAsUser: 5, runAsGroup: 6}') }, 'registry.example/app:1.2.9'), '5 likely the same image runs as it at a.yaml:8')
  assert.is(known({ 'a.yaml': pod(APP, '{runAsUser: 5, runAsGroup: 6}') }, APP).user?.value.gid, 6)
  assert.is(who({ 'a.json': JSON.stringify({ kind: 'Pod', spec: { securityContext: { runAsUser: 5 }, containers: [{ image: APP }] } }) }, APP).slice(0, 8), '5 likely')
  assert.is(who({ 'a.yaml': `kind: X\n---\n${pod(APP, '{runAsUser: 5}')}` }, APP), '5 likely the same image runs as it at a.yaml:10')
})

neighbours('another release, several users, our own number and a number of the whole pod say nothing', () => {
  assert.is(who({ 'a.yaml': pod(APP, '{runAsUser: 5}') }, 'registry.example/app:1.3'), '-')
  assert.is(who({ 'a.yaml': pod(APP, '{runAsUser: 5}'), 'b.yaml': pod(APP, '{runAsUser: 6}') }, APP), '-')
  assert.is(who({ 'a.yaml': pod(APP, '{runAsUser: 10001}') }, APP), '-')
  assert.is(who({ 'a.yaml': pod(APP, '{runAsUser: 0}') }, APP), '-')
  assert.is(who({ 'a.yaml': `${pod(APP, '{}')}  - image: other\n  securityContext: {runAsUser: 5}\n` }, APP), '-')
  assert.is(who({ 'a.yaml': `${pod(APP, '{runAsUser: 5}')}  - image: other\n    securityContext: {runAsUser: 5}\n` }, APP), '-', 'it may be the other one’s')
})

neighbours('what was read of the image itself counts before it, and both are shown', () => {
  const { user, otherUsers } = known({ 'a.yaml': pod('redis:7', '{runAsUser: 5}') }, 'redis:7')
  assert.is(user?.value.uid, 999)
  assert.equal(otherUsers, [{ value: 5, grade: 'likely', source: 'the same image runs as it at a.yaml:8' }])
  assert.is(known({ 'a.yaml': pod('busybox', '{runAsUser: 5}') }, 'busybox').user?.value.uid, 65534, 'a shell runs something else each time')
})

neighbours('a read-only root with its volumes', () => {
  const more =
    '    volumeMounts: [{name: v, mountPath: /x}, {name: s, mountPath: /s}, {name: c, mountPath: /c}]\n  - {name: b, image: b, volumeMounts: [{name: s, mountPath: /s}]}\n  volumes: [{name: v, emptyDir: {}}, {name: s, emptyDir: {}}, {name: c, configMap: {name: c}}]\n'
  const { pathsElsewhere } = known({ 'a.yaml': pod(APP, '{readOnlyRootFilesystem: true}', more) }, APP)
  assert.equal(pathsElsewhere, { value: ['/x'], grade: 'likely', source: 'the same image runs with a read-only root at a.yaml:8' })
  assert.is(known({ 'a.yaml': pod(APP, '{readOnlyRootFilesystem: true}', `    command: [x]\n${more}`) }, APP).pathsElsewhere, undefined, 'another program')
})

links.run()
images.run()
neighbours.run()
