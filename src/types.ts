/**
 * Every public type of podharden, with its contract.
 *
 * Words used throughout: a *unit* is what is read, checked and written together; a *document* is one
 * YAML document (or JSON value) of a file; a *site* is one pod template; a *change* speaks of fields,
 * an *edit* speaks of text; a *proposal* is what a transform wants, all of it or nothing; a *finding*
 * is what the user is told about it.
 */

// ---- text -----------------------------------------------------------------------------------------

/** Half-open range of UTF-16 offsets into {@link Source.text}, the text without byte order mark. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A span of a file. `file` is the path relative to the root, with `/`. */
export interface Place {
  readonly file: string
  readonly span: Span
}

/**
 * Replace the span by `text`. An empty span inserts, an empty text removes. Offsets refer to the
 * original text; the edits of one file never overlap.
 *
 * Several insertions may share one offset: they are applied in order of `depth`, deepest first
 * (default 0), then in the order given.
 */
export interface Edit extends Span {
  readonly text: string
  readonly depth?: number
}

/** One file as read. `text` has no byte order mark; `bom` remembers it for writing. */
export interface Source {
  readonly path: string
  readonly text: string
  readonly bom: boolean
}

/** A list of at least one. */
export type NonEmpty<T> = readonly [T, ...T[]]

// ---- the neutral tree ------------------------------------------------------------------------------

/** A value without parts, as Kubernetes reads it. */
export type Scalar = string | number | boolean | null

/** A value of fields, as `JSON.parse` gives it; never mutated. */
export type Json = Scalar | readonly Json[] | { readonly [key: string]: Json }

/** Keys and indices from a root. */
export type Path = readonly (string | number)[]

/** Why a value is there but cannot be read, or must not be relied on. */
export type OpaqueReason = 'alias' | 'duplicate-key' | 'template' | 'expression' | 'unsupported'

/**
 * A value of a document, whatever language it was written in. Never mutated; `apply` copies along the
 * path and shares the rest, so an untouched part is the same object before and after.
 * No `at` means: a default, a live object, or a pending change.
 */
export type Node = ValueNode | MapNode | ListNode | OpaqueNode

/** A scalar, where it stands, and how it is written. */
export interface ValueNode {
  readonly is: 'value'
  /** As Kubernetes reads it (YAML 1.1: `yes` is true, `0644` is 420). */
  readonly value: Scalar
  /** The token as written, where there is one. */
  readonly raw?: string
  /** Quoted or block text: always a string, whatever it looks like. */
  readonly quoted?: boolean
  readonly at?: Place
  /** The comment on the same line, without `#`, where there is one. */
  readonly comment?: string
}

/** A mapping; keys are text, in the order of the source. */
export interface MapNode {
  readonly is: 'map'
  readonly entries: ReadonlyMap<string, Entry>
  /** Something unseen may add entries: a key missing here is not known to be absent. */
  readonly open: boolean
  readonly at?: Place
}

/** One key of a map with its value. */
export interface Entry {
  readonly key?: Place
  readonly node: Node
  /** Came in through a YAML merge key (`<<`), it is not written in this map. */
  readonly inherited?: boolean
}

/** A sequence. */
export interface ListNode {
  readonly is: 'list'
  readonly items: readonly Node[]
  readonly open: boolean
  readonly at?: Place
}

/** Something is written here that cannot be read, or must not be relied on. */
export interface OpaqueNode {
  readonly is: 'opaque'
  readonly why: OpaqueReason
  readonly text: string
  readonly at?: Place
}

/** `text` is as written, with its marker. `inline`: something other than a comment precedes it on its line. */
export interface Comment {
  readonly at: Place
  readonly text: string
  readonly inline: boolean
}

/** What is wanted, in terms of fields of a pod template (`['spec', 'containers', 0, …]`, `['metadata', …]`). */
export type Change =
  | { readonly op: 'set'; readonly path: Path; readonly value: Json }
  | { readonly op: 'remove'; readonly path: Path }
  /** Adds to the end of the list at `path`, making it when absent; with `key`, an item with the same key must be equal or new. */
  | { readonly op: 'append'; readonly path: Path; readonly value: Json; readonly key?: 'name' | 'mountPath' }

// ---- documents, sites, units -----------------------------------------------------------------------

/** Which Kubernetes object it is, as written. */
export interface ObjectRef {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  /** Empty when the object has none (`generateName`, list items). */
  readonly name: string
}

