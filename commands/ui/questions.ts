import { sizeNames, sizes } from '../../src/config/sizes.ts'
import { estimate } from '../../src/pipeline/estimate.ts'
import { templateNames, templates } from '../../src/pipeline/templates.ts'
import { parseDay } from '../../src/time.ts'
import { formatBytes, formatCount, formatDuration } from '../render/format.ts'
import { cloudQuestions } from './cloud-questions.ts'
import type { Prompts } from './prompts.ts'
import type { InitAnswers, Question } from './question.ts'

/** What `init` wants to know, in the order it asks. */
export const questions: readonly Question[] = [
  {
    name: 'target',
    flags: ['--target'],
    settings: ['target'],
    show: ({ target }) => (target === 'local' ? 'local: files in this folder, no account needed' : 'gcp: Google Cloud'),
    ask: async (prompts, { target }) => ({
      target: await prompts.select(
        'Where should the data go?',
        [
          { value: 'local' as const, name: 'Local: files and DuckDB in this folder, no account needed' },
          { value: 'gcp' as const, name: 'Google Cloud: Cloud Storage, Pub/Sub and BigQuery in a project of yours' },
        ],
        target,
      ),
    }),
  },
  ...cloudQuestions,
  {
    name: 'size',
    flags: ['--size'],
    settings: ['world.stores', 'world.products', 'world.lines_per_store_day'],
    show: costText,
    ask: askSize,
  },
  {
    name: 'period',
    flags: ['--from', '--to'],
    settings: ['history.from', 'history.to'],
    show: ({ from, to }) => `${from} to ${to}`,
    async ask(prompts, { from, to }) {
      const text = await prompts.input('Which period? First and last day', `${from} to ${to}`, checkPeriod)
      const [first, last] = periodOf(text)
      return { from: first, to: last }
    },
  },
  {
    name: 'seed',
    flags: ['--seed'],
    settings: ['seed'],
    optional: true,
    show: ({ seed }) => `${seed}`,
    ask: async (prompts, { seed }) => ({
      seed: await askCount(prompts, 'Which seed? Same seed, same sales', seed, 0, 4_294_967_295),
    }),
  },
  {
    name: 'with',
    flags: ['--with'],
    settings: [],
    optional: true,
    show: ({ extras }) => extras.join(', ') || 'nothing else',
    ask: async (prompts, { extras }) => ({
      extras: await prompts.several(
        'What else should be written?',
        templateNames.map((value) => ({ value, name: `${value}: ${templates[value]}` })),
        extras,
      ),
    }),
  },
]

/** `1,000 stores, 9.1 M lines, 10.7 M movements, 317 MB, 3 s`: one line of a terminal, whatever the size. */
function costText({ stores, products, linesPerStoreDay, ...days }: InitAnswers): string {
  const [from, to] = [parseDay(days.from)!, parseDay(days.to)!]
  const written = { schema: 'strict', compression: 'snappy' } as const
  const cost = estimate({ stores, products, linesPerStoreDay, begins: from, ...written }, { from, to })
  const rows = `${formatMillions(cost.lines)} lines, ${formatMillions(cost.movements)} movements`
  const time = formatDuration(Math.round(cost.backfillSeconds))
  return `${formatCount(stores)} stores, ${rows}, ${formatBytes(cost.sizeBytes)}, ${time}`
}

const formatMillions = (n: number): string => `${(n / 1_000_000).toFixed(1)} M`

async function askSize(prompts: Prompts, answers: InitAnswers): Promise<Partial<InitAnswers>> {
  const offers = sizeNames.map((name) => {
    const { about, values } = sizes[name]
    const amounts = {
      stores: values['world.stores'],
      products: values['world.products'],
      linesPerStoreDay: values['world.lines_per_store_day'],
    }
    return { value: amounts, name: `${name} (${about}): ${costText({ ...answers, ...amounts })}` }
  })
  const now = offers.find(
    ({ value }) =>
      value.stores === answers.stores &&
      value.products === answers.products &&
      value.linesPerStoreDay === answers.linesPerStoreDay,
  )
  const custom = { value: undefined, name: 'custom: three numbers' }
  const chosen = await prompts.select('How much data?', [...offers, custom], now?.value)
  if (chosen) return chosen
  return {
    stores: await askCount(prompts, 'How many stores?', answers.stores, 1, 100_000),
    products: await askCount(prompts, 'How many products?', answers.products, 10, 50_000),
    linesPerStoreDay: await askCount(
      prompts,
      'How many sale lines per store and day?',
      answers.linesPerStoreDay,
      1,
      20_000,
    ),
  }
}

async function askCount(
  prompts: Prompts,
  message: string,
  preset: number,
  least: number,
  most: number,
): Promise<number> {
  const parseCount = (text: string) =>
    /^[\d,_]+$/.test(text.trim()) ? Number(text.replace(/[,_\s]/g, '')) : Number.NaN
  const check = (text: string) =>
    parseCount(text) >= least && parseCount(text) <= most ? true : `a whole number from ${least} to ${most}`
  return parseCount(await prompts.input(message, String(preset), check))
}

const periodOf = (text: string): string[] => text.trim().split(/\s*(?:\bto\b|…|\.\.|\s)\s*/)

function checkPeriod(text: string): true | string {
  const days = periodOf(text).map(parseDay)
  if (days.length !== 2 || days.includes(undefined)) return 'two days that exist, like 2024-01-01 to 2024-03-31'
  const [from, to] = days as number[]
  if (to < from) return 'the last day comes before the first'
  return from >= parseDay('2000-01-01')! && to <= parseDay('2098-12-31')! ? true : 'from 2000-01-01 to 2098-12-31'
}
