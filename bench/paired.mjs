/** Runs the sides in turn, A B A B …, so that a busy moment of the machine meets both. One sample a side and round. */
export async function paired(rounds, sides) {
  const samples = Object.fromEntries(Object.keys(sides).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++)
    for (const [name, run] of Object.entries(sides)) samples[name].push(await run())
  return samples
}

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}

/** Round by round, what `a` is of `b`. */
export const ratios = (a, b) => a.map((value, i) => value / b[i])

/** `1.23 (1.10–1.40)`: median and spread. */
export function spread(values, show = (value) => value.toFixed(2)) {
  return `${show(median(values))} (${show(Math.min(...values))}–${show(Math.max(...values))})`
}

export const ms = (value) => value.toFixed(0)
export const millions = (value) => (value / 1e6).toFixed(2)
export const thousands = (value) => Math.round(value / 1e3).toLocaleString('en-US')
export const megabytes = (value) => Math.round(value / 1e6).toLocaleString('en-US')

export const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

/** A floor is what has to be reached, a goal what would be good. */
export const floor = (what, least, goal, values) => [
  what,
  `≥ ${least} × (goal ${goal} ×)`,
  `${spread(values)}${median(values) >= goal ? ', goal too' : ''}`,
  median(values) >= least,
]

/** Rows have to be the same on both sides, or the comparison is none. */
export function same(what, a, b) {
  if (a !== b) throw new Error(`${what}: ${a} on one side, ${b} on the other`)
}