/** One document of a file. `comments` in order of appearance. */
export interface Document {
  readonly id: string
  readonly file: string
  readonly span: Span
  readonly root: Node
  readonly comments: readonly Comment[]
  /** Some node stands in more than one place (anchors, merge keys, shared constants). */
  readonly shares: boolean
}

/** Which security context levels the kind's schema has. */
export type FieldsAllowed = 'both' | 'container' | 'pod'

/** One pod template. Stays equal for as long as the names in the file do: no index in `id` unless names repeat. */
export interface Site {
  readonly id: string
  /** Sites with the same source are one piece of text. */
  readonly source: string
  readonly view?: string
  readonly file: string
  readonly document: string
  readonly object: ObjectRef
  /** The object itself (`apiVersion`, `kind`, …), a node of the document. */
  readonly root: Node
  /** From the document's root to the object; empty unless the object is a list item. */
  readonly at: Path
  /** From the object's root to the pod spec, and to the pod's metadata where the kind has one. */
  readonly spec: Path
  readonly metadata?: Path
  readonly allows: FieldsAllowed
  /** Volumes are made where they are mounted: one mount each. */
  readonly volumesInPlace?: true
  /** A Namespace: no pod, but what holds for all of its pods. */
  readonly isNamespace?: true
  /** The source has no word for a seccomp profile of the whole pod. */
  readonly podSeccomp?: false
  /** A container without an image: only what holds for every image may be written. */
  readonly partial: boolean
  /** The object that made this one (`ReplicaSet/web-5f7`), where the file is a copy of a live object: a change would not last. */
  readonly owner?: string
  /** Those inside of the object and right above it. */
  readonly comments: readonly Comment[]
  /** Those at the head of the file, before any content. */
  readonly head?: readonly Comment[]
}

/** A kind of the user's own that holds a pod spec; every version of its group. */
export interface WorkloadKind {
  readonly group: string
  readonly kind: string
  /** From the object to the pod spec, `[]` for each item, `*` for each key: `spec.workers[].template.spec`. */
  readonly path: string
  readonly fields: FieldsAllowed
}

/** What a unit is written in. `chart`: of Helm; `program`: of cdk8s. */
export type UnitKind = 'manifest' | 'chart' | 'kustomization' | 'program'

/** The files that a unit reads; remembered once read. */
export interface Files {
  list(): readonly string[]
  read(path: string): Source | undefined
}

/** What is read, checked and written together: one file with what it depends on. */
export interface Unit {
  readonly id: string
  readonly kind: UnitKind
  readonly root: string
  readonly files: Files
  /** Kinds of the user's own that hold pod specs. */
  readonly kinds?: readonly WorkloadKind[]
  /** Namespaces are wanted beside workloads. */
  readonly namespaces?: boolean
  writable(path: string): boolean
}

/** What a language finds in a unit. Text that cannot be read is a problem here, never an exception. */
export interface Located {
  readonly documents: readonly Document[]
  readonly sites: readonly Site[]
  readonly problems: readonly Problem[]
  readonly notes: readonly Note[]
  /** Kinds that look like they hold a pod spec. */
  readonly unknownKinds?: readonly UnknownKind[]
}

/** `path` as in {@link WorkloadKind}. */
export interface UnknownKind {
  readonly apiVersion: string
  readonly kind: string
  readonly path: string
}

/** A change of one site, with the proposal that wants it. */
export interface Wanted {
  readonly site: Site
  readonly proposal: string
  readonly change: Change
}

/** A change that the language cannot write at this place. */
export interface Refusal {
  readonly proposal: string
  readonly reason: ReviewReason
  readonly message: string
  readonly at?: Place
}

/** Proposals that share an edited document: shown, verified and written together. */
export interface Patch {
  readonly id: string
  readonly documents: readonly string[]
  readonly proposals: readonly string[]
  readonly edits: ReadonlyMap<string, readonly Edit[]>
  readonly created: ReadonlyMap<string, string>
}

/** The edits for what was wanted, and what could not be written. */
export interface Lowered {
  readonly patches: readonly Patch[]
  readonly refused: readonly Refusal[]
  /** What each edited document must read as afterwards: `apply` of all changes of its sites. */
  readonly expected: ReadonlyMap<string, Node>
}

