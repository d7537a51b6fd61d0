import { readdirSync } from 'node:fs'
import path from 'node:path'
import { type Command, Option } from 'commander'
import { advise, retail } from '../src/advice.ts'
import { sizes } from '../src/config/sizes.ts'
import { makeFolders } from '../src/disk.ts'
import { errnoOf, RetailError } from '../src/errors.ts'
import type { Ports } from '../src/ports/index.ts'
import { explainSystemError } from '../src/system-errors.ts'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import { choiceFlag, countFlag } from './flags.ts'

interface DemoFlags {
  dir: string
  seconds: number
  size: 'tiny' | 'default'
  seed?: number
  dryRun?: boolean
  open?: boolean
}

const SIZES = ['tiny', 'default'] as const

export function demo(context: Context, command: Command): Command {
  describeCommand(context, command, {
    examples: [
      ['retail demo', 'run in ./retail-demo; takes about a minute'],
      ['retail demo --size tiny --dir /tmp/shop', 'ten stores, in another folder'],
      ['retail demo --open', 'open the dashboard at the end'],
    ],
    lines: true,
  })
    .option('--dir <dir>', 'folder to use; must be new, empty, or a workspace', 'retail-demo')
    .option('--seconds <n>', 'how long the live stream runs', countFlag(1, 3600), 5)
    .addOption(
      new Option('--size <name>', 'how much data').choices(SIZES).argParser(choiceFlag(SIZES)).default('default'),
    )
    .option('--seed <n>', 'seed of the world', countFlag(0))
    .option('--open', 'serve the dashboard at the end and open it in your browser')
    .option('--dry-run', 'show what would be done')
  return command.action(async ({ dir, seconds, size, seed, dryRun, open }: DemoFlags) => {
    const [{ renderDemo }, { renderTick }, { renderCheck }] = await Promise.all([
      import('./render/demo.ts'),
      import('./render/stream.ts'),
      import('./render/verify.ts'),
    ])
    const workspace = path.resolve(context.io.cwd, context.flags.workspace ?? dir)
    refuseFullFolder(workspace, dir)
    if (dryRun) {
      const next = await context.next({ command: 'dry run', again: context.again })
      return context.report({ dryRun, workspace, size, seconds }, renderDemoPlan, 0, next)
    }
    const { planInit, writeInit } = await import('../src/pipeline/init.ts')
    const values = { ...sizes[size].values, ...(seed !== undefined && { seed }) }
    writing(workspace, () => {
      makeFolders(workspace)
      if (!readdirSync(workspace).includes('retail.yaml')) writeInit(workspace, planInit(workspace, values))
    })

    const { config } = await context.load({}, { workspace })
    await using ports = await context.open(config)
    const bar = context.ui.bar('rows')
    const result = await context.verbs.demo(ports, config, {
      streamMs: seconds * 1000,
      signal: context.signal,
      onStep(step, text) {
        context.ui.done(`${step}: ${text}`)
        context.progress({ step, text }, { always: true })
      },
      onProgress(progress) {
        bar.update(progress.doneRows, progress.totalRows, progress.month)
        context.progress(progress)
      },
      onTick(tick) {
        context.ui.live(renderTick(tick))
        context.progress(tick)
      },
      onOutput: (line) => context.flags.verbose && context.ui.output(line),
      onCheck: (check) => context.ui.done(renderCheck(check)),
    })
    const failed = !result.verify.ok ? 6 : result.transform.failed.length > 0 ? 1 : 0
    context.report(
      result,
      renderDemo,
      failed,
      await context.next({ command: 'demo', workspace: placeOf(workspace, context.io.cwd) }),
    )
    if (open && failed === 0) await showDashboard(context, ports)
  })
}

/** Serves until Ctrl-C, the normal way to end it; the demo itself has finished. */
async function showDashboard(context: Context, ports: Ports): Promise<void> {
  const { parseFilters } = await import('../src/dashboard/filters.ts')
  await context.verbs.dashboard(ports, {
    filters: parseFilters(new URLSearchParams()),
    open: context.io.stderr.isTTY === true,
    signal: context.signal,
    spell: context.spell,
    onReady: (url) => context.ui.note(`Dashboard at ${url}  (press Ctrl-C to stop)`),
  })
}

/** The folder as an argument of a command line typed here. */
function placeOf(folder: string, cwd: string): string {
  const relative = path.relative(cwd, folder)
  return relative.startsWith('..') ? folder : relative || '.'
}

function refuseFullFolder(folder: string, named: string): void {
  const inside = entriesOf(folder)
  if (inside.length === 0 || inside.includes('retail.yaml')) return
  throw new RetailError('bad_flag', `${named} is not empty and is not a retail workspace`, {
    why: `it contains ${inside.slice(0, 3).join(', ')}${inside.length > 3 ? ', …' : ''}`,
    hint: advise`${retail('demo', '--dir', 'another-folder')}`,
  })
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    if (errnoOf(error) === 'ENOTDIR')
      throw new RetailError('bad_flag', `${folder} is not a folder`, {
        hint: advise`${retail('demo', '--dir', 'another-folder')}`,
        cause: error,
      })
    throw explainSystemError(error, `reading ${folder}`, '--dir')
  }
}

function writing(folder: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw explainSystemError(error, `creating ${folder}`, '--dir')
  }
}

function renderDemoPlan({ workspace, size, seconds }: { workspace: string; size: string; seconds: number }): string {
  return [
    `Would create a ${size} retailer in ${workspace}:`,
    `  retail.yaml, seed-dims, backfill, ${seconds} s of stream, transform, verify`,
  ].join('\n')
}
