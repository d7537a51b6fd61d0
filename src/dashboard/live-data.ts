/** What happens now, from the batches a stream leaves: one event of `/api/events`. */
export interface LiveData {
  /** a stream is at work */
  running: boolean
  /** how far the timeline was delivered, `YYYY-MM-DDTHH:MM:SSZ` */
  position: string
  /** sale lines delivered in the last minute of the clock, or as if it went on for one; undefined before two batches were seen */
  salesPerMinute: number | undefined
  /** the newest sale lines, newest first */
  last: { time: string; product: string; location: string; quantity: number; revenueCents: number }[]
}
