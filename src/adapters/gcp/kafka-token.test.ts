import { expect, test } from 'vitest'
import { kafkaToken } from './kafka-token.ts'

test('a token for Kafka has three parts: a header, whose it is, and the access token', () => {
  const about = { token: 'ya29.a-token', account: 'stream@a-shop.iam.gserviceaccount.com', now: 1_700_000_000_500 }
  const parts = kafkaToken({ ...about, expires: 1_700_003_600_000 }).split('.')
  const [header, claims, token] = parts.map((part) => Buffer.from(part, 'base64url').toString())
  expect(JSON.parse(header)).toEqual({ typ: 'JWT', alg: 'GOOG_OAUTH2_TOKEN' })
  expect(JSON.parse(claims)).toEqual({
    ...{ exp: 1_700_003_600, iat: 1_700_000_000, iss: 'Google', scope: 'kafka' },
    sub: 'stream@a-shop.iam.gserviceaccount.com',
  })
  expect(token).toBe('ya29.a-token')
  expect(parts.join()).not.toMatch(/[=+/]/)
})
