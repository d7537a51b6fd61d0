import { compactDay } from '../encode/ids.ts'
import type { RelationColumn } from '../ports/index.ts'
import { type FactColumn, tables } from '../tables/index.ts'
import { type Day, parseDay, SECONDS_PER_DAY } from '../time.ts'
import type { World } from '../world/world.ts'
import type { EpochUnit } from './forms.ts'

/** The texts of a few rows, by column. */
export interface Sample {
  texts(column: string): readonly (string | null)[]
}

/** The share of the rows, without those that are NULL, whose cell can be a value of our column. */
export function fitOf(
  column: FactColumn,
  sample: Sample,
  theirs: RelationColumn,
  ids: RelationColumn | undefined,
  world: World,
): number {
  const texts = sample.texts(theirs.name)
  const share = (fits: (text: string, row: number) => boolean) => {
    const there = texts.flatMap((text, row) => (text === null ? [] : [fits(text, row)]))
    return there.length === 0 ? 0 : there.filter(Boolean).length / there.length
  }
  const { ids: width } = world
  const pattern = (letter: string) => new RegExp(`^${letter}\\d{6}-\\d{${width.store}}-\\d{${width.number}}$`)
  switch (column.kind) {
    case 'rowId':
    case 'siblingId':
      return share((text) => pattern(column.letter).test(text))
    case 'member':
    case 'optionalMember':
    case 'spanMember': {
      const form = new RegExp(`^${tables[column.references].letter}\\d{${width[column.references]}}$`)
      return share((text) => form.test(text))
    }
    case 'choice':
      return share((text) => column.names.includes(text))
    case 'cause':
      return share((text) => new RegExp(`^[${column.letters.join('')}]\\d{6}-\\d{${width.store}}`).test(text))
    case 'money': {
      const cents = new Set(world.products[column.list])
      return share((text) => isNumber(text) && (cents.has(Math.round(Number(text) * 100)) || cents.has(Number(text))))
    }
    case 'whole':
      return share((text) => Number.isInteger(Number(text)) && text.trim() !== '' && Math.abs(Number(text)) < 1000)
    case 'instant': {
      const days = sample.texts(ids?.name ?? '')
      const unit = unitOf(texts)
      // A zone moves an instant by less than a day.
      return share((text, row) => {
        const day = dayOf(text, unit)
        const id = days[row]?.slice(1, 7)
        return day !== undefined && [-1, 0, 1].some((by) => compactDay(day + by) === id)
      })
    }
  }
}

const isNumber = (text: string) => text.trim() !== '' && Number.isFinite(Number(text))

function dayOf(text: string, unit: EpochUnit | undefined): Day | undefined {
  if (unit !== undefined) return isNumber(text) ? Math.floor(Number(text) / unit / SECONDS_PER_DAY) : undefined
  return parseDay(text.slice(0, 10))
}

const mostly = (texts: readonly (string | null)[], is: (text: string) => boolean): boolean => {
  const there = texts.filter((text) => text !== null)
  return there.length > 0 && there.filter(is).length * 2 > there.length
}

/** Members of a dimension without their letter. */
export const isBare = (texts: readonly (string | null)[]): boolean => mostly(texts, (text) => isNumber(text))

/** The unit of instants that are numbers, by their size: seconds before the year 5138 have eleven digits. */
export function unitOf(texts: readonly (string | null)[]): EpochUnit | undefined {
  if (!mostly(texts, isNumber)) return undefined
  const sizes = texts
    .flatMap((text) => (text !== null && isNumber(text) ? [Math.abs(Number(text))] : []))
    .sort((a, b) => a - b)
  const middle = sizes[sizes.length >> 1]
  return middle < 1e11 ? 1 : middle < 1e14 ? 1e3 : middle < 1e17 ? 1e6 : 1e9
}