/** What a source language offers. It knows text, never policy. All of it is pure. */
export interface Language {
  readonly kind: UnitKind
  locate(unit: Unit): Located
  /** What `locate` finds, read independently of it where that is possible: for the proof. */
  reread(unit: Unit): Located
  lower(unit: Unit, located: Located, wanted: readonly Wanted[]): Lowered
}

// ---- what a transform sees --------------------------------------------------------------------------

/** The list of the pod spec that holds the container. */
export type ContainerGroup = 'initContainers' | 'containers' | 'ephemeralContainers'

/** A field as the planner sees it: `undefined` from `get` means absent, opaque means: something is there, unreadable. */
export interface Reader {
  /** Pending changes of earlier proposals are laid over what the file says. A null value counts as absent. */
  get(path: Path): Node | undefined
}

/** One container of a pod as a transform sees it. `get` takes paths below the container. */
export interface Container extends Reader {
  /** As written; `containers[0]` where there is none to read. */
  readonly name: string
  readonly group: ContainerGroup
  /** From the template: `['spec', 'containers', 0]`. `get` of a container takes paths below this. */
  readonly path: Path
  /** An init container with `restartPolicy: Always`. */
  readonly sidecar: boolean
  readonly image: string | undefined
}

/** One pod template as a transform sees it. `get` takes paths from the template. */
export interface Pod extends Reader {
  readonly site: Site
  /** Init, main, ephemeral: every container, in that order. */
  readonly containers: readonly Container[]
  /** The object around the template, as written (`['spec', 'volumeClaimTemplates']`). */
  object(path: Path): Node | undefined
  /** Where to point for a path: its own place, else the nearest written parent's. */
  place(path: Path): Place
}

/** How sure a change is. Weakest last. */
export type Grade = 'certain' | 'known' | 'likely' | 'assumed'

/** An answer with where it comes from. `source` is a short text for people: `catalogue docker.io/library/nginx`. */
export interface Fact<T> {
  readonly value: T
  readonly grade: Grade
  readonly source: string
}

/** A directory that the program of an image writes to, in full from the root of the container. */
export interface WritablePath {
  readonly path: string
  readonly purpose: 'tmp' | 'run' | 'cache' | 'log' | 'data'
  /** The image ships files there which the process needs: an empty volume would break it. */
  readonly keepsImageContent: boolean
  /** User data: an emptyDir loses it with the pod. */
  readonly persistent: boolean
  /** Where this one is said, when it is not where the whole list is. */
  readonly source?: string
}

/** The account that an image runs as. */
export interface ImageUser {
  /** null: no account, or its name was not read. */
  readonly name: string | null
  /** null: no source fixes the number. Never fill it in. */
  readonly uid: number | null
  readonly gid: number | null
}

/** What is known of the image of one container. A missing field means: nothing is known. */
export interface About {
  /** In full form, `docker.io/library/nginx:1.27`; undefined where the reference cannot be read. */
  readonly reference?: string
  /** Name without tag or digest. */
  readonly repository?: string
  readonly user?: Fact<ImageUser>
  /** What USER says for this tag: a number or name as text, null for root by default, `unknown`. */
  readonly defaultUser?: Fact<string | null>
  readonly runsAsNonRoot?: Fact<'yes' | 'with-uid' | 'with-config' | 'no'>
  readonly writablePaths?: Fact<readonly WritablePath[]>
  /** How sure it is that nothing else is written. Absent: as sure as the paths are. */
  readonly pathsAreAll?: Fact<true>
  /** What is written was seen of this very container, with its own command. */
  readonly recorded?: Fact<true>
  /** Paths that another manifest of the tree gives a volume of its own, beside a read-only root. */
  readonly pathsElsewhere?: Fact<readonly string[]>
  /** Directories of the image that hold files, at any depth: an empty volume would hide them. */
  readonly filled?: Fact<{ has(path: string): boolean }>
  /** Dockerfiles that may all have made the image, so that none was believed. */
  readonly candidates?: readonly string[]
  /** Numbers that its user has in other releases and variants of the image. */
  readonly otherNumbers?: Fact<readonly number[]>
  /** What less direct sources say otherwise of its user, with their names. */
  readonly otherUsers?: readonly Fact<number>[]
  /** Ports below 1024 that the default configuration binds. */
  readonly ports?: Fact<readonly number[]>
  /** What must be added back after dropping ALL. */
  readonly capabilities?: Fact<readonly string[]>
  /** Capabilities on executables of the image (`cap_net_bind_service`), upper case without CAP_. */
  readonly fileCapabilities?: Fact<readonly string[]>
  readonly needsEnv?: Fact<Readonly<Record<string, string>>>
  readonly readOnlyRootSeen?: Fact<'documented' | 'upstream-manifest' | 'third-party-manifest'>
  /** Who may write a path in the image: `image-user`, `root`, `world`, or a number as text. */
  readonly ownedBy?: Fact<Readonly<Record<string, string>>>
  readonly home?: Fact<string>
  readonly mustOwnData?: Fact<readonly string[]>
  readonly stepsDownTo?: Fact<{ readonly uid: number | null; readonly gid: number | null; readonly by: string }>
  /** Environment variables and flags that move a path, with the default path. */
  readonly movesPaths?: Fact<Readonly<Record<string, string>>>
  /** Those of `movesPaths` that move only a part of what is written there. */
  readonly movesPart?: Fact<readonly string[]>
  readonly movesPort?: Fact<Readonly<Record<string, number>>>
  readonly usesSetuid?: Fact<true>
  readonly needsSudo?: Fact<true>
  readonly needsSyscalls?: Fact<readonly string[]>
  readonly rootRequired?: Fact<string>
  readonly hostAgent?: Fact<true>
  /** Shell, interpreter or command line tool: what it writes depends on the command. */
  readonly toolbox?: Fact<true>
}

