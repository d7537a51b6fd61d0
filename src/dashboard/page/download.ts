import type { ViewTable } from '../views.ts'
import { h } from './dom.ts'
import { formatCell, formatInstant, partsText } from './format.ts'
import { whereText } from './trail.ts'
import type { Scene } from './view.ts'

const SCALE = 2
const PAD = 24
const [ROW_PX, LINE_PX] = [24, 18]
const MOST_ROWS = 60
/** The style properties of a chart's parts that style sheets set. */
const DRAWN_BY = [
  ...['fill', 'stroke', 'stroke-width', 'stroke-linejoin', 'opacity'],
  ...['font-family', 'font-size', 'font-weight', 'text-anchor'],
]

export function saveCsv(name: string, text: string): void {
  save(`retail-${name}.csv`, `data:text/csv;charset=utf-8,${encodeURIComponent(text)}`)
}

/** A PNG that states the selection and the time of the data. A view that is a table is drawn as a table. */
export async function savePicture(
  name: string,
  title: string,
  about: string,
  card: HTMLElement,
  table: ViewTable,
  scene: Scene,
): Promise<void> {
  const style = getComputedStyle(card)
  const [ink, muted, line] = ['--ink', '--muted', '--line'].map((property) => colourOf(card, property))
  const font = style.fontFamily
  const chart = card.querySelector<SVGSVGElement>('svg.chart')
  const rows = table.rows
    .slice(0, MOST_ROWS)
    .map((row) => row.map((cell, i) => formatCell(cell, table.columns[i].kind)))
  const canvas = h('canvas', {})
  const context = canvas.getContext('2d')
  if (!context) return
  context.font = `13px ${font}`
  const columns = chart ? [] : widthsOf(context, table, rows)
  const inner = Math.max(480, chart?.getBoundingClientRect().width ?? columns.reduce((sum, each) => sum + each, 0))
  const width = inner + 2 * PAD
  const said = wrapped(context, about, inner)
  const top = 58 + said.length * LINE_PX
  const scale = chart ? card.querySelector<HTMLElement>('.legend') : null
  const body = chart ? chart.getBoundingClientRect().height + (scale ? 30 : 0) : (rows.length + 1) * ROW_PX
  const height = top + body + 42
  // A canvas resets its state when its size changes.
  canvas.width = Math.round(width * SCALE)
  canvas.height = Math.round(height * SCALE)
  context.scale(SCALE, SCALE)
  context.fillStyle = style.backgroundColor
  context.fillRect(0, 0, width, height)
  const write = (text: string, x: number, y: number, size: string, fill: string) => {
    context.font = `${size} ${font}`
    context.fillStyle = fill
    context.fillText(text, x, y)
  }
  write(title, PAD, 36, '600 17px', ink)
  said.forEach((text, i) => {
    write(text, PAD, 58 + i * LINE_PX, '13px', muted)
  })
  if (chart) context.drawImage(await pictureOf(chart), PAD, top)
  else drawTable(context, table, rows, { top: top + 16, columns, inner, ink, muted, line, font })
  if (scale) drawLegend(context, scale, scene, { right: width - PAD, y: top + body - 8, muted, font })
  write(sourceLine(scene), PAD, height - 16, '12px', muted)
  save(`retail-${name}.png`, canvas.toDataURL('image/png'))
}

function wrapped(context: CanvasRenderingContext2D, text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const longer = `${lines[lines.length - 1]} ${word}`.trim()
    if (context.measureText(longer).width <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

function widthsOf(context: CanvasRenderingContext2D, { columns }: ViewTable, rows: readonly string[][]): number[] {
  return columns.map(({ name }, i) =>
    Math.ceil(Math.max(...[name, ...rows.map((row) => row[i])].map((text) => context.measureText(text).width)) + 20),
  )
}

export function sourceLine({ head, state }: Scene): string {
  return `${partsText(head)} · ${whereText(state.filters, head)} · data to ${head.dataTo === undefined ? '–' : formatInstant(head.dataTo)}`
}

interface Pen {
  /** Baseline of the header row. */
  top: number
  /** Width of each column before the remaining space is distributed. */
  columns: readonly number[]
  inner: number
  ink: string
  muted: string
  line: string
  font: string
}

function drawTable(
  context: CanvasRenderingContext2D,
  { columns }: ViewTable,
  rows: readonly string[][],
  pen: Pen,
): void {
  const spare = (pen.inner - pen.columns.reduce((sum, each) => sum + each, 0)) / columns.length
  const ends: number[] = []
  for (const each of pen.columns) ends.push((ends.at(-1) ?? PAD) + each + spare)
  context.font = `13px ${pen.font}`
  const put = (text: string, column: number, y: number, fill: string) => {
    const isText = columns[column].kind === 'text'
    context.textAlign = isText ? 'left' : 'right'
    context.fillStyle = fill
    context.fillText(text, isText ? (ends[column - 1] ?? PAD) + (column > 0 ? 20 : 0) : ends[column], y)
  }
  for (const [i, { name }] of columns.entries()) put(name, i, pen.top, pen.muted)
  rows.forEach((row, r) => {
    const y = pen.top + (r + 1) * ROW_PX
    context.fillStyle = pen.line
    context.fillRect(PAD, y - 17, pen.inner, 1)
    for (const [i, text] of row.entries()) put(text, i, y, pen.ink)
  })
  context.textAlign = 'left'
}

const RAMP_PX = 140

function drawLegend(
  context: CanvasRenderingContext2D,
  legend: HTMLElement,
  { ramp }: Scene,
  at: { right: number; y: number; muted: string; font: string },
): void {
  const [least, , most] = [...legend.children].map(({ textContent }) => textContent ?? '')
  context.font = `12px ${at.font}`
  const end = at.right - context.measureText(most).width - 8
  for (let i = 0; i < RAMP_PX; i++) {
    context.fillStyle = ramp(i / (RAMP_PX - 1))
    context.fillRect(end - RAMP_PX + i, at.y - 8, 1.5, 8)
  }
  context.fillStyle = at.muted
  context.fillText(most, end + 8, at.y)
  context.textAlign = 'right'
  context.fillText(least, end - RAMP_PX - 8, at.y)
  context.textAlign = 'left'
}

/** A self-contained copy: the values of style sheets and variables are written into it. */
function pictureOf(chart: SVGSVGElement): Promise<HTMLImageElement> {
  const copy = chart.cloneNode(true)
  if (!(copy instanceof SVGSVGElement)) throw new Error('a chart is an svg')
  const originals = chart.querySelectorAll('*')
  copy.querySelectorAll('*').forEach((element, i) => {
    const style = getComputedStyle(originals[i])
    for (const property of DRAWN_BY) element.setAttribute(property, style.getPropertyValue(property))
  })
  const { width, height } = chart.getBoundingClientRect()
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  const image = new Image()
  return new Promise((resolve, reject) => {
    image.onload = () => resolve(image)
    image.onerror = () => reject(new Error('the picture could not be drawn'))
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`
  })
}

/** The value of a custom property in a form that a canvas understands. */
function colourOf(near: Element, property: string): string {
  const probe = h('span', {})
  probe.style.color = `var(${property})`
  near.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

function save(name: string, href: string): void {
  const link = h('a', { href, download: name })
  document.body.append(link)
  link.click()
  link.remove()
}
