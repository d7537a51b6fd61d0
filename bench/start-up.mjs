import { median, ms, paired, spread, table } from './paired.mjs'
import { bin, forget, measured, retail } from './tool.mjs'

/** Milliseconds over bare Node. */
const GOALS = { version: 30, help: 30, status: 90, plan: 80, 'tiny backfill': 500 }

/** The time that the tool takes before it does anything, and the commands that do little: `status`, `plan`, and a tiny `backfill`. */
export async function startUp({ folder, small }) {
  const rounds = small ? 5 : 25
  await retail(folder, 'init --size tiny --yes')
  const backfill = async () => {
    forget(folder)
    await retail(folder, 'seed-dims')
    return (await retail(folder, 'backfill')).seconds * 1000
  }
  await backfill()
  const time = (file, args) => async () => (await measured(file, args, folder)).seconds * 1000
  const bare = time('-e', ['0'])
  await bare()
  const samples = await paired(rounds, {
    bare,
    version: time(bin, ['--version']),
    help: time(bin, ['--help']),
    'help of backfill': time(bin, ['backfill', '--help']),
    status: time(bin, ['status']),
    plan: time(bin, ['plan']),
    'tiny backfill': backfill,
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
    goals: Object.entries(GOALS).map(([name, most]) => [
      `\`${name}\` over bare Node`,
      `≤ ${most} ms`,
      `${spread(over(name), ms)}; fastest ${ms(quiet(name))}`,
      median(over(name)) <= most,
    ]),
  }
}
