import { sizeNames, sizes } from '../../src/config/sizes.ts'
import { targetNames, targets } from '../../src/config/targets.ts'
import { estimate } from '../../src/pipeline/estimate.ts'
import { templateNames, templates } from '../../src/pipeline/templates.ts'
import { type Day, formatDay, isCounted, parseDay, parseDayFrom, untilNow } from '../../src/time.ts'
import { formatBytes, formatCount, formatDuration } from '../render/format.ts'
import { cloudQuestions } from './cloud-questions.ts'
import type { Prompts } from './prompts.ts'
import type { InitAnswers, Question } from './question.ts'

/** The questions of `init`, in order. */
export const questions: readonly Question[] = [
  {
    name: 'target',
    flags: ['--target'],
    settings: ['target'],
    show: ({ target }) => `${target}: ${targets[target].about}`,
    ask: async (prompts, { target }) => ({
      target: await prompts.select(
        'Where should the data go?',
        targetNames.map((value) => ({ value, name: targets[value].label })),
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
    async ask(prompts, { from, to }, today) {
      const check = (text: string) => checkPeriod(periodOf(text, today))
      const text = await prompts.input('Period: first and last day', `${from} to ${to}`, check)
      const [first, last] = periodOf(text, today)
      return { from: formatDay(first!), to: formatDay(last!) }
    },
  },
  {
    name: 'seed',
    flags: ['--seed'],
    settings: ['seed'],
    optional: true,
    show: ({ seed }) => `${seed}`,
    ask: async (prompts, { seed }) => ({
      seed: await askCount(prompts, 'Seed (the same seed generates the same sales)', seed, 0, 4_294_967_295),
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
        'Also write files for',
        templateNames.map((value) => ({ value, name: `${value}: ${templates[value]}` })),
        extras,
      ),
    }),
  },
]

/** `1,000 stores, 9.1 M lines, 10.7 M movements, 317 MB, 3 s`: fits on one line of a terminal at any size. */
function costText({ stores, products, linesPerStoreDay, ...days }: InitAnswers): string {
  const [from, to] = [parseDay(days.from)!, parseDay(days.to)!]
  const written = { schema: 'strict', compression: 'snappy' } as const
  const cost = estimate({ stores, products, linesPerStoreDay, begins: from, ...written }, { from, to })
  const rows = `${formatMillions(cost.rows.transactions)} lines, ${formatMillions(cost.rows.inventories)} movements`
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
  const custom = { value: undefined, name: 'custom: choose the numbers' }
  const chosen = await prompts.select('How much data?', [...offers, custom], now?.value)
  if (chosen) return chosen
  return {
    stores: await askCount(prompts, 'How many stores?', answers.stores, 1, 100_000),
    products: await askCount(prompts, 'How many products?', answers.products, 10, 50_000),
    linesPerStoreDay: await askCount(
      prompts,
      'How many sale lines per store per day?',
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
    parseCount(text) >= least && parseCount(text) <= most ? true : `expected a whole number from ${least} to ${most}`
  return parseCount(await prompts.input(message, String(preset), check))
}

/** A relative first day alone means: from then until yesterday. */
function periodOf(text: string, today: Day): (Day | undefined)[] {
  const words = text.trim().split(/\s*(?:\bto\b|…|\.\.|\s)\s*/)
  const days = words.map((word) => parseDayFrom(today, word))
  return words.length === 1 && days[0] !== undefined && isCounted(words[0]) ? [days[0], untilNow(days[0], today)] : days
}

function checkPeriod(days: readonly (Day | undefined)[]): true | string {
  if (days.length !== 2 || days.includes(undefined))
    return 'expected two days, such as 2024-01-01 to 2024-03-31, or -90d to yesterday'
  const [from, to] = days as number[]
  if (to < from) return 'the last day is before the first day'
  return from >= parseDay('2000-01-01')! && to <= parseDay('2098-12-31')!
    ? true
    : 'expected days from 2000-01-01 to 2098-12-31'
}
