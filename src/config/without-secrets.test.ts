import { expect, test } from 'vitest'
import { freshFolder } from '../../test/front-door.ts'
import { openRelation } from '../adapters/open.ts'
import { RetailError } from '../errors.ts'
import { parseWhere } from './where.ts'

const SECRET = 'xyzzy'
const passwords = [SECRET, `${SECRET}:1`, `a/${SECRET}`, `a@${SECRET}`, `${SECRET} b`, `a#${SECRET}`, `a?${SECRET}`]
const addresses = ['postgres', 'kafka', 'https', 'ftp', 'postgers'].flatMap((scheme) => [
  ...passwords.flatMap((password) => [
    `${scheme}://me:${password}@host/shop`,
    `${scheme}://me:${password}@host:x/shop?y=1`,
  ]),
  `${scheme}://host/shop?password=${SECRET}&batch=0`,
  `${scheme}://host/shop?batch=0&api_key=${SECRET}`,
])

test.each(addresses)('an error about %s does not show its secret', async (address) => {
  const refusals = [
    async () => parseWhere(address, '/here'),
    async () => await openRelation(address, freshFolder()),
  ].map((open) =>
    open().then(
      () => undefined,
      (error: unknown) => error,
    ),
  )
  for (const refusal of await Promise.all(refusals)) {
    // An endpoint may have parameters of its own.
    if (refusal === undefined) continue
    expect(refusal).toBeInstanceOf(RetailError)
    const { message, why, hint } = refusal as RetailError
    expect([message, why, hint].join('\n')).not.toContain(SECRET)
  }
})