/** What a line of a Dockerfile says. */
export interface Said<T> {
  readonly value: T
  /** One-based. */
  readonly line: number
}

/** What a Dockerfile says of the image it builds. */
export interface Build {
  /** The image that the last stage stands on in the end, as written; undefined where an argument without default hides it. */
  readonly base: string | undefined
  /** The last USER; `name` where it is one, with its number where the build fixes it. */
  readonly user?: Said<{ readonly text: string; readonly name: string | null; readonly uid: number | null; readonly gid: number | null }>
  readonly volumes: readonly Said<string>[]
  /** Made and handed to somebody other than root in the build: the program writes there. */
  readonly owned: readonly Said<string>[]
  /** Handed to somebody other than root with what is in it: it may be written, and no volume can stand for it. */
  readonly handed: readonly Said<string>[]
  /** Where files were put, by COPY, ADD, or a RUN in its folder. */
  readonly filled: readonly Said<string>[]
  /** The account files were changed in a way that was not understood: no name has a number. */
  readonly accountsUnclear?: boolean
  /** All that EXPOSE names. */
  readonly ports: readonly Said<number>[]
  readonly fileCapabilities: readonly Said<{ readonly path: string; readonly capabilities: readonly string[] }>[]
  /** The entry point starts as root and becomes this account. */
  readonly stepsDown?: Said<{ readonly by: string; readonly name: string; readonly uid: number | null; readonly gid: number | null }>
  readonly home?: string
  /** The build has an ENTRYPOINT of its own: the base image's program does not run by itself. */
  readonly entrypoint: boolean
  /** Line of the FROM that the last stage begins with. */
  readonly line: number
}

/** A Dockerfile of the tree that makes an image. */
export interface FoundBuild {
  readonly is: 'one'
  /** Relative to the root. */
  readonly file: string
  readonly build: Build
  /** `known`: a file of the tree says so. `likely`: its folder or its name says so. */
  readonly grade: 'known' | 'likely'
  /** Where it is said: `Makefile:3`. */
  readonly link?: string
}

/** Several Dockerfiles may make the image, so none of them is believed. */
export interface UnclearBuild {
  readonly is: 'several'
  readonly files: readonly string[]
}

/** The Dockerfiles of a tree, asked by the image that they make. */
export interface Builds {
  /** `isPublic`: the image is known by itself, so a likeness of names does not count. */
  of(repository: string, tag: string | undefined, isPublic: boolean): FoundBuild | UnclearBuild | undefined
}

/** A source that is asked by the image as written. Empty where it says nothing. */
export interface ImageAnswers {
  of(image: string): About
}

/** A container of a manifest, by name. */
export interface ContainerName {
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  readonly container: string
}

/** What was seen of containers while they ran. */
export interface Recorded {
  /** `rest`: what less direct sources know of the image, which tells what of it is worth telling. */
  of(image: string, container: ContainerName | undefined, rest: About): About
}

