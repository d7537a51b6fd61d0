/** Runs the sides alternately, A B A B …, so that a busy moment of the machine affects both. One sample per side and round. */
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

/** The ratio of `a` to `b`, round by round. */
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

/** A floor is required, a goal is desirable. */
export const floor = (what, least, goal, values) => [
  what,
  `≥ ${least} × (goal ${goal} ×)`,
  `${spread(values)}${median(values) >= goal ? ', goal too' : ''}`,
  median(values) >= least,
]

/** Both sides must have the same rows; otherwise the comparison is invalid. */
export function same(what, a, b) {
  if (a !== b) throw new Error(`${what}: ${a} on one side, ${b} on the other`)
}
