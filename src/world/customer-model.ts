/**
 * Constants of customers, with source and confidence as in calibration.ts: docs/realism.md discusses them.
 *
 * Visits of a customer are Poisson at a rate that is gamma-distributed among customers, until the customer stops coming,
 * at a rate that is gamma-distributed, too: the Pareto/NBD model of Schmittlein, Morrison & Colombo (1987). Its shapes
 * are 1/2 and 1, near the 0.55 and 0.61 of Fader, Hardie & Lee (2005), because a normal's square and a ratio have just
 * these, without a logarithm. [P] M
 */
const YEAR_HOURS = 8766

/** Mean visits a year while a customer comes. [D] L: about every three weeks. */
export const CUSTOMER_VISITS_PER_HOUR = 18 / YEAR_HOURS

/** Half of the customers stop within this time. [D] M: CDNOW half a year, grocers longer. */
export const CUSTOMER_HALF_LIFE_HOURS = YEAR_HOURS

/** The card is older than history, so that history begins with customers of all ages. [D] */
export const CARD_HOURS_BEFORE = 2 * YEAR_HOURS
/** Customers join over this time, from the start of the card; then, those who left come back, as evenly. [D] */
export const CUSTOMER_PERIOD_HOURS = 4 * YEAR_HOURS
/** Customers take the card up to this long before the hour of their first purchase with it. [D] */
export const CARD_AHEAD_SECONDS = 1800

/**
 * Customers over the whole period per visit that all stores have a day, such that about 60 % of visits show a card once
 * the card is four years old: 0.6 × 365 / 18 customers at a time, who stay 1.61 years on average, of four years. [D] L
 */
export const CUSTOMERS_PER_DAILY_VISIT = 30
/** A larger chain knows a smaller part of its customers: names of more would not fit in memory. [D] */
export const CUSTOMERS_MAX = 200_000

/** The most that cards may take of a small store's visits, out of 1. [D] */
export const CARD_SHARE_MAX = 0.95
/** Part of a customer's visits that the home store has; the rest go to the next store of the city. [D] L */
export const HOME_SHARE = 0.9
/** Part of the customers who live in the city of their home store; the others live in another one of its state. [D] L */
export const LOCAL_SHARE = 0.85

/** Households, in alphabetical order, their shares ([O] M: Census, rounded), and their visits relative to the mean. [D] L */
export const SEGMENTS = ['Couple', 'Family', 'Senior', 'Single'] as const
export const SEGMENT_SHARE = [0.28, 0.34, 0.16, 0.22] as const
export const SEGMENT_RATE = [1, 1.2, 0.85, 0.8] as const

/** Days for which the customers who may come to a store are in one table. */
export const VISITOR_DAYS = 28
