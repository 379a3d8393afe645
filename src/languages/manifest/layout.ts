/**
 * What the editor must know of the text behind a node. Offsets are those of the file. The columns and
 * line ends are always asked of the original text, never of a text made for the parser.
 */
import type { ListNode, MapNode, Node, Path } from '../../types.ts'

/** Anchor, tag and alias belong to the slot, not to the node: one node may stand in several slots. */
export interface Slot {
  /** First character of the value, or of its anchor or tag; the end of the marker (colon, dash) when nothing is written. */
  readonly start: number
  /** Behind the last token of the value; equal to `start` when nothing is written. */
  readonly end: number
  /** First character of the value itself, behind anchor and tag. */
  readonly value: number
  readonly alias: boolean
  readonly anchored: boolean
}

export interface PairLayout {
  readonly key: string
  /** First character of the key (or of `?`, or of the key's anchor or tag). */
  readonly start: number
  /** Behind the colon, or behind the key where there is none. */
  readonly colon: number
  readonly hasColon: boolean
  readonly explicit: boolean
  /** Behind the last token of the pair. */
  readonly end: number
  readonly slot: Slot
  /** Ends in a block scalar, whose text runs to the end of the file without a line break. */
  readonly openEnd: boolean
}

export interface ItemLayout {
  readonly start: number
  readonly end: number
  readonly slot: Slot
}

export interface MapLayout {
  readonly style: 'block' | 'flow'
  readonly start: number
  /** Behind the closing brace, or behind the last token of the last pair. */
  readonly end: number
  readonly pairs: readonly PairLayout[]
  /** Offset of a comma behind the last pair of a flow map. */
  readonly trailingComma: number | undefined
  /** Nodes that this map takes entries from through `<<`. */
  readonly merges: readonly Node[]
}

export interface ListLayout {
  readonly style: 'block' | 'flow'
  readonly start: number
  readonly end: number
  readonly items: readonly ItemLayout[]
  readonly trailingComma: number | undefined
}

/** A block scalar or multi-line text that must not be replaced by an editor of tokens. */
export interface ScalarLayout {
  readonly style: 'plain' | 'quoted' | 'block' | 'empty'
}

export interface LaidMap extends MapNode {
  readonly layout: MapLayout
}
export interface LaidList extends ListNode {
  readonly layout: ListLayout
}

export function mapLayout(node: Node | undefined): MapLayout | undefined {
  return node?.is === 'map' ? (node as Partial<LaidMap>).layout : undefined
}

export function listLayout(node: Node | undefined): ListLayout | undefined {
  return node?.is === 'list' ? (node as Partial<LaidList>).layout : undefined
}

/** A key that occurs twice in one map. */
export interface Duplicate {
  readonly path: Path
  readonly key: string
  readonly at: number
}
