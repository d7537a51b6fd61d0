import { type Advice, adviceText, advise, retail, type Spell, shellLine } from '../advice.ts'
import { RetailError } from '../errors.ts'
import type { Answer, Marts, Statement } from '../ports/index.ts'
import { explainSystemError } from '../system-errors.ts'
import { type Filters, filtersToSearch, onlyFilters } from './filters.ts'
import {
  type Choices,
  choicesStatement,
  headOf,
  noMarts,
  productStatement,
  readChoices,
  storeStatement,
} from './head.ts'
import { ownStatement, readOwn } from './own-panels.ts'
import type { OwnAnswer, PageHead, PageLine, PanelAnswer, PanelData, PanelName, Trouble } from './panel-data.ts'
import { panelNames, panels } from './panels/index.ts'
import { shownOf } from './period.ts'

/**
 * The answers to the page's requests. Concurrent identical requests share one query; at most two queries run at a time.
 */
export interface Answers {
  /** Changes with the data; undefined if there is none. */
  version(): Promise<string | undefined>
  /** Never rejects: an error is also an answer. */
  head(filters: Filters): Promise<{ head: PageHead } | { trouble: Trouble }>
  panel(name: PanelName, filters: Filters): Promise<PanelAnswer>
  /** A panel of the user's project, by the name of its table; undefined if there is none. */
  own(name: string): Promise<OwnAnswer | undefined>
}

const AT_ONCE = 2
const LIMIT_MS = 10_000
/** Maximum number of cached answers. They are small; this covers every view of a hundred selections. */
const KEPT = 1_000

interface Kept {
  version: string
  until: number
  answer: Promise<unknown>
}

/** `spell`: formats the commands in messages of the page. */
export function answersOf(
  marts: Marts,
  now: () => number = Date.now,
  limitMs = LIMIT_MS,
  spell: Spell = shellLine,
): Answers {
  const kept = new Map<string, Kept>()
  const inTurn = turns(AT_ONCE)

  /** One answer per request and version of the data; errors are not cached. */
  async function once<T>(question: string, ask: () => Promise<T>): Promise<T> {
    const version = (await marts.version()) ?? ''
    const known = kept.get(question)
    if (known && known.version === version && known.until > now()) return known.answer as Promise<T>
    const answer = ask()
    const entry = { version, until: now() + (marts.keepMs ?? Number.POSITIVE_INFINITY), answer }
    kept.delete(question)
    kept.set(question, entry)
    if (kept.size > KEPT) kept.delete(kept.keys().next().value ?? '')
    // Whoever asked gets the error; it is only not kept.
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

  /** The one value of a statement. */
  const nameIn = async (statement: Statement): Promise<string | undefined> => {
    const { rows } = await ask(statement)
    return rows[0]?.name === undefined ? undefined : String(rows[0].name)
  }

  return {
    version: () => marts.version(),

    async head(filters) {
      try {
        const found = await choices()
        const { store, product } = filters
        const [storeLocation, productName] = await Promise.all([
          store === undefined ? undefined : once(`store ${store}`, () => nameIn(storeStatement(store))),
          product === undefined ? undefined : once(`product ${product}`, () => nameIn(productStatement(product))),
        ])
        const names = { storeLocation, productName }
        return { head: headOf(filters, found, names, marts.location, (await marts.version()) ?? '', spell) }
      } catch (error) {
        return { trouble: troubleOf(error, spell) }
      }
    },

    async panel(name, filters) {
      try {
        const { extent } = await choices()
        const needed = onlyFilters(shownOf(filters, extent), panels[name].needs)
        const asked = { filters: needed, extent }
        const question = `${name}?${filtersToSearch(needed)}`
        const { data, bytesBilled } = await once(question, async () => {
          const answer = await ask(panels[name].ask(asked))
          const data: PanelData[typeof name] = panels[name].read(answer.rows, asked)
          return { data, bytesBilled: answer.bytesBilled }
        })
        return { panel: name, data, bytesBilled } as PanelAnswer
      } catch (error) {
        return { panel: name, trouble: troubleOf(error, spell) } as PanelAnswer
      }
    },

    async own(name) {
      try {
        const panel = (await choices()).own.find(({ table }) => table === name)
        if (!panel) return undefined
        const { rows, bytesBilled } = await once(`own ${name}`, () => ask(ownStatement(panel)))
        return { own: name, data: readOwn(panel, rows), bytesBilled }
      } catch (error) {
        return { own: name, trouble: troubleOf(error, spell) }
      }
    },
  }
}

/** The head, then each panel as it becomes ready; after an error, nothing. */
export async function streamAnswers(
  answers: Answers,
  filters: Filters,
  onLine: (line: PageLine) => void,
): Promise<void> {
  const head = await answers.head(filters)
  onLine(head)
  if (!('head' in head)) return
  const own = head.head.own.map(async ({ name }) => {
    const answer = await answers.own(name)
    if (answer) onLine(answer)
  })
  await Promise.all([...panelNames.map(async (name) => onLine(await answers.panel(name, filters))), ...own])
}

const tooSlow = () =>
  new RetailError('busy', `The query took longer than ${LIMIT_MS / 1000} s and was canceled.`, {
    hint: 'Choose a shorter period, or try again when the machine is less busy.',
  })

/** An error in words, without a stack: what failed, why, and what to run. */
export function troubleOf(thrown: unknown, spell?: Spell): Trouble {
  const hint = (advice: Advice | undefined) => advice && adviceText(advice, spell)
  const error = explainSystemError(thrown)
  if (error instanceof RetailError) {
    const { code, message, why, advice } = error
    return { code, message, why, hint: hint(advice) }
  }
  return {
    message: 'The warehouse query failed.',
    why: String(error instanceof Error ? error.message : error).split('\n')[0],
    hint: hint(advise`Run ${retail('status')}; the page retries automatically.`),
  }
}

/** Lets this many callers pass at a time; the others wait in order. */
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
