import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { answersTag } from './report.ts'

test('no text in the answers ends their element or begins another', () => {
  const words = fc.constantFrom('</script>', '<script>', '<!--', '-->', ']]>', '\\', '"', '\u2028', '<', 'a')
  fc.assert(
    fc.property(fc.array(words), (parts) => {
      const told = { search: '', lines: [{ trouble: { message: parts.join('') } }], saved: false }
      const [, inner] = /^<script type="application\/json" id="answers">([^<]*)<\/script>$/.exec(answersTag(told)) ?? []
      expect(JSON.parse(inner ?? '')).toEqual(told)
    }),
  )
})
