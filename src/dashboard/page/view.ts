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

export interface View<N extends PanelName> {
  /** The sentence under the title: what is counted, in which period. */
  about: (data: PanelData[N], scene: Scene) => string
  /** Called when the data or the theme changed. The scene's description of the period may change without a call. */
  draw: (data: PanelData[N], scene: Scene) => Node
  /** Undefined: the view is already a table. */
  hasTwin: boolean
}
