import type { Filters } from '../filters.ts'
import type { PageHead, PanelData, PanelName } from '../panel-data.ts'
import type { PageState } from './state.ts'

/** What a view draws with. */
export interface Scene {
  state: PageState
  head: PageHead
  /** pixels there are */
  width: number
  isDark: boolean
  ramp: (t: number) => string
  /** false in a saved page: there is nobody to ask */
  canAsk: boolean
  filter: (change: Partial<Filters>) => void
  change: (change: Partial<PageState>) => void
}

export interface View<N extends PanelName> {
  /** The whole sentence under the title: what is counted, of which period. */
  about: (data: PanelData[N], scene: Scene) => string
  /** Called when the data or the look changed; what the scene says of the period may change without. */
  draw: (data: PanelData[N], scene: Scene) => Node
  /** undefined: it is a table already */
  hasTwin: boolean
}
