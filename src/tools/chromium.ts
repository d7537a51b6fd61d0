import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { RetailError } from '../errors.ts'
import type { Invocation } from './invocation.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge']
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** A headless browser: the given one, CHROME_PATH, or one on the PATH. Throws `tool_missing` if there is none. */
export function findChromium(named: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  const asked = named ?? env.CHROME_PATH
  const folders = (env.PATH ?? '').split(path.delimiter).filter(Boolean)
  const places = asked
    ? [asked]
    : [...NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))), ...PLACES]
  const found = places.find(isProgram)
  if (found) return found
  throw new RetailError('tool_missing', asked ? `${asked} is not a browser that can run` : 'no Chromium was found', {
    why: 'the dashboard needs it to render a PDF or an image',
    hint: 'install it (apt-get install chromium), set --browser or CHROME_PATH, or export report.html instead',
  })
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    // What cannot be run is not a browser here, for any reason.
    return false
  }
}

export interface Drawing {
  browser: string
  /** A folder of its own for temporary files. */
  profile: string
  /** Absolute path of a page. */
  page: string
  /** root cannot use the browser's sandbox; the page is a file of ours. */
  asRoot: boolean
}

const call = ({ browser, profile, page, asRoot }: Drawing, args: readonly string[]): Invocation => ({
  file: browser,
  args: [
    ...['--headless', '--disable-gpu', '--hide-scrollbars', '--no-first-run', '--disable-background-networking'],
    ...['--disable-component-update', '--disable-sync', `--user-data-dir=${profile}`],
    ...(asRoot ? ['--no-sandbox'] : []),
    ...args,
    `file://${encodeURI(page)}`,
  ],
})

export const printPdf = (drawing: Drawing, file: string): Invocation =>
  call(drawing, ['--no-pdf-header-footer', `--print-to-pdf=${file}`])

/** Prints the page as it is after its script has run, so that its height can be read from it. */
export const dumpPage = (drawing: Drawing, width: number): Invocation =>
  call(drawing, [`--window-size=${width},1000`, '--dump-dom'])

export const takePicture = (drawing: Drawing, file: string, width: number, height: number): Invocation =>
  call(drawing, [`--window-size=${width},${height}`, `--screenshot=${file}`])
