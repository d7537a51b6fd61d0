export const OWN_PANEL_TYPES = ['number', 'line', 'bar', 'table'] as const
export const OWN_PANEL_FORMATS = ['count', 'money', 'share'] as const

/** How the dashboard shows a table of the user's project. Columns are names in that table. */
export interface OwnPanel {
  /** The name of the table in marts. */
  table: string
  type: (typeof OWN_PANEL_TYPES)[number]
  title: string
  /** The column that names a point or a bar; for a line, days or months in order. */
  x?: string
  /** The columns of numbers: one for a number or a bar, up to five for a line; for a table, all columns to show, or none for all. */
  y: string[]
  /** Of the numbers: plain, dollars, or a share from 0 to 1. */
  format: (typeof OWN_PANEL_FORMATS)[number]
}
