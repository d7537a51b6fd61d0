import type { Filters } from '../filters.ts'
import type { PageHead, PanelData, PanelName } from '../panel-data.ts'
import type { PageState } from './state.ts'

/** The input of a view. */
export interface Scene {
  state: PageState
  head: PageHead
  /** Available width in pixels. */
  width: number
  isDark: boolean
  ramp: (t: number) => string
  /** False in a saved page, which has no server. */
  canAsk: boolean
  filter: (change: Partial<Filters>) => void
  change: (change: Partial<PageState>) => void
}

/** How data of a kind is shown. */
export interface Drawing<D> {
  /** The sentence under the title: what is counted, in which period. */
  about: (data: D, scene: Scene) => string
  /** Called when the data or the theme changed. The scene's description of the period may change without a call. */
  draw: (data: D, scene: Scene) => Node
  /** False: the view is already a table. */
  hasTwin: boolean
}

export type View<N extends PanelName> = Drawing<PanelData[N]>
