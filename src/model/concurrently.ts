/** Does `work` for each item, at most `limit` at a time, and gives the results in the items' order. The first error thrown
 *  is thrown again when what had begun is through.
 *  @param limit  at least 1 */
export async function concurrently<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const errors: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && errors.length === 0) {
      const index = next++;
      try {
        results.set(index, await work(items[index] as T, index));
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (errors.length > 0) throw errors[0];
  return items.map((_, index) => results.get(index) as R);
}
