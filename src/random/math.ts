// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: the language fixes these constants no more than the functions
/**
 * Functions whose last bit the language does not define (`Math.exp`, `log`, `pow`, even `sqrt`), computed with + − × ÷
 * only, so that every engine and machine builds the same world. Relative error about 1e-15. They build tables and never
 * run per row.
 */
const LN2 = 0.6931471805599453

export function ln(x: number): number {
  if (!(x > 0)) throw new RangeError(`ln of ${x}`)
  let exponent = 0
  while (x > 1.4142135623730951) {
    x /= 2
    exponent++
  }
  while (x < 0.7071067811865476) {
    x *= 2
    exponent--
  }
  const s = (x - 1) / (x + 1)
  const square = s * s
  let term = s
  let sum = 0
  for (let n = 1; n <= 23; n += 2) {
    sum += term / n
    term *= square
  }
  return 2 * sum + exponent * LN2
}

export function exp(x: number): number {
  let power = Math.floor(x / LN2 + 0.5)
  const rest = x - power * LN2
  let term = 1
  let sum = 1
  for (let n = 1; n <= 18; n++) {
    term *= rest / n
    sum += term
  }
  for (; power > 0; power--) sum *= 2
  for (; power < 0; power++) sum /= 2
  return sum
}

export const pow = (base: number, exponent: number): number => (base === 0 ? 0 : exp(exponent * ln(base)))

/** Newton's method from above; stops when the value no longer decreases. */
export function sqrt(x: number): number {
  if (x <= 0) return 0
  let guess = Math.max(x, 1)
  for (;;) {
    const next = (guess + x / guess) / 2
    if (next >= guess) return guess
    guess = next
  }
}