/** The few facts of the whole tree that rules need. Paths and namespaces as written. */
export interface Survey {
  /** Claims by `namespace/name` (`/name` without namespace): how many workload documents mount it, and its access modes. */
  readonly claims: ReadonlyMap<string, { readonly users: number; readonly modes: readonly string[] }>
  /** What the workloads of the tree in each namespace keep; empty unless it was asked for. */
  readonly namespaces: ReadonlyMap<string, NamespaceFacts>
  /** Namespaces of the tree whose labels switch on an injected sidecar, with the label. */
  readonly injectedNamespaces: ReadonlyMap<string, string>
  /** ConfigMaps and Secrets by `namespace/name` that hold a command only root may run, with the word found. */
  readonly rootScripts: ReadonlyMap<string, { readonly verb: string; readonly file: string }>
  /** Files with OpenShift kinds, and directories (relative, `` for the root) where such a kind stands beside workloads. */
  readonly openshift: ReadonlySet<string>
  /** Image replaced by a kustomization that lists the file: file → (image name as written → new reference parts). */
  readonly images: ReadonlyMap<string, readonly ImageOverride[]>
  readonly builds: Builds
  /** What other manifests of the tree say; at most likely. */
  readonly neighbours: ImageAnswers
}

/** What the workloads of the tree in one Namespace keep. */
export interface NamespaceFacts {
  readonly workloads: number
  /** The highest level that allows all of them as they are written; undefined: not even baseline. */
  readonly level: 'baseline' | 'restricted' | undefined
  /** Of the standards, `v1.37`. */
  readonly version: string
  /** Why others may be put in that were not judged. */
  readonly unsure?: string
}

/** How a kustomization replaces an image: the parts given stand for those of the name. */
export interface ImageOverride {
  readonly name: string
  readonly newName?: string
  readonly newTag?: string
  readonly digest?: string
}

/** The standard that a rule belongs to: of the Pod Security Standards, `hardened` beyond them, `opt-in` only when named. */
export type Level = 'baseline' | 'restricted' | 'hardened' | 'opt-in'

/** What the user states of the images that a glob matches. */
export interface ImageFacts {
  /** Glob on the name as written or in full form, with a tag or without. */
  readonly image: string
  /** From 1 to 2147483647. */
  readonly uid?: number
  readonly gid?: number
  /** In full, from the root of the container. */
  readonly writablePaths?: readonly string[]
  /** Below 1024. */
  readonly ports?: readonly number[]
  /** What it needs back after ALL is dropped, without `CAP_`. */
  readonly capabilities?: readonly string[]
  /** Needs root by design: its user, capabilities and root filesystem are left alone and reported. */
  readonly needsRoot?: boolean
  /** Where it is stated: `images.yaml:3`. */
  readonly source: string
}

/** What the user knows of images: `images:` and `prefixes:` of `podharden.yaml`. */
export interface ImageOptions {
  /** The first that matches counts. */
  readonly images: readonly ImageFacts[]
  /** Private mirrors: what begins with `from` is known under `to`. */
  readonly prefixes: readonly { readonly from: string; readonly to: string }[]
}

/** An exemption of the config file. All that is given must match; `*` stands for anything. */
export interface ExemptionRule {
  readonly reason: string
  /** None: every transform. */
  readonly transforms?: readonly string[]
  /** As in `.gitignore`, from the root. */
  readonly path?: string
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly container?: string
  /** The last day on which it holds, `2027-01-31`. */
  readonly expires?: string
  /** Where it is written: `podharden.yaml:12`. */
  readonly source: string
}

/** The user's word, or another tool's, that something of a workload stays as it is. */
export interface Exemption {
  /** Who says so: `podharden.yaml:12`, `podharden.io/skip`, `kube-linter run-as-non-root`. */
  readonly by: string
  readonly reason: string
  readonly expires?: string
  /** None: every transform. */
  readonly transforms?: readonly string[]
  /** One container by name. None: all of the workload. */
  readonly container?: string
  /** Only what is at or below this path of the object. */
  readonly below?: Path
  /** `below` itself and nothing under it. */
  readonly isExact?: true
  /** Only where these fields are all that is found: `hostNetwork`. */
  readonly fields?: readonly string[]
  /** In the words of podharden, so that one which does nothing is a mistake of the writer. */
  readonly isOurs: boolean
  /** Written at the workload itself. */
  readonly isInManifest?: true
  readonly at?: Place
}

