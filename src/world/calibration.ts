/**
 * Every constant of the model but those of product types (types/), with source and confidence: [M] measured from open data,
 * [O] official series, [P] published, [R] recalled, [D] our design choice; H/M/L. The numbers and their sources are
 * discussed in docs/realism.md.
 */
export const CATEGORIES = ['Electronics', 'Clothing', 'Home', 'Books', 'Sports'] as const

/** Share of products and of revenue by category, adding up to 1. [D] L: no clean source. */
export const PRODUCT_SHARE = [0.18, 0.28, 0.22, 0.16, 0.16] as const
export const REVENUE_SHARE = [0.26, 0.25, 0.22, 0.1, 0.17] as const

/**
 * A product's grade is how far its price is from its type's median, in deviations: its brand's part and its own, whose
 * squares add up to 1. Median and deviation are the type's (types/product-types.ts). [D] L
 */
export const BRAND_GRADE = 0.6
export const OWN_GRADE = 0.8

/** Cents of price endings, and their shares. [M] H: dunnhumby single units, adjusted for general merchandise. */
export const PRICE_ENDINGS = [99, 95, 49, 79, 0, 50] as const
export const PRICE_ENDING_SHARE = [0.7, 0.11, 0.06, 0.03, 0.06, 0.04] as const

/** Popularity of the product of rank r: 1 / (r + offset)^exponent. [M] H: UCI and dunnhumby, slope about −0.6 overall, −1 in the head. */
export const POPULARITY_OFFSET = 1.5
export const POPULARITY_EXPONENT = 0.66
/** Popularity ∝ median price of the type to this power: cables sell more often than laptops. [D] L */
export const POPULARITY_OF_PRICE = -0.5

/**
 * Lines of one unit by price band (upper bound in cents). [M] H: dunnhumby P(1) by unit price. The last is for types of
 * which one is enough, like laptops [D] M; types that are bought several at once have the first.
 */
export const QUANTITY_BANDS = [200, 500, 1000, Number.POSITIVE_INFINITY] as const
export const QUANTITY_ONE = [0.72, 0.82, 0.86, 0.89, 0.97] as const
/** The shares of 2, 3, … 8 within the rest. [M] H */
export const QUANTITY_MORE = [0.72, 0.14, 0.07, 0.03, 0.02, 0.01, 0.01] as const

/** Units of a mean line; the quantity table's own mean is within a few percent of it. [M] of this model */
export const MEAN_QUANTITY = 1.2

/**
 * The maximum number of lines that a store sells in a day, relative to its mean day. A world with dozens of products
 * never reaches it. [D] Ids have digits for twice as many rows, and the loop has room for an hour of it, so no config
 * can exceed the generator's capacity.
 */
export const BUSIEST_DAY = 50

/** Lines of a visit are geometric with this mean. [D] M: half the visits buy one thing. */
export const MEAN_LINES_PER_VISIT = 2

/**
 * Regular prices change at the first Monday of a month: changes per product by calendar month, most in the first quarter; the
 * share that are rises, of one step or two; and the years after which prices stay. [P] H: Nakamura and Steinsson 2008 for
 * the number and for a third of falls; a change is 5 to 10 % [R]. Together 3.2 % a year.
 */
export const PRICE_CHANGES = [0.14, 0.11, 0.1, 0.08, 0.08, 0.075, 0.075, 0.08, 0.09, 0.08, 0.06, 0.05] as const
export const PRICE_STEP = 1.05
export const PRICE_RISES = 0.667
export const PRICE_TWO_STEPS = 0.4
export const PRICE_YEARS = 10
/** Steps that a price may be below and above its first one. */
export const PRICE_LOWEST = -5
export const PRICE_HIGHEST = 16
/**
 * Below this many cents, a step of a price goes to the nearest of these endings, because a dollar would be too much; round
 * prices stay round. [D] L
 */
export const PRICE_FINE_BELOW = 2000
export const PRICE_FINE_ENDINGS = { round: [0, 50], odd: [49, 79, 99] } as const

/** Price elasticity of units. [P] H: −2.62 on average (Bijmolt et al. 2005), −1.6 to −2.6 by category. */
export const ELASTICITY = [-2.4, -2.2, -2.0, -1.7, -2.1] as const

/**
 * Promotions take from rivals: the power of a type's growth that its products lose again, then that of the category's.
 * So a category gains about half of what a product gains. [P] for the split (van Heerde et al. 2003, Leeflang et al. 2008:
 * a third of the bump comes from other items, in the week itself), [D] M for the powers.
 */
export const TAKEN_FROM_TYPE = 0.3
export const TAKEN_FROM_CATEGORY = 0.34

