import { RetailError } from '../errors.ts'
import type { Answer, Marts, Statement } from '../ports/index.ts'
import { type Filters, filtersToSearch } from './filters.ts'
import { type Choices, choicesStatement, headOf, noMarts, readChoices } from './head.ts'
import type { PageHead, PageLine, PanelAnswer, PanelData, PanelName, Trouble } from './panel-data.ts'
import { panelNames, panels } from './panels/index.ts'

/** What the page is told. The same question while it is being answered is asked once; at most two are asked at a time. */
export interface Answers {
  /** changes with the data; undefined when there is none */
  version(): Promise<string | undefined>
  /** Never rejects: what is wrong is an answer too. */
  head(filters: Filters): Promise<{ head: PageHead } | { trouble: Trouble }>
  panel(name: PanelName, filters: Filters): Promise<PanelAnswer>
}

const AT_ONCE = 2
const LIMIT_MS = 10_000
/** Answers are small; this many are every view of a hundred choices. */
const KEPT = 1_000

interface Kept {
  version: string
  until: number
  answer: Promise<unknown>
}

export function answersOf(marts: Marts, now: () => number = Date.now, limitMs = LIMIT_MS): Answers {
  const kept = new Map<string, Kept>()
  const inTurn = turns(AT_ONCE)

  /** One answer per question and version of the data; errors are not kept. */
  async function once<T>(question: string, ask: () => Promise<T>): Promise<T> {
    const version = (await marts.version()) ?? ''
    const known = kept.get(question)
    if (known && known.version === version && known.until > now()) return known.answer as Promise<T>
    const answer = ask()
    const entry = { version, until: now() + (marts.keepMs ?? Number.POSITIVE_INFINITY), answer }
    kept.delete(question)
    kept.set(question, entry)
    if (kept.size > KEPT) kept.delete(kept.keys().next().value ?? '')
    answer.catch(() => kept.get(question) === entry && kept.delete(question))
    return answer
  }

  const ask = (statement: Statement): Promise<Answer> =>
    inTurn(async () => {
      const timeout = AbortSignal.timeout(limitMs)
      try {
        return await marts.query(statement, timeout)
      } catch (error) {
        if (timeout.aborted) throw tooSlow()
        throw error
      }
    })

  const choices = () =>
    once<Choices>('choices', async () => {
      const published = await marts.published()
      if (!published.marts) throw noMarts()
      const { rows } = await ask(choicesStatement)
      return readChoices(rows, published)
    })

  return {
    version: () => marts.version(),

    async head(filters) {
      try {
        const found = await choices()
        return { head: headOf(filters, found, marts.location, (await marts.version()) ?? '') }
      } catch (error) {
        return { trouble: troubleOf(error) }
      }
    },

    async panel(name, filters) {
      try {
        const { extent } = await choices()
        const asked = { filters, extent }
        const question = `${name}?${filtersToSearch(only(filters, panels[name].needs))}`
        const { data, bytesBilled } = await once(question, async () => {
          const answer = await ask(panels[name].ask(asked))
          const data: PanelData[typeof name] = panels[name].read(answer.rows, asked)
          return { data, bytesBilled: answer.bytesBilled }
        })
        return { panel: name, data, bytesBilled } as PanelAnswer
      } catch (error) {
        return { panel: name, trouble: troubleOf(error) } as PanelAnswer
      }
    },
  }
}

/** The head, then each panel as soon as it is there; after trouble nothing. */
export async function tellAll(answers: Answers, filters: Filters, onLine: (line: PageLine) => void): Promise<void> {
  const head = await answers.head(filters)
  onLine(head)
  if ('head' in head) await Promise.all(panelNames.map(async (name) => onLine(await answers.panel(name, filters))))
}

/** The others as if they were not chosen. */
const only = (filters: Filters, names: readonly (keyof Filters)[]): Filters => ({
  compare: 'previous',
  rows: 'locations',
  ...Object.fromEntries(names.filter((name) => name in filters).map((name) => [name, filters[name]])),
})

const tooSlow = () =>
  new RetailError('busy', `The question took longer than ${LIMIT_MS / 1000} s and was given up.`, {
    hint: 'Choose a shorter period, or try again when the machine is less busy.',
  })

/** In words, never a stack: what failed, why, what to type. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof RetailError) return { message: error.message, why: error.why, hint: error.hint }
  return {
    message: 'The warehouse could not answer.',
    why: String(error instanceof Error ? error.message : error).split('\n')[0],
    hint: 'Run `retail status`; the page tries again by itself.',
  }
}

/** Lets so many through at a time, the others in the order they came. */
function turns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let busy = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (busy >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else busy++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else busy--
    }
  }
}
