import { median, ms, paired, spread, table } from './paired.mjs'
import { bin, measured } from './tool.mjs'

/** The time that the tool takes before it does anything. */
export async function startUp({ folder, small }) {
  const rounds = small ? 5 : 25
  const time = (file, args) => async () => (await measured(file, args, folder)).seconds * 1000
  const bare = time('-e', ['0'])
  await bare()
  const samples = await paired(rounds, {
    bare,
    version: time(bin, ['--version']),
    help: time(bin, ['--help']),
    'help of backfill': time(bin, ['backfill', '--help']),
  })
  const over = (name) => samples[name].map((value, i) => value - samples.bare[i])
  // Other work on the machine only adds time, so the fastest run of each side is closest to the actual cost.
  const quiet = (name) => Math.min(...samples[name]) - Math.min(...samples.bare)
  const rows = Object.keys(samples)
    .filter((name) => name !== 'bare')
    .map((name) => [`\`retail\`, ${name}`, spread(samples[name], ms), spread(over(name), ms), ms(quiet(name))])
  return {
    title: 'Start-up',
    about: `Time of whole processes in ms. \`node -e 0\` takes ${spread(samples.bare, ms)}; ${rounds} rounds.`,
    tables: [table(['', 'ms', 'over bare Node', 'fastest minus fastest'], rows)],
    goals: [
      [
        '`--version` over bare Node',
        '≤ 30 ms',
        `${spread(over('version'), ms)}; fastest ${ms(quiet('version'))}`,
        median(over('version')) <= 30,
      ],
      [
        '`--help` over bare Node',
        '≤ 30 ms',
        `${spread(over('help'), ms)}; fastest ${ms(quiet('help'))}`,
        median(over('help')) <= 30,
      ],
    ],
  }
}
