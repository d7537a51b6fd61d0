import { type Filters, filtersToSearch } from '../filters.ts'
import type { PageLine } from '../panel-data.ts'

/** Requests every view at once and passes on each line as it arrives. A newer request aborts an older one. */
export function asker(
  onLine: (line: PageLine) => void,
): (filters: Filters) => Promise<'done' | 'overtaken' | 'unreachable'> {
  let asking: AbortController | undefined
  return async (filters) => {
    asking?.abort()
    const mine = new AbortController()
    asking = mine
    try {
      const response = await fetch(`api/panels?${filtersToSearch(filters)}`, { signal: mine.signal })
      if (!response.ok || !response.body) {
        const message = (await response.text()).trim()
        onLine({ trouble: { message } })
        return 'done'
      }
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
      let rest = ''
      for (;;) {
        const { value, done } = await reader.read()
        if (done) break
        const lines = (rest + value).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          const pageLine: PageLine = JSON.parse(line)
          onLine(pageLine)
        }
      }
      return 'done'
    } catch {
      // The next attempt, or the page, reports it.
      return mine.signal.aborted ? 'overtaken' : 'unreachable'
    }
  }
}
