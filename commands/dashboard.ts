import path from 'node:path'
import { type Command, Option } from 'commander'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import { choiceFlag, countFlag, durationFlag } from './flags.ts'

interface DashboardFlags {
  port?: number
  host?: string
  allowRemote?: boolean
  duration?: number
  open?: boolean
  export?: string
  browser?: string
  year?: number
  month?: number
  from?: string
  to?: string
  location?: string
  state?: string
  store?: string
  category?: string
  product?: string
  compare?: string
  rows?: string
  by?: string
  per?: string
  colours?: string
  theme?: string
}

const COMPARISONS = ['previous', 'year', 'off'] as const
const ROWS = ['locations', 'states'] as const
const GRAINS = ['day', 'week', 'month'] as const
const PERS = ['total', 'day'] as const
const SCHEMES = [
  'blues',
  'cividis',
  'greens',
  'inferno',
  'magma',
  'plasma',
  'reds',
  'rainbow',
  'turbo',
  'viridis',
] as const
const THEMES = ['system', 'light', 'dark'] as const

export function dashboard(context: Context, command: Command): Command {
  const choice = <T extends string>(flag: string, about: string, choices: readonly T[]) =>
    new Option(flag, about).choices(choices).argParser(choiceFlag(choices))
  describeCommand(context, command, {
    about: `It reads the marts, so run \`retail transform\` first. While \`retail stream\` runs, the page updates live. Ctrl-C stops the server (exit code 130).
Only this machine can connect. With --allow-remote, other machines need a token: RETAIL_DASHBOARD_TOKEN, or a random one.`,
    examples: [
      ['retail dashboard', 'serve the page on this machine'],
      ['retail dashboard --export march.html --year 2024 --month 3', 'one self-contained file to share'],
      ['retail dashboard --json --location "Austin, TX"', 'the data behind every chart'],
    ],
  })
    .option('--port <n>', 'first port to try; 0 picks any free port (default: 4173)', countFlag(0, 65_535))
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--allow-remote', 'allow connections from other machines, with a token')
    .option('--duration <time>', 'stop after this duration: 30s, 5m, 1h', durationFlag)
    .option('--open', 'open it in your browser')
    .addOption(
      new Option('--export <file>', 'write an .html, .pdf, or .png file instead of serving').conflicts([
        'port',
        'host',
        'open',
        'duration',
      ]),
    )
    .option('--browser <file>', 'Chromium executable for .pdf and .png (default: CHROME_PATH, or one on the PATH)')
    .option('--year <n>', 'show this year', countFlag(1, 9999))
    .option('--month <n>', 'show this month (1 to 12)', countFlag(1, 12))
    .option('--from <day>', 'show the days from this one: 2024-03-15')
    .option('--to <day>', 'show the days to this one, inclusive')
    .option('--location <name>', 'show this location, as "City, ST"')
    .option('--state <code>', 'show this state (two letters)')
    .option('--store <id>', 'show this store, as S0412')
    .option('--category <name>', 'show this category')
    .option('--product <id>', 'show this product, as P00817, by month and location')
    .addOption(
      choice('--compare <with>', 'compare with the previous period, the previous year, or nothing', COMPARISONS),
    )
    .addOption(choice('--rows <what>', 'rows of the heatmap', ROWS))
    .addOption(choice('--by <unit>', 'points of revenue over time', GRAINS))
    .addOption(choice('--per <what>', 'totals, or the average of a day', PERS))
    .addOption(choice('--colours <scheme>', 'color scheme of the map, heatmap, and bars', SCHEMES))
    .addOption(choice('--theme <name>', 'light, dark, or the system setting', THEMES))
  return command.action(async (flags: DashboardFlags) => {
    const [{ renderDashboard, renderExport }, { parseFilters }] = await Promise.all([
      import('./render/dashboard.ts'),
      import('../src/dashboard/filters.ts'),
    ])
    const { year, month, from, to, location, state, store, category, product } = flags
    const { compare, rows, by, per, colours, theme } = flags
    const filters = parseFilters(
      addressOf({ year, month, from, to, location, state, store, category, product, compare, rows, by, per }),
    )
    const appearance = addressOf({ colours, theme }).toString()
    const { config } = await context.load()
    await using ports = await context.verbs.openPorts(config)
    await context.verbs.enter('dashboard', ports, config)
    const { signal } = context
    if (flags.export !== undefined) {
      const file = path.resolve(context.io.cwd, flags.export)
      const { browser } = flags
      const result = await context.verbs.exportDashboard(ports, {
        filters,
        appearance,
        file,
        browser,
        env: context.io.env,
        signal,
        spell: context.spell,
      })
      return context.report(result, renderExport, 0, await context.next({ command: 'dashboard export' }))
    }
    if (context.flags.json)
      return context.report(await context.verbs.panelsData(ports, filters, { spell: context.spell }), () => '')
    const { port, host, allowRemote, duration, open } = flags
    const result = await context.verbs.dashboard(ports, {
      filters,
      appearance,
      port,
      host,
      allowRemote,
      signal,
      token: context.io.env.RETAIL_DASHBOARD_TOKEN,
      durationMs: duration,
      spell: context.spell,
      open: open && context.io.stderr.isTTY === true,
      onReady: (url) => context.ui.note(`Dashboard at ${url}  (press Ctrl-C to stop)`),
    })
    context.report(result, renderDashboard)
  })
}

function addressOf(values: Record<string, string | number | undefined>): URLSearchParams {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) if (value !== undefined) search.set(name, String(value))
  return search
}
