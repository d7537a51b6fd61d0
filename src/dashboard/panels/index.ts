import type { PanelName } from '../panel-data.ts'
import { change } from './change.ts'
import { daily } from './daily.ts'
import { heatmap } from './heatmap.ts'
import { kpi } from './kpi.ts'
import type { Panel } from './panel.ts'
import { places } from './places.ts'
import { products } from './products.ts'
import { states } from './states.ts'
import { stock } from './stock.ts'
import { stockouts } from './stockouts.ts'
import { timeline } from './timeline.ts'
import { top } from './top.ts'

/** All panels, in query order, the slowest one last; a browser can request no other. */
export const panels: { [N in PanelName]: Panel<N> } = {
  kpi,
  timeline,
  places,
  states,
  heatmap,
  change,
  top,
  daily,
  stockouts,
  stock,
  products,
}
export const panelNames = Object.keys(panels) as PanelName[]
