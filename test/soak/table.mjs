import { secondsOf, slopePerHour } from './watch.mjs'

const DAY = 86_400
/** A process is warm after this share of its time; the slope of its memory is measured from then on. */
const WARM = 1 / 6
const LONG_MINUTES = 20

/** The observations of a shop, by command. */
export function lookedAt({ name, runs, verify, size, shop }) {
  const byLine = new Map()
  for (const run of runs) byLine.set(run.line, [...(byLine.get(run.line) ?? []), run])
  return {
    name,
    rows: [...byLine].map(([line, of]) => rowOf(line, of)),
    verified: verify.code === 0,
    size,
    clockOff: shop.off,
  }
}

function rowOf(line, runs) {
  const looks = runs.flatMap(({ looks }) => looks)
  const long = runs.filter(({ minutes }) => minutes >= LONG_MINUTES)
  const spans = runs
    .filter(({ before, after }) => before && after)
    .map(({ before, after }) => [secondsOf(before), secondsOf(after)])
  const most = (of) => Math.max(0, ...looks.map(of))
  return {
    line,
    processes: runs.length,
    minutes: runs.reduce((sum, { minutes }) => sum + minutes, 0),
    days: spans.reduce((sum, [from, to]) => sum + (to - from) / DAY, 0),
    midnights: spans.reduce((sum, [from, to]) => sum + Math.floor(to / DAY) - Math.floor(from / DAY), 0),
    wentBack:
      spans.filter(([from, to]) => to < from).length + runs.reduce((sum, { looks }) => sum + stepsBack(looks), 0),
    still: Math.max(0, ...runs.map(({ looks }) => longestStill(looks))),
    rssMb: most(({ rssMb }) => rssMb),
    slope: long.length > 0 ? Math.max(...long.map(slopeOf)) : undefined,
    files: most(({ files }) => files),
    failed: runs.filter(({ code, signal, stop }) => signal !== stop && ![0, 130, 143].includes(code)).length,
  }
}

/** Megabytes per hour, once the process is warm. */
function slopeOf({ looks }) {
  const warm = looks.slice(Math.floor(looks.length * WARM))
  return slopePerHour(warm.map(({ at, rssMb }) => [at / 60_000, rssMb])) ?? 0
}

/** The longest time, in seconds of real time, without a new position. */
function longestStill(looks) {
  let [longest, since] = [0, looks[0]]
  for (const each of looks) {
    if (each.position !== since.position) since = each
    longest = Math.max(longest, (each.at - since.at) / 1000)
  }
  return longest
}

const stepsBack = (looks) => looks.filter(({ position }, i) => i > 0 && position < looks[i - 1].position).length

export function tableOf({ minutes, commit, results }) {
  const cells = (...values) => `| ${values.join(' | ')} |`
  const lines = [
    `Ran for ${Math.round(minutes)} minutes at ${commit}.`,
    '',
    cells(
      'shop',
      'command',
      'processes',
      'minutes',
      'days of events',
      'midnights',
      'longest pause',
      'steps back',
      'peak memory',
      'memory slope',
      'peak open files',
      'failed',
    ),
    cells('---', '---', '--:', '--:', '--:', '--:', '--:', '--:', '--:', '--:', '--:', '--:'),
  ]
  for (const { name, rows } of results)
    for (const row of rows)
      lines.push(
        cells(
          name,
          `\`${row.line}\``,
          row.processes,
          row.minutes.toFixed(0),
          row.days.toFixed(1),
          row.midnights,
          `${row.still.toFixed(0)} s`,
          row.wentBack,
          `${row.rssMb.toFixed(0)} MB`,
          row.slope === undefined ? '–' : `${row.slope.toFixed(1)} MB/h`,
          row.files,
          row.failed,
        ),
      )
  lines.push(
    '',
    cells('shop', 'files at the end', 'of which live', 'on disk', '`verify`'),
    cells('---', '--:', '--:', '--:', '---'),
  )
  for (const { name, size, verified } of results)
    lines.push(
      cells(name, size.files, size.live, `${(size.sizeBytes / 1e6).toFixed(0)} MB`, verified ? 'exact' : 'differs'),
    )
  return `${lines.join('\n')}\n`
}
