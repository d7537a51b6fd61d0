import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

/** What one look from outside finds; nothing of the tool's is asked, so a tool that hangs cannot hide it. */
export function look(pid, folder) {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return {
    at: performance.now(),
    rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024,
    files: readdirSync(`/proc/${pid}/fd`).length,
    position: positionOf(folder),
  }
}

/** The end of the newest batch, as `20240401T000000Z`: such names sort as instants do. Undefined before the first. */
export function positionOf(folder) {
  const live = path.join(folder, 'lake/live')
  const names = [...namesIn(live).map((name) => path.join(live, name)), path.join(folder, 'lake/rolled')].flatMap(
    namesIn,
  )
  return names
    .map((name) => name.replace('.json', '').split('-')[1])
    .filter(Boolean)
    .sort()
    .at(-1)
}

/** Files and bytes below a folder, by what they are. */
export function sizeOf(folder) {
  const sum = { files: 0, sizeBytes: 0, live: 0 }
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    try {
      sum.sizeBytes += statSync(file).size
    } catch {
      continue
    }
    sum.files++
    if (file.includes('/lake/live/')) sum.live++
  }
  return sum
}

function namesIn(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** The least-squares line through [minutes, value]: its slope per hour. Undefined for fewer than ten points. */
export function slopePerHour(points) {
  if (points.length < 10) return undefined
  const mean = (of) => points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [x, y] = [mean(([minutes]) => minutes), mean(([, value]) => value)]
  const spread = mean(([minutes]) => (minutes - x) ** 2)
  return spread === 0 ? undefined : (mean(([minutes, value]) => (minutes - x) * (value - y)) / spread) * 60
}

export const secondsOf = (name) =>
  Date.parse(name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\.\d+)?Z$/, '$1-$2-$3T$4:$5:$6Z')) / 1000
