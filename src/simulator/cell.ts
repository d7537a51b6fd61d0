/**
 * The stock of an item, two adjacent words: units on hand × 2, plus 1 while an order is pending; and the reorder point.
 * Word `cellAt(item)` of BlockState.cells is the first, and the other is at offset REORDER_POINT.
 */
export const CELL_WORDS = 2
export const REORDER_POINT = 1
/** A reorder point that no stock falls to. */
export const NEVER = -1

export const cellAt = (item: number): number => item << 1
export const positionAt = (at: number): number => at >> 1

export const cellOf = (units: number): number => units << 1
export const unitsIn = (cell: number): number => cell >> 1
export const isOnOrder = (cell: number): boolean => (cell & 1) === 1
export const putOnOrder = (cell: number): number => cell | 1
/** Adds or subtracts units; a pending order stays pending. */
export const changeBy = (cell: number, units: number): number => cell + (units << 1)
