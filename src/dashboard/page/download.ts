import type { PanelName } from '../panel-data.ts'
import type { ViewTable } from '../views.ts'
import { h } from './dom.ts'
import { formatCell, formatInstant } from './format.ts'
import type { Scene } from './view.ts'

const SCALE = 2
const PAD = 24
const ROW_PX = 24
const MOST_ROWS = 60
/** What style sheets say of a chart's parts. */
const DRAWN_BY = [
  ...['fill', 'stroke', 'stroke-width', 'stroke-linejoin', 'opacity'],
  ...['font-family', 'font-size', 'font-weight', 'text-anchor'],
]

export function saveCsv(name: PanelName, text: string): void {
  save(`retail-${name}.csv`, `data:text/csv;charset=utf-8,${encodeURIComponent(text)}`)
}

/** A picture that says of itself what was chosen and how fresh it is; a view that is a table becomes a drawn table. */
export async function savePicture(
  name: PanelName,
  title: string,
  about: string,
  card: HTMLElement,
  table: ViewTable,
  scene: Scene,
): Promise<void> {
  const chart = card.querySelector<SVGSVGElement>('svg.chart')
  const width = Math.max(480, chart?.getBoundingClientRect().width ?? 0) + 2 * PAD
  const rows = table.rows.slice(0, MOST_ROWS)
  const inner = chart ? chart.getBoundingClientRect().height : (rows.length + 1) * ROW_PX
  const height = inner + 118
  const canvas = h('canvas', { width: Math.round(width * SCALE), height: Math.round(height * SCALE) })
  const context = canvas.getContext('2d')
  if (!context) return
  const style = getComputedStyle(card)
  const [ink, muted, line] = ['--ink', '--muted', '--line'].map((property) => colourOf(card, property))
  const font = style.fontFamily
  context.scale(SCALE, SCALE)
  context.fillStyle = style.backgroundColor
  context.fillRect(0, 0, width, height)
  const write = (text: string, x: number, y: number, size: string, fill: string, most = width - 2 * PAD) => {
    context.font = `${size} ${font}`
    context.fillStyle = fill
    context.fillText(text, x, y, most)
  }
  write(title, PAD, 36, '600 17px', ink)
  write(about, PAD, 58, '13px', muted)
  if (chart) context.drawImage(await pictureOf(chart), PAD, 76)
  else drawTable(context, table, rows, { width, ink, muted, line, font })
  write(sourceLine(scene), PAD, height - 16, '12px', muted)
  save(`retail-${name}.png`, canvas.toDataURL('image/png'))
}

export function sourceLine({ head, state }: Scene): string {
  const { location, state: code } = state.filters
  const place = location ?? code ?? 'all locations'
  return `${head.period} · ${place} · data to ${head.dataTo === undefined ? '–' : formatInstant(head.dataTo)}`
}

interface Pen {
  width: number
  ink: string
  muted: string
  line: string
  font: string
}

function drawTable(context: CanvasRenderingContext2D, table: ViewTable, rows: ViewTable['rows'], pen: Pen): void {
  const { columns } = table
  const each = (pen.width - 2 * PAD) / columns.length
  context.font = `13px ${pen.font}`
  const put = (text: string, column: number, y: number, fill: string) => {
    const right = columns[column].kind !== 'text'
    context.textAlign = right ? 'right' : 'left'
    context.fillStyle = fill
    context.fillText(text, PAD + each * column + (right ? each - 4 : 0), y, each - 8)
  }
  for (const [i, { name }] of columns.entries()) put(name, i, 92, pen.muted)
  rows.forEach((row, r) => {
    const y = 92 + (r + 1) * ROW_PX
    context.fillStyle = pen.line
    context.fillRect(PAD, y - 17, pen.width - 2 * PAD, 1)
    for (const [i, cell] of row.entries()) put(formatCell(cell, columns[i].kind), i, y, pen.ink)
  })
  context.textAlign = 'left'
}

/** A copy that stands alone: what style sheets and variables say of it is written into it. */
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

/** What a custom property comes to, as a canvas understands it. */
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
