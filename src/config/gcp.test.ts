import { describe, expect, test } from 'vitest'
import { gcpSection } from './gcp.ts'
import { gcpNames } from './gcp-names.ts'

const least = { project: 'a-shop', bucket: 'a-shop-retail' }
const messageOf = (values: object) => gcpSection.safeParse({ ...least, ...values }).error?.issues[0].message

describe('the cloud section', () => {
  test('needs a project and a bucket', () => {
    expect(gcpSection.parse(least)).toEqual({
      ...least,
      location: 'US',
      region: 'us-central1',
      dataset: 'retail',
      prefix: 'retail',
      ingest: 'load',
      max_bytes_billed: 10_737_418_240,
      stream_stop_after: '8h',
      deletion_protection: true,
      versioning: true,
    })
  })

  test.each([
    { project: 'p'.repeat(31) },
    { project: 'Shop1' },
    { project: '1-shop' },
    { project: 'a-shop-' },
    { bucket: 'ab' },
    { bucket: 'A-Shop' },
    { bucket: 'goog-shop' },
    { bucket: 'my-google-shop' },
    { bucket: '10.0.0.1' },
    { bucket: 'a..b' },
    { bucket: 'gs://a-shop' },
    { bucket: 'b'.repeat(64) },
    { location: 'us' },
    { location: 'Iowa' },
    { region: 'US' },
    { region: 'us-central1-a' },
    { dataset: 'my-shop' },
    { dataset: '1shop' },
    { dataset: 'shop.raw' },
    { prefix: 'Retail' },
    { prefix: 'retail-' },
    { prefix: 'google' },
    { prefix: 'p'.repeat(21) },
    { stream_stop_after: '8' },
    { stream_stop_after: 'never' },
    { impersonate: 'jo@example.com' },
  ])('refuses %o and says what is expected', (values) => {
    expect(messageOf(values)).toMatch(/^expected /)
  })

  test.each([
    { project: 'a-shop-2026' },
    { bucket: 'shop.example.com' },
    { bucket: 'a_shop' },
    { location: 'EU' },
    { location: 'northamerica-northeast1' },
    { region: 'europe-west12' },
    { dataset: '_shop_2' },
    { prefix: 'r' },
    { prefix: 'p'.repeat(20) },
    { stream_stop_after: '1h30m' },
    { impersonate: 'retail-load@a-shop.iam.gserviceaccount.com' },
  ])('takes %o', (values) => {
    expect(messageOf(values)).toBeUndefined()
  })
})

describe('the names of things', () => {
  const names = (values: object) => gcpNames(gcpSection.parse({ ...least, ...values }))

  test('derive from prefix, dataset and bucket', () => {
    expect(names({})).toMatchSnapshot()
  })

  test('tell how events get in', () => {
    expect(names({ ingest: 'subscription', prefix: 'shop' }).subscriptions.inventories).toBe(
      'shop-inventories-bigquery',
    )
  })

  test('are never too long', () => {
    expect(names({ bucket: 'b'.repeat(63) }).stateBucket).toHaveLength(63)
    for (const account of Object.values(names({ prefix: 'p'.repeat(20) }).accounts))
      expect(account.split('@')[0].length).toBeLessThanOrEqual(30)
  })
})
