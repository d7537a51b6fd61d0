import type { DashboardResult, ExportResult } from '../../src/dashboard/dashboard.ts'
import { formatBytes, formatCount, formatDuration } from './format.ts'

export const renderDashboard = ({ requests, seconds, stoppedBy }: DashboardResult): string =>
  `✔ Dashboard closed after ${formatDuration(seconds)}: ${stoppedBy === 'duration' ? 'reached --duration' : 'interrupted'} · ${formatCount(requests)} requests`

export const renderExport = ({ file, sizeBytes, period, dataTo }: ExportResult): string =>
  [`✔ Wrote ${file} (${formatBytes(sizeBytes)}): ${period}${dataTo === undefined ? '' : `, data to ${dataTo}`}`].join(
    '\n',
  )
