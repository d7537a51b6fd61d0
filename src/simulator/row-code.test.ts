import { describe, expect, test } from 'vitest'
import { facts } from '../tables/index.ts'
import { rowCode } from './row-code.ts'

describe.each(Object.entries(rowCode))('the code for rows of a %s world', (_, code) => {
  test.each(facts)('writes $name', ({ name }) => {
    expect(`put: ${code[name].put}`).toMatchSnapshot()
  })

  test.each(facts)('copies $name', ({ name }) => {
    expect(`copy: ${code[name].copy}`).toMatchSnapshot()
  })
})