/** Findings that were accepted once, by their fingerprints. */
export interface Baseline {
  /** Where it is written. */
  readonly source: string
  /** The containers that the pod had then; undefined where the finding is not in it. */
  accepted(fingerprint: string): readonly string[] | undefined
}

/** What the user asked for, resolved: defaults under flags. */
export interface Options {
  /** Which transforms run: those of this level and of the levels below it. Default `hardened`. */
  readonly level: 'baseline' | 'restricted' | 'hardened'
  /** Ids of transforms; where there are any, these run and no others, whatever the level. */
  readonly only: readonly string[]
  /** Ids of transforms that do not run. */
  readonly skip: readonly string[]
  /** Proposals of later stages are held back; 4 is everything. */
  readonly stage: 1 | 2 | 3 | 4
  /** Less sure changes are held back. Default `known` in the library and in a pipe, `assumed` where a diff is shown. */
  readonly atLeast: Grade
  /** `image`: unknown images keep their own USER. A number is the user's word. */
  readonly uid: number | 'image' | undefined
  /** Writes the user id also where the image already runs as non-root. */
  readonly pinUid: boolean
  /** Where to write what pods and containers both have. */
  readonly scope: 'auto' | 'pod' | 'container'
  /** OpenShift hands out user ids itself. `auto`: it is meant where its kinds stand beside the workload. */
  readonly platform: 'kubernetes' | 'openshift' | 'auto'
  /** What you know of your images. */
  readonly images: ImageOptions
  /** Images whose configuration and layers were read. */
  readonly inspected: ImageAnswers
  /** What was seen of containers while they ran. */
  readonly recorded: Recorded
  /** Transforms whose author's values are changed too: `id`, `id=Kind/name` or `id=Kind/name/container`. */
  readonly override: readonly string[]
  /** Version of the Pod Security Standards for verdicts: `latest` or `v1.N`. */
  readonly pssVersion: string
  /** What stays as it is. */
  readonly exemptions: readonly ExemptionRule[]
  /** Whether the exemptions that other tools understand count here too. */
  readonly foreignExemptions: boolean
  /** What was accepted once and is left as it is. */
  readonly baseline: Baseline | undefined
  /** Kinds of the user's own that hold pod specs. */
  readonly workloads: readonly WorkloadKind[]
  /** The day, `2026-11-28`, that expiry is judged by; undefined: nothing expires. */
  readonly today: string | undefined
}

/** What a transform may ask beside the pod itself. */
export interface Context {
  readonly options: Options
  readonly survey: Survey
  about(pod: Pod, container: Container): About
  /** All that may stay as it is in this workload, the strongest word first. */
  exemptions(site: Site): SiteExemptions
  /** Nothing of this transform may reach the container. */
  isExempt(pod: Pod, container: Container, transform: string): boolean
}

/** The exemptions of one workload. */
export interface SiteExemptions {
  readonly list: readonly Exemption[]
  /** Meant as an exemption, and without effect here. */
  readonly left: readonly { readonly code: 'EXEMPTION_UNREAD' | 'EXEMPTION_NOT_OURS'; readonly at: Place | undefined; readonly message: string; readonly hint: string }[]
}

/** Why something is left to a person, or left out. */
export type ReviewReason =
  /** The author wrote the unsafe value. */
  | 'author-chose'
  /** The container shows signs that it needs root or the host. */
  | 'needs-root'
  /** Something only a person knows is missing. */
  | 'needs-knowledge'
  /** Persistent data is owned by someone the manifest does not name. */
  | 'persistent-data'
  /** The image ships files where a volume would have to go. */
  | 'image-content'
  /** Needs a port below 1024, and no safe setting is known. */
  | 'low-port'
  /** The value is there but cannot be read (alias, template, duplicate key). */
  | 'opaque'
  /** The value has a type that Kubernetes refuses. */
  | 'wrong-type'
  /** One piece of text serves places that need different things. */
  | 'shared-node'
  /** The object cannot be updated in place. */
  | 'immutable'
  /** Left out on purpose: a grade or stage the user did not ask for. */
  | 'held-back'
  /** Another change that this one depends on was not made. */
  | 'depends'
  /** No edit can help: the function itself needs it. */
  | 'by-design'

/** One field of a fix, with how sure it is and why. */
export interface FieldChange {
  readonly change: Change
  readonly grade: Grade
  /** `USER is a name, 101 in catalogue docker.io/library/nginx`. */
  readonly because: string
}

