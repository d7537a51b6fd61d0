/**
 * Runs work whose result keeps `held`, a lock or a database. If the work fails, this releases it before it rethrows the
 * error.
 */
export async function holding<T>(held: AsyncDisposable, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await held[Symbol.asyncDispose]()
    throw error
  }
}
