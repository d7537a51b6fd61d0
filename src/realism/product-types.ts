/** A type has at least this many products; a name that nothing else ends with is not a type. */
const LEAST = 2
/** The word before the last belongs to the type if it has this many products, and precedes this word nearly always. */
const PAIRS = 3
const NEARLY_ALWAYS = 0.8

/**
 * SQL of the products, numbered, with their types: of the column `product_type` or `type` if there is one, else from the
 * end of the name, without what follows a comma, a colon, or a bracket. That is its last word, `Coat`, or the last two if
 * the first of them hardly ever precedes another word: `Sleeping Bag`, but not `Modern Coat`. A category of titles
 * (books), or in which most products have no type, has none.
 */
export function productTypes(relation: string, columns: ReadonlySet<string>): string {
  const own = ['product_type', 'type'].find((column) => columns.has(column))
  const numbered = `numbered AS (SELECT CAST(row_number() OVER (ORDER BY product_id) AS INTEGER) AS product, * FROM ${relation})`
  const goods = 'product, product_id, category, CAST(base_price * 100 AS INTEGER) AS regular_cents'
  if (own) return `WITH ${numbered} SELECT ${goods}, CAST(${own} AS VARCHAR) AS type FROM numbered`
  return `
WITH ${numbered},
names AS (SELECT product, category, string_split_regex(trim(regexp_replace(name, '\\s*[,:(].*$', '')), '\\s+') AS words FROM numbered),
endings AS (SELECT product, category, words[-1] AS last_word, words[-2] AS word_before FROM names),
counted AS (SELECT *, count(*) OVER (PARTITION BY last_word, word_before) AS pairs,
  count(*) OVER (PARTITION BY word_before) AS of_word_before FROM endings),
candidates AS (SELECT product, category, CASE
  WHEN pairs >= ${PAIRS} AND pairs >= ${NEARLY_ALWAYS} * of_word_before THEN word_before || ' ' || last_word
  ELSE last_word END AS candidate FROM counted),
found AS (SELECT product, category,
  CASE WHEN count(*) OVER (PARTITION BY category, candidate) >= ${LEAST} THEN candidate END AS type FROM candidates),
categories AS (SELECT category, 2 * count(type) >= count(*) AND NOT regexp_matches(category, 'book', 'i') AS typed
  FROM found GROUP BY 1),
types AS (SELECT product, CASE WHEN typed THEN type END AS type FROM found JOIN categories USING (category))
SELECT ${goods}, types.type FROM numbered LEFT JOIN types USING (product)`
}
