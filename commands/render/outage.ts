import type { Outage } from '../../src/outages.ts'
import { formatDuration } from './format.ts'

/** `waiting for 12 s: 14 UNAVAILABLE: No connection established. Nothing is lost; retail tries again` */
export const renderOutage = ({ why, seconds }: Outage): string =>
  `waiting for ${formatDuration(seconds)}: ${why.replace(/\.$/, '')}. Nothing is lost; retail tries again`
