/** Current activity, read from the batches of a stream: one event of `/api/events`. */
export interface LiveData {
  /** A stream is running. */
  running: boolean
  /** A batch that does not belong to this stream, and why; undefined if there is none. */
  trouble?: string
  /** How far the timeline has been delivered, `YYYY-MM-DDTHH:MM:SSZ`. */
  position: string
  /**
   * Sale lines delivered in the last minute of real time, or extrapolated to one; undefined until two batches have been
   * seen.
   */
  salesPerMinute: number | undefined
  /** The newest sale lines, newest first. */
  last: { time: string; product: string; location: string; quantity: number; revenueCents: number }[]
}
