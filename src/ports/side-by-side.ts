/**
 * Does the work of the items, in their order, at most `most` at a time. After a failure, or once `stop` says so, no other
 * begins.
 */
export async function sideBySide<Item>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<void>,
  stop: () => boolean = () => false,
): Promise<void> {
  const waiting = [...items]
  const next = () => (stop() ? undefined : waiting.shift())
  const some = async () => {
    for (let item = next(); item !== undefined; item = next()) await work(item)
  }
  await Promise.all(Array.from({ length: most }, some)).finally(() => void waiting.splice(0))
}
