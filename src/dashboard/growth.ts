/** How much larger a number is than the one before, as a share of that; undefined if there is nothing to compare with. */
export const growth = (now: number | undefined, before: number | undefined): number | undefined =>
  now !== undefined && before ? now / before - 1 : undefined