/** Promotion depths on offer and their shares; median 25 %. [M] H: dunnhumby quartiles 16–37 %. */
export const PROMOTION_DEPTHS = [0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6] as const
export const PROMOTION_DEPTH_SHARE = [0, 0.08, 0.17, 0.24, 0.22, 0.17, 0.12, 0, 0] as const
/**
 * Share of product-weeks on promotion: in ordinary weeks, from Black Friday to Christmas, and while the category has a
 * sale, which is the case in a share of all two-week slots. [D] M
 */
export const PROMOTION_RATE = 0.08
export const PROMOTION_RATE_HOLIDAY = 0.18
export const PROMOTION_RATE_SALE = 0.34
export const SALE_SHARE = 0.16
/** Depth index by week of a product's last six weeks. [D] M */
export const MARKDOWN_LADDER = [5, 5, 6, 6, 7, 8] as const

/**
 * Products launch and leave for good, in the first years of a world: the share that is launched after its start, and the
 * weeks that a life has. So about a tenth of all products is launched a year, and a fifth of those on sale leaves. UCI: 29 %
 * first seen after month 1, an upper bound. [D] L
 */
export const LIFE_YEARS = 3
export const LAUNCHED_SHARE = 0.33
export const LIFE_WEEKS = { min: 140, max: 540 } as const
/** Demand in the first weeks after launch, relative. [D] L */
export const LAUNCH_RAMP = [0.55, 0.85, 1.1, 1.2, 1.15, 1.1] as const

/**
 * Season by category and month, mean 1. [O] H Census factors; clothing and sports damped to today. Books: like sports,
 * with a stronger December [D] M.
 */
export const SEASON = [
  [0.94, 0.88, 0.94, 0.89, 0.97, 0.94, 0.97, 1.0, 0.95, 0.97, 1.17, 1.37],
  [0.83, 0.93, 1.0, 0.97, 1.01, 0.96, 0.94, 1.02, 0.94, 0.96, 1.07, 1.38],
  [0.91, 0.91, 1.0, 0.97, 1.03, 0.96, 1.01, 1.06, 0.98, 1.01, 1.09, 1.07],
  [1.02, 0.84, 0.87, 0.85, 0.89, 0.9, 0.92, 1.18, 0.99, 0.86, 1.06, 1.62],
  [0.97, 0.88, 0.95, 0.91, 0.95, 0.98, 0.94, 1.11, 0.96, 0.9, 1.03, 1.41],
] as const

/**
 * Demand of a type with climate loading 1 in a place of coldness 1 (COLDNESS): the logarithm of its factor, and that
 * by month, because places differ most in winter. [D] L
 */
export const CLIMATE_EFFECT = 0.25
export const CLIMATE_BY_MONTH = [1, 1, 0.8, 0.65, 0.5, 0.4, 0.4, 0.4, 0.5, 0.65, 0.8, 1] as const

/** Monday to Sunday. [M] H: dunnhumby. */
export const WEEKDAY = [1.01, 0.89, 0.86, 0.86, 0.945, 1.17, 1.27] as const

/** Weight of each local hour, Monday–Friday, Saturday, Sunday; closed at 0. [M] H: dunnhumby and Instacart, shop hours [D]. */
export const HOURS = [
  [0, 0, 0, 0, 0, 0, 0, 0.7, 1.9, 3.3, 4.4, 5.6, 6.9, 6.6, 6.8, 7.6, 9.0, 10.4, 10.1, 8.2, 6.0, 3.8, 1.6, 0],
  [0, 0, 0, 0, 0, 0, 0, 0.5, 2.0, 4.2, 6.4, 8.3, 9.3, 9.5, 9.4, 9.2, 9.0, 8.4, 7.2, 5.6, 4.1, 2.8, 1.2, 0],
  [0, 0, 0, 0, 0, 0, 0, 0, 1.0, 3.0, 6.0, 8.6, 10.2, 10.4, 10.2, 9.8, 9.2, 7.8, 6.0, 4.4, 3.0, 1.6, 0, 0],
] as const

/** Deviation of the logarithm of demand: regional weather (seven-day average), and one store on one day. [D] M */
export const WEATHER_SPREAD = 0.3
export const STORE_DAY_SPREAD = 0.17

/**
 * Incidents: chance that one begins in a store, or in a region, within INCIDENT_SLOT days; its demand relative to an ordinary
 * day; and its days. A closure is a power cut, a burst pipe, a road that is dug up; an event is a parade or a match next door;
 * a storm hits all stores of a region. [D] L: real store-days have tails, but no source says how often.
 */