/** What every proposal says: what it is about, and where to point. */
export interface ProposalBase {
  /** Unique within one transform and site, made of names: `bundle`, `web`, `web.capabilities`. */
  readonly key: string
  readonly container?: string
  /** Path from the template to point at; need not exist. */
  readonly at: Path
  /** Field as a person names it: `securityContext.capabilities.drop`. */
  readonly field: string
  readonly message: string
  readonly related?: readonly Related[]
}

/** Fields to change, all of them or none. */
export interface FixProposal extends ProposalBase {
  readonly outcome: 'fix'
  readonly fields: NonEmpty<FieldChange>
  /** What could break, how it shows, how to undo it. */
  readonly risk?: string
  readonly stage: 1 | 2 | 3 | 4
}

/** Something for a person: nothing is changed for it. */
export interface ReviewProposal extends ProposalBase {
  readonly outcome: 'review'
  /** `decide`: a person must choose. `know`: nothing to do, but worth knowing. */
  readonly severity: 'decide' | 'know'
  readonly reason: ReviewReason
  /** What to do by hand. */
  readonly todo: string
}

/** What a transform wants for one workload. */
export type Proposal = FixProposal | ReviewProposal

/** Another place that belongs to it. `at`: path from the template. */
export interface Related {
  readonly message: string
  readonly at: Path
}

/** One rule: a file of `transforms/`. */
export interface Transform {
  /** Equals the file name without extension. */
  readonly id: string
  readonly title: string
  readonly level: Level
  /** What it looks at. Default: pods. */
  readonly on?: 'namespace'
  /** The standard, or the reason for the rule: a link. */
  readonly docs: string
  /** The only fields it may change, with `*` for an index or key; the planner refuses others. Empty: reviews only. */
  readonly fields: readonly string[]
  plan(pod: Pod, context: Context): Iterable<Proposal>
  /** Fields that only an override may change. */
  readonly overrides?: readonly string[]
  /** The author's own values that `--override` takes back. Done before anything is planned, which then sees a silent author. */
  override?(pod: Pod, context: Context): Iterable<FixProposal>
}

// ---- what the user gets -----------------------------------------------------------------------------

/** What every finding says: of which rule, of what, where. `message` is plain text, of one line. */
export interface FindingBase {
  readonly transform: string
  readonly object: ObjectRef
  readonly container?: string
  /** All containers of the pod, where the finding is about none in particular. */
  readonly containers?: readonly string[]
  readonly field: string
  readonly message: string
  readonly place: Place
  /** One-based, of `place.span.start`. */
  readonly line: number
  readonly column: number
  readonly related: readonly { readonly message: string; readonly place: Place; readonly line: number }[]
  /** From names only, stable when lines move. */
  readonly fingerprint: string
  readonly image?: string
}

/** A change that was made, or would be: read back and compared before anybody is told. */
export interface FixFinding extends FindingBase {
  readonly outcome: 'fix'
  readonly grade: Grade
  /** Field by field: path from the template as text, what it becomes, how sure, why. */
  readonly fields: readonly { readonly path: string; readonly proposed: Json | undefined; readonly grade: Grade; readonly because: string }[]
  readonly risk?: string
  readonly stage: 1 | 2 | 3 | 4
  readonly patch: string
  readonly proof: 'verified'
}

/** Something for a person to decide (`decide`) or to know (`know`); `todo` is what to do by hand. */
export interface ReviewFinding extends FindingBase {
  readonly outcome: 'review'
  readonly severity: 'decide' | 'know'
  readonly reason: ReviewReason
  readonly todo: string
}

/** What stays as it is because somebody said so: `by` whom, with their words in `text`; `expires` is the last day, `2027-01-31`. */
export interface ExemptFinding extends FindingBase {
  readonly outcome: 'exempt'
  readonly by: string
  readonly text: string
  readonly expires?: string
}

/** What the user is told, one for each proposal. `outcome` tells which it is. */
export type Finding = FixFinding | ReviewFinding | ExemptFinding

