import type { LoadedConfig } from '../src/config/load.ts'
import type { Overrides } from '../src/config/settings.ts'
import { sizeNames, sizes } from '../src/config/sizes.ts'
import { shellLine } from './stop.ts'
import type { InitAnswers } from './ui/questions.ts'

/** The same answers in three forms: what holds now, what is written, what to type to give them again. */
export const answersOf = ({ config }: LoadedConfig): InitAnswers => ({
  target: config.target,
  stores: config.world.stores,
  products: config.world.products,
  linesPerStoreDay: config.world.lines_per_store_day,
  from: config.history.from,
  to: config.history.to,
  seed: config.seed,
})

export const valuesOf = (answers: InitAnswers): Overrides => ({
  target: answers.target,
  seed: answers.seed,
  'world.stores': answers.stores,
  'world.products': answers.products,
  'world.lines_per_store_day': answers.linesPerStoreDay,
  'history.from': answers.from,
  'history.to': answers.to,
})

export function againLine(answers: InitAnswers, workspace?: string): string {
  const size = sizeNames.find((name) => {
    const values = sizes[name].values
    return (
      values['world.stores'] === answers.stores &&
      values['world.products'] === answers.products &&
      values['world.lines_per_store_day'] === answers.linesPerStoreDay
    )
  })
  const amounts = size
    ? ['--size', size]
    : [
        '--stores',
        `${answers.stores}`,
        '--products',
        `${answers.products}`,
        '--lines-per-store-day',
        `${answers.linesPerStoreDay}`,
      ]
  return shellLine([
    'init',
    ...(workspace ? ['--workspace', workspace] : []),
    ...['--target', answers.target],
    ...amounts,
    ...['--from', answers.from, '--to', answers.to],
    ...['--seed', `${answers.seed}`, '--yes'],
  ])
}
