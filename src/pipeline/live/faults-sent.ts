import type { Ports, Position } from '../../ports/index.ts'

/** The faults that the events of this workspace were sent with; undefined if they were sent without. */
export const faultsSent = async ({ live }: Pick<Ports, 'live'>): Promise<Position['faults']> =>
  live.by === 'broker' ? (await live.broker.position())?.faults : undefined
