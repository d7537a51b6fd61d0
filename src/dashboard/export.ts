import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { makeFolders } from '../disk.ts'
import { RetailError } from '../errors.ts'
import { explainSystemError } from '../system-errors.ts'
import { type Drawing, dumpPage, findChromium, printPdf, takePicture } from '../tools/chromium.ts'
import type { Invocation } from '../tools/invocation.ts'
import { run } from '../tools/run.ts'

export const EXPORT_KINDS = ['.html', '.pdf', '.png'] as const
const WIDTH = 1280

export interface ExportOptions {
  /** An absolute path; its extension selects the format. */
  file: string
  html: string
  /** A browser from the command line. */
  browser: string | undefined
  env: Readonly<Record<string, string | undefined>>
  signal: AbortSignal | undefined
}

export const exportKind = (file: string) => EXPORT_KINDS.find((ending) => file.toLowerCase().endsWith(ending))

/** Writes the file under a temporary name, then renames it. Resolves to its size in bytes. */
export async function exportReport(options: ExportOptions): Promise<number> {
  const { file, html } = options
  const kind = exportKind(file)
  const beside = path.join(path.dirname(file), `.${process.pid}-${path.basename(file)}`)
  try {
    makeFolders(path.dirname(file))
    if (kind === '.html') writeFileSync(beside, html)
    else await drawn(options, kind, beside)
    renameSync(beside, file)
    return statSync(file).size
  } catch (error) {
    throw explainSystemError(error, `writing ${file}`, '--export')
  } finally {
    rmSync(beside, { force: true })
  }
}

async function drawn(
  { html, browser, env, signal }: ExportOptions,
  kind: '.pdf' | '.png' | undefined,
  file: string,
): Promise<void> {
  const found = findChromium(browser, env)
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-report-'))
  try {
    const page = path.join(folder, 'report.html')
    writeFileSync(page, html)
    const drawing: Drawing = {
      browser: found,
      profile: path.join(folder, 'profile'),
      page,
      asRoot: process.getuid?.() === 0,
    }
    if (kind === '.pdf') await draw(printPdf(drawing, file), file)
    else await draw(takePicture(drawing, file, WIDTH, await heightOf(drawing)), file)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }

  async function draw(invocation: Invocation, made: string): Promise<void> {
    const { tail } = await run(invocation, { signal })
    if (!existsSync(made))
      throw new RetailError('tool_failed', 'the browser rendered nothing', {
        why: tail.at(-1),
        hint: 'export report.html instead, or name another browser with --browser',
      })
  }

  async function heightOf(drawing: Drawing): Promise<number> {
    let height = 0
    await run(dumpPage(drawing, WIDTH), {
      signal,
      onLine: (line) => {
        const said = /data-height="(\d+)"/.exec(line)
        if (said) height = Number(said[1])
      },
    })
    return height || 2_000
  }
}
