import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gradeReport } from '../../commands/render/grade-report.ts'
import { freshFolder } from '../front-door.ts'
import { faultyGrade } from '../results.ts'
import { launch, openPage } from './browser.ts'

let browser: Browser
beforeAll(async () => void (browser = await launch()))
afterAll(() => browser?.close())

test.each([
  ['wide', 1280, 'light'],
  ['narrow', 360, 'dark'],
] as const)('a report is readable from a disk, %s', async (_, width, colorScheme) => {
  const file = path.join(freshFolder(), 'report.html')
  writeFileSync(file, gradeReport(faultyGrade, { command: 'retail grade', version: '1.0.0' }))
  const { page, context, complaints, strangers } = await openPage(browser, {
    viewport: { width, height: 900 },
    colorScheme,
  })
  await page.goto(pathToFileURL(file).href)
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  // One color for each outcome.
  const colors = new Map<string, Set<string>>()
  for (const [outcome, color] of (await page.evaluate(
    '[...document.querySelectorAll(".mark")].map((mark) => [mark.parentElement.className, getComputedStyle(mark).color])',
  )) as [string, string][])
    colors.set(outcome, (colors.get(outcome) ?? new Set()).add(color))
  expect([...colors.values()].map(({ size }) => size)).toEqual([...colors].map(() => 1))
  expect(new Set([...colors.values()].flatMap((of) => [...of])).size).toBe(colors.size)
  // Examples open and close with the keyboard.
  const summary = page.locator('summary').first()
  await summary.focus()
  await page.keyboard.press('Enter')
  expect(await page.locator('details').first().getAttribute('open')).toBe(null)
  await page.keyboard.press('Enter')
  // The policy of the page allows no script of others, so it is read by the browser's tools.
  const { violations } = (await page.evaluate(`${axe.source}; axe.run()`)) as { violations: { id: string }[] }
  expect(violations.map(({ id }) => id)).toEqual([])
  expect([complaints, strangers]).toEqual([[], []])
  expect(readFileSync(file).length).toBeLessThan(100_000)
  await context.close()
})