export const INCIDENT_SLOT = 28
export const STORE_CLOSURE = { chance: 0.07, least: 0.06, most: 0.4, days: 2 } as const
export const STORE_EVENT = { chance: 0.07, least: 1.6, most: 2.3, days: 1 } as const
export const REGION_STORM = { chance: 0.06, least: 0.3, most: 0.7, days: 2 } as const

/**
 * Sales area in square feet: median per line that a store sells a day, bounds, and spread; sales grow with its power. A
 * store sells about 300 dollars a square foot and year. [P] M for the dollars: Walmart 430, Target 300, Macy's 173; the
 * rest [D] L.
 */
export const STORE_FEET_PER_LINE = 43
export const STORE_SIZE_MIN = 1_000
export const STORE_SIZE_MAX = 250_000
export const STORE_SIZE_SPREAD = 0.5
export const STORE_SIZE_POWER = 0.7
export const STORE_LUCK_SPREAD = 0.3
/** Stores have their own weekends, shrink, returns, safety stock, and late deliveries: deviations of the logarithm. [D] L */
export const STORE_WEEKEND_SPREAD = 0.08
export const STORE_SHRINK_SPREAD = 0.25
export const STORE_RETURNS_SPREAD = 0.25
export const STORE_SAFETY_SPREAD = 0.25
export const STORE_LATE_SPREAD = 0.45
/** Stores of a city grow with population^0.8. [D] L */
export const CITY_POWER = 0.8

/** Taste of a climate for a category, and of a cluster for a product: deviation of the logarithm. [D] L */
export const TASTE_CATEGORY_SPREAD = 0.12
export const TASTE_PRODUCT_SPREAD = 0.35

/** Products that a store carries per line that it sells a day, so that each sells about once a month or more. [D] M */
export const CARRIED_PER_DAILY_LINE = 5
export const CARRIED_MIN = 60

/** Probability that a further line of a visit complements the previous one, out of 32. [D] L */
export const COMPLEMENT_OF_32 = 7
/**
 * Planned complements: how much more often two types that go together are in one visit than by chance, and the largest
 * number of a product's eight complements of one type, of all types, and of its own type. [D] M
 */
export const COMPLEMENT_LIFT = 3
export const COMPLEMENTS_OF_PAIR = 3
export const COMPLEMENTS_PLANNED = 6
export const COMPLEMENTS_ALIKE = 3

/** Returned units that are fit for resale: those go back to the shelf. [D] M */
export const RESALABLE = 0.9
/** Mean days from sale to return beyond the first. [M] H: UCI, median 9.4 days. */
export const RETURN_MEAN_DAYS = 12
export const RETURN_MAX_DAYS = 60

/** Shrink as a share of units sold. [P] H: NRF 1.3–1.6 % of sales. */
export const SHRINK_RATE = 0.015

/** Probability of taking a substitute for an out-of-stock product, out of 1,024. [P] M: Gruen: 45 %. */
export const SUBSTITUTE_OF_1024 = 461

/**
 * (s,S) stock: safety stock in deviations of demand, for the fifth of the products that sells most and for the rest; the
 * least reorder point; and the days of demand that an order covers, by category (365 / turns × 1.3). [D] M; tuned so that
 * fewer than 15 % of deliveries find an empty shelf.
 */
export const TOP_CLASS = 0.2
export const SAFETY_FACTOR = { top: 3.5, rest: 2.8 } as const
export const REORDER_MIN = 2
/** Days of demand, per unit of the safety factor, against deliveries that take long. [D] M */
export const LEAD_SAFETY_DAYS = 1.5
export const COVER_DAYS = [39, 76, 80, 76, 70] as const
export const VARIANCE_TO_MEAN = 1.6
/** Minimum units on a shelf after it is filled. [D] M */
export const PRESENTATION_MIN = 4
/** Weeks before the end of a product's life in which it is no longer ordered. [D] L */
export const LAST_ORDER_WEEKS = 4

/** Days from order to delivery: the supplier's own, plus an exponential; some are weeks late, in some stores more of them. [D] M */
export const LEAD_MIN_DAYS = 2
export const LEAD_SUPPLIER_DAYS = 3
export const LEAD_MEAN_DAYS = 2.6
export const LEAD_MAX_DAYS = 200
export const LATE_OF_1024 = 82
export const LATE_DAYS = { min: 55, max: 150 } as const
/** Suppliers: one per this many products, Zipf-distributed. [D] L */
export const PRODUCTS_PER_SUPPLIER = 20

/** Local hours: delivery before opening, stock count after closing. [D] */
export const DELIVERY_HOUR = 6
export const COUNT_HOUR = 23
/** Local hours in which customers return goods. [D] */
export const RETURN_HOURS = { from: 10, to: 20 } as const