/** What went wrong; each is explained in the README. Within a major version codes are only added. */
export type ProblemCode =
  | 'NOT_FOUND'
  | 'UNREADABLE'
  | 'NOT_A_FILE'
  | 'OUTSIDE_ROOT'
  | 'TOO_LARGE'
  | 'TOO_DEEP'
  | 'NOT_UTF8'
  | 'ENCODING'
  | 'LINE_BREAKS'
  | 'UNPARSABLE'
  | 'MERGE_CONFLICT'
  | 'ALIAS_BOMB'
  | 'DUPLICATE_KEY'
  | 'UNDECLARED_FIELD'
  | 'CONFLICTING_CHANGES'
  | 'OVERLAPPING_EDITS'
  | 'OUTPUT_UNPARSABLE'
  | 'UNPLANNED_CHANGE'
  | 'COMMENT_LOST'
  | 'BYTES_CHANGED'
  | 'NOT_STABLE'
  | 'CHANGED_MEANWHILE'
  | 'UNWRITABLE'
  | 'IMAGE_UNREAD'
  | 'NOT_PROVED'
  | 'NO_REVISION'
  | 'INTERNAL'

/** Expected trouble. The file's bytes stay as they are. `hint` is the next step. */
export interface Problem {
  readonly code: ProblemCode
  /** For `IMAGE_UNREAD` the image's name, or its archive. */
  readonly file: string
  readonly span?: Span
  readonly line?: number
  readonly column?: number
  readonly message: string
  readonly hint: string
}

/** What was recognised and left alone. */
export type NoteCode =
  | 'GENERATED'
  | 'VENDORED'
  | 'HELM_TEMPLATE'
  | 'TEMPLATE_LANGUAGE'
  | 'KUSTOMIZE_PATCH'
  | 'JSON_PATCH'
  | 'PARTIAL'
  | 'OWNED'
  | 'UNKNOWN_KIND'
  | 'NEEDS_RUNTIME'
  | 'DUPLICATE_KEY'
  | 'TAB_LINE'
  | 'EMBEDDED_MANIFEST'
  | 'IGNORED'
  | 'EXEMPTION_EXPIRED'
  | 'EXEMPTION_UNUSED'
  | 'EXEMPTION_UNREAD'
  | 'EXEMPTION_NOT_OURS'

/** Something recognised and left alone on purpose. No fault of the file. `hint` is the next step. */
export interface Note {
  readonly code: NoteCode
  readonly file: string
  readonly line?: number
  readonly message: string
  readonly hint: string
}

/** What became of a workload of a program. `needs-runtime`: the source cannot be changed for it, synthesis can. */
export type ProgramStatus = 'edited' | 'edited-partly' | 'needs-runtime' | 'already-hard' | 'opt-out-kept'

/** What the Pod Security Standards say of one workload, as it was and with the changes. */
export interface SiteVerdict {
  readonly object: ObjectRef
  readonly file: string
  readonly line: number
  readonly level: 'baseline' | 'restricted'
  /** The concrete version, never `latest`. */
  readonly version: string
  readonly before: StandardSummary
  readonly after: StandardSummary
  /** What is still refused, or cannot be judged: one for each check and container. */
  readonly left: readonly Left[]
  /** Of a program. */
  readonly status?: ProgramStatus
  /** Why it is not `edited` or `already-hard`. */
  readonly statusReason?: string
}

/** The verdict at one level and version, in short. */
export interface StandardSummary {
  /** null: nothing is refused, but something cannot be read. */
  readonly allowed: boolean | null
  /** Ids of the checks that refuse it. */
  readonly checks: readonly string[]
}

/** Why a check still refuses the pod. */
export interface Left {
  readonly check: string
  /** The first words of the API server's message. */
  readonly reason: string
  readonly container?: string
  readonly field: string
  readonly found: string
  /** From the finding that says so. Absent: no finding does, which is a mistake of ours. */
  readonly because?: string
  readonly transform?: string
  readonly todo?: string
}

/** What became of one unit. `outputs` only holds verified bytes. */
export interface UnitResult {
  readonly unit: string
  readonly sites: number
  readonly containers: number
  /** Containers by how sure it is which user they can run as; `certain`: the author wrote the number. */
  readonly standings: Readonly<Record<Grade, number>>
  readonly findings: readonly Finding[]
  readonly verdicts: readonly SiteVerdict[]
  readonly problems: readonly Problem[]
  readonly notes: readonly Note[]
  readonly patches: readonly Patch[]
  readonly outputs: readonly Output[]
}

/** One file before and after, with the edits between. */
export interface Output {
  readonly source: Source
  readonly text: string
  readonly edits: readonly Edit[]
}
